package org.hikyaku.route;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.Config;
import org.hikyaku.config.SourcePool;
import org.hikyaku.config.SourcePool.Source;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * The addresses that mail leaves from, out of pools: by a message's number and the weights, so that each attempt for a message comes from
 * the same address (who is put off until he comes again must be known again), and an address more or less moves few. Passed
 * by are those this host does not have, which is told once, and those that have sent what they may today while they are warming up.
 *
 * <p><i>Failure:</i> none left is told as such: mail never leaves from an address that it was not to leave from.
 */
final class Sources {
    private static final Duration TRUST = Duration.ofMinutes(1);

    private static final Optional<Runnable> UNCOUNTED = Optional.of(() -> {});

    private final World world;
    private final DayCounts counts;
    /** Guards what follows. */
    private final Object monitor = new Object();

    private final Set<InetAddress> told = new LinkedHashSet<>();
    private Set<InetAddress> own = Set.of();
    private long looked;
    private boolean known;

    /** What came of a choice. */
    sealed interface Chosen {
        record Hops(List<Hop> hops) implements Chosen {}

        record None(RouteFailure why, String text) implements Chosen {}
    }

    Sources(World world, DayCounts counts) {
        this.world = world;
        this.counts = counts;
    }

    /** Looks which addresses this host has, unless that was done a while ago; for tasks. */
    void look() {
        long now = world.clock().nanos();
        synchronized (monitor) {
            if (known && now - looked < TRUST.toNanos()) {
                return;
            }
        }
        Set<InetAddress> found = world.net().ownAddresses();
        synchronized (monitor) {
            own = found;
            looked = now;
            known = true;
            told.removeAll(found);
        }
    }

    /** Those of {@code hops} that can be reached from the pool, each with the address for this message. */
    Chosen from(String name, List<Hop> hops, long message, Config config) {
        SourcePool pool = config.sources().get(name);
        if (pool == null) { // of settings that have changed just now
            return new Chosen.None(RouteFailure.NO_SOURCE, "there is no pool sources." + name);
        }
        List<Hop> out = new ArrayList<>();
        boolean rests = false;
        for (Hop hop : hops) {
            if (!(hop.endpoint() instanceof Endpoint.Tcp tcp)
                    || tcp.address().getAddress().isLoopbackAddress()) {
                out.add(hop);
                continue;
            }
            List<Source> fit = fitting(name, pool, tcp.address().getAddress());
            Optional<Source> source =
                    fit.stream().filter(each -> mayToday(each, config)).reduce((a, b) -> better(a, b, message));
            source.ifPresent(from -> out.add(hop.from(new Hop.Source(
                    from.address(), from.ehlo().orElse(config.hostname()).ascii()))));
            rests |= source.isEmpty() && !fit.isEmpty();
        }
        return !out.isEmpty()
                ? new Chosen.Hops(out)
                : rests
                        ? new Chosen.None(
                                RouteFailure.SOURCES_REST,
                                "the addresses of sources." + name
                                        + " are warming up and have sent what they may today")
                        : new Chosen.None(
                                RouteFailure.NO_SOURCE,
                                "no address of sources." + name + " can be used for the hosts there are");
    }

    /**
     * Counts one message more that leaves by {@code hop}, before there is a connection: of those that connect at the same time no more
     * begin than may. For tasks.
     *
     * @return what takes it back, when it does not begin; empty when no more may today
     */
    Optional<Runnable> begins(Hop hop, Config config) {
        return hop.source()
                .map(source -> counts.begin(source.address(), mostOf(source.address(), config)))
                .orElse(UNCOUNTED);
    }

    /** The same, which never waits: empty although one may begin, when a task must see to it first. */
    Optional<Runnable> beginsNow(Hop hop, Config config) {
        return hop.source()
                .map(source -> counts.beginNow(source.address(), mostOf(source.address(), config)))
                .orElse(UNCOUNTED);
    }

    /** Notes what has begun. Waits. */
    void close() {
        counts.close();
    }

    private int mostOf(InetAddress address, Config config) {
        LocalDate day = counts.day();
        return config.sources().values().stream()
                .flatMap(pool -> pool.addresses().stream())
                .filter(each -> each.address().equals(address))
                .mapToInt(each -> mostOn(day, each))
                .min()
                .orElse(Integer.MAX_VALUE);
    }

    private List<Source> fitting(String name, SourcePool pool, InetAddress target) {
        boolean four = target instanceof Inet4Address;
        List<Source> fit = new ArrayList<>();
        for (Source each : pool.addresses()) {
            if (each.address() instanceof Inet4Address == four && isOurs(name, each.address())) {
                fit.add(each);
            }
        }
        return fit;
    }

    private boolean isOurs(String pool, InetAddress address) {
        synchronized (monitor) {
            if (own.contains(address)) {
                return true;
            }
            if (!told.add(address)) {
                return false;
            }
        }
        world.events().emit(Event.SOURCE_UNUSABLE, pool, IpLiteral.number(address));
        return false;
    }

    /** As {@link #begins} counts: an address of several pools has their least. */
    private boolean mayToday(Source source, Config config) {
        return counts.hasRoom(source.address(), mostOf(source.address(), config));
    }

    /** How many may begin on {@code day}. */
    private static int mostOn(LocalDate day, Source source) {
        if (source.warmUp().isEmpty()) {
            return Integer.MAX_VALUE;
        }
        long nth = ChronoUnit.DAYS.between(source.warmUp().get().since(), day);
        List<Integer> perDay = source.warmUp().get().perDay();
        return nth >= perDay.size() ? Integer.MAX_VALUE : nth < 0 ? 0 : perDay.get((int) nth);
    }

    private static Source better(Source a, Source b, long message) {
        return score(a, message) >= score(b, message) ? a : b;
    }

    /** Weighted rendezvous: the highest wins, each in proportion to its weight, whatever others there are. */
    private static double score(Source source, long message) {
        long mixed = message * 0x9E3779B97F4A7C15L;
        for (byte octet : source.address().getAddress()) {
            mixed = mix(mixed ^ octet);
        }
        double chance = ((mixed >>> 11) + 1) / (double) ((1L << 53) + 1);
        return -source.weight().orElse(1) / StrictMath.log(chance);
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
