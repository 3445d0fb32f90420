package org.hikyaku.deliver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Site;
import org.hikyaku.route.Hop;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * The hosts that could not be used, and until when they are passed by: {@link #FIRST}; one that does not answer at all twice
 * as long each time, at most {@link #MOST}. When the time is over a single attempt may try, until it tells what came of it.
 * Those that were silent while another was tried beside them, or connected and were not ready for long, are tried after others for as
 * long. And the sites whose reply asked
 * for a longer rest. docs/sites.md.
 *
 * <p><i>Failure:</i> none; beyond {@link #KNOWN_MAX} hosts the one that was noted first is forgotten, and tried again.
 */
final class HostMemory {
    static final Duration FIRST = Duration.ofMinutes(1);
    static final Duration MOST = Duration.ofMinutes(30);
    static final int KNOWN_MAX = 10_000;
    /** Others pass it by for so long while one tries: more than the time-outs of connect and greeting together. */
    private static final Duration TRIAL = Duration.ofMinutes(10);

    private final Clock clock;
    /** Guards the maps. */
    private final Object monitor = new Object();

    private final Map<Door, Pause> hosts = new LinkedHashMap<>();
    /** In a race, or after it. */
    private final Map<Door, Pause> silent = new LinkedHashMap<>();

    private final Map<Site, Pause> sites = new LinkedHashMap<>();

    /**
     * A host as it is for one address of ours, for all; or only for who logs in there so: whose login does not work shuts out nobody
     * else.
     *
     * @param login empty: for all
     */
    private record Door(Endpoint endpoint, Optional<Hop.Source> source, Optional<Hop.Login> login) {
        static Door ofAll(Hop hop) {
            return new Door(hop.endpoint(), hop.source(), Optional.empty());
        }

        static Door ofLogin(Hop hop) {
            return new Door(hop.endpoint(), hop.source(), hop.login());
        }
    }

    /**
     * @param who for people
     * @param domain whose mail found it so
     * @param length of its last time
     * @param trial somebody tries it
     */
    private record Pause(String who, Domain domain, long until, Duration length, boolean trial, String why) {
        Pause tried(long now) {
            return new Pause(who, domain, now + TRIAL.toNanos(), length, true, why);
        }

        Pause ended(long now) {
            return new Pause(who, domain, now, length, false, why);
        }
    }

    HostMemory(Clock clock) {
        this.clock = clock;
    }

    /**
     * Empty when it may be tried, by the caller, who tells by {@link #usable}, {@link #unusable} or {@link #untold}; else why not.
     */
    Optional<String> passedBy(Hop hop) {
        long now = clock.nanos();
        synchronized (monitor) {
            // both first: who is passed by at one door tries nothing, so nothing of his may keep others from the other
            Optional<String> why = closed(Door.ofAll(hop), now).or(() -> closed(Door.ofLogin(hop), now));
            if (why.isEmpty()) {
                tries(hosts, Door.ofAll(hop), now);
                tries(hosts, Door.ofLogin(hop), now);
                if (!isLast(hop, now)) {
                    tries(silent, Door.ofAll(hop), now);
                }
            }
            return why;
        }
    }

    /** {@code hops}, of equal preference those last that have been silent, or are passed by. */
    List<Hop> inOrder(List<Hop> hops) {
        long now = clock.nanos();
        synchronized (monitor) {
            if (hops.size() == 1 || (hosts.isEmpty() && silent.isEmpty())) {
                return hops;
            }
            List<Hop> ordered = new ArrayList<>(hops);
            ordered.sort(Comparator.comparingInt(Hop::preference).thenComparing(hop -> isLast(hop, now)));
            return ordered;
        }
    }

    private boolean isLast(Hop hop, long now) {
        Pause known = silent.get(Door.ofAll(hop));
        return (known != null && known.until - now > 0)
                || closed(Door.ofAll(hop), now)
                        .or(() -> closed(Door.ofLogin(hop), now))
                        .isPresent();
    }

    /** {@code hops}, those last that are silent or passed by while nobody tries whether they still are. */
    List<Hop> shunnedLast(List<Hop> hops) {
        long now = clock.nanos();
        List<Hop> ordered = new ArrayList<>();
        List<Hop> last = new ArrayList<>();
        synchronized (monitor) {
            hops.forEach(hop -> (isShunned(hop, now) ? last : ordered).add(hop));
        }
        ordered.addAll(last);
        return ordered;
    }

    private boolean isShunned(Hop hop, long now) {
        return isClosed(silent.get(Door.ofAll(hop)), now)
                || isClosed(hosts.get(Door.ofAll(hop)), now)
                || isClosed(hosts.get(Door.ofLogin(hop)), now);
    }

    private static boolean isClosed(@Nullable Pause known, long now) {
        return known != null && !known.trial && known.until - now > 0;
    }

    /** It has not answered for a while, or is not ready: it comes after them, longer each time. */
    void silent(Hop hop, Domain domain) {
        long now = clock.nanos();
        Door door = Door.ofAll(hop);
        synchronized (monitor) {
            Pause known = silent.get(door);
            if (known == null || known.trial || known.until - now <= 0) {
                Duration length = known == null ? FIRST : shorter(known.length.multipliedBy(2), MOST);
                put(silent, door, new Pause(HopAttempt.remote(hop), domain, now + length.toNanos(), length, false, ""));
            }
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private Optional<String> closed(Door door, long now) {
        return Optional.ofNullable(hosts.get(door))
                .filter(known -> known.until - now > 0)
                .map(Pause::why);
    }

    private static void tries(Map<Door, Pause> known, Door at, long now) {
        known.computeIfPresent(at, (same, one) -> one.tried(now));
    }

    /** What came of the attempt says nothing of the host: the next one may try. */
    void untold(Hop hop) {
        long now = clock.nanos();
        synchronized (monitor) {
            ends(Door.ofAll(hop), now);
            ends(Door.ofLogin(hop), now);
            silent.computeIfPresent(Door.ofAll(hop), (same, known) -> known.trial ? known.ended(now) : known);
        }
    }

    private void ends(Door door, long now) {
        hosts.computeIfPresent(door, (same, known) -> known.trial ? known.ended(now) : known);
    }

    void usable(Hop hop) {
        synchronized (monitor) {
            hosts.remove(Door.ofAll(hop));
            hosts.remove(Door.ofLogin(hop));
            silent.remove(Door.ofAll(hop));
        }
    }

    /**
     * @param domain whose mail was to go there
     * @param login it was our login that did not work
     * @param longer each time; a host that the operator named, or that answers, is tried each minute
     */
    void unusable(Hop hop, Domain domain, String why, boolean login, boolean longer) {
        long now = clock.nanos();
        Door door = login ? Door.ofLogin(hop) : Door.ofAll(hop);
        Door other = login ? Door.ofAll(hop) : Door.ofLogin(hop);
        synchronized (monitor) {
            if (!other.equals(door)) {
                ends(other, now);
            }
            Pause known = hosts.get(door);
            if (known != null && !known.trial) {
                return; // another attempt of the same time has told
            }
            Duration twice = known == null ? FIRST : known.length.multipliedBy(2);
            Duration length = longer ? shorter(twice, MOST) : FIRST;
            silent.remove(Door.ofAll(hop)); // this weighs more
            put(hosts, door, new Pause(HopAttempt.remote(hop), domain, now + length.toNanos(), length, false, why));
        }
    }

    /** Who wants the mail of some domains tried now may know more of their hosts. */
    void forget(Predicate<Domain> domains) {
        synchronized (monitor) {
            hosts.values().removeIf(pause -> domains.test(pause.domain));
            silent.values().removeIf(pause -> domains.test(pause.domain));
            sites.values().removeIf(pause -> domains.test(pause.domain));
        }
    }

    /** Nothing is to come to it for {@code time}. */
    void suspend(Site site, Domain domain, Duration time, String why) {
        long now = clock.nanos();
        synchronized (monitor) {
            put(sites, site, new Pause(site.key(), domain, now + time.toNanos(), time, false, why));
        }
    }

    /** Why nothing is to come to it now. */
    Optional<String> suspended(Site site) {
        long now = clock.nanos();
        synchronized (monitor) {
            Pause known = sites.get(site);
            if (known == null) {
                return Optional.empty();
            }
            boolean over = known.until - now <= 0;
            if (over) {
                sites.remove(site);
            }
            return over ? Optional.empty() : Optional.of(known.why);
        }
    }

    /** All that nothing goes to now, the one longest known first. */
    List<PassedBy> all() {
        long now = clock.nanos();
        List<PassedBy> all = new ArrayList<>();
        synchronized (monitor) {
            sites.forEach((site, pause) -> add(all, pause, Optional.empty(), now));
            hosts.forEach((door, pause) -> add(all, pause, door.login.map(Hop.Login::user), now));
        }
        return all;
    }

    private static void add(List<PassedBy> all, Pause pause, Optional<String> login, long now) {
        if (!pause.trial && pause.until - now > 0) {
            all.add(new PassedBy(pause.who, login, pause.domain, pause.why, Duration.ofNanos(pause.until - now)));
        }
    }

    private static <K> void put(Map<K, Pause> into, K key, Pause pause) {
        into.remove(key);
        into.put(key, pause);
        if (into.size() > KNOWN_MAX) {
            into.remove(into.keySet().iterator().next());
        }
    }
}
