package org.hikyaku.deliver;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Site;
import org.hikyaku.route.Hop;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Endpoint;

/**
 * The hosts that could not be used, and until when they are passed by: {@link #FIRST}; one that does not answer at all twice
 * as long each time, at most {@link #MOST}. When the time is over a single attempt may try, until it tells what came of it.
 * And the sites whose reply asked for a longer rest. docs/sites.md.
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
    /** Guards both maps. */
    private final Object monitor = new Object();

    private final Map<Door, Pause> hosts = new LinkedHashMap<>();
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
     * @param domain whose mail found it so
     * @param length of its last time
     * @param trial somebody tries it
     */
    private record Pause(Domain domain, long until, Duration length, boolean trial, String why) {}

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
                tries(Door.ofAll(hop), now);
                tries(Door.ofLogin(hop), now);
            }
            return why;
        }
    }

    private Optional<String> closed(Door door, long now) {
        return Optional.ofNullable(hosts.get(door))
                .filter(known -> known.until - now > 0)
                .map(Pause::why);
    }

    private void tries(Door door, long now) {
        hosts.computeIfPresent(
                door, (same, known) -> new Pause(known.domain, now + TRIAL.toNanos(), known.length, true, known.why));
    }

    /** What came of the attempt says nothing of the host: the next one may try. */
    void untold(Hop hop) {
        long now = clock.nanos();
        synchronized (monitor) {
            ends(Door.ofAll(hop), now);
            ends(Door.ofLogin(hop), now);
        }
    }

    private void ends(Door door, long now) {
        hosts.computeIfPresent(
                door,
                (same, known) -> known.trial ? new Pause(known.domain, now, known.length, false, known.why) : known);
    }

    void usable(Hop hop) {
        synchronized (monitor) {
            hosts.remove(Door.ofAll(hop));
            hosts.remove(Door.ofLogin(hop));
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
            Duration length = !longer ? FIRST : twice.compareTo(MOST) > 0 ? MOST : twice;
            put(hosts, door, new Pause(domain, now + length.toNanos(), length, false, why));
        }
    }

    /** Who wants the mail of some domains tried now may know more of their hosts. */
    void forget(Predicate<Domain> domains) {
        synchronized (monitor) {
            hosts.values().removeIf(pause -> domains.test(pause.domain));
            sites.values().removeIf(pause -> domains.test(pause.domain));
        }
    }

    /** Nothing is to come to it for {@code time}. */
    void suspend(Site site, Domain domain, Duration time, String why) {
        long now = clock.nanos();
        synchronized (monitor) {
            put(sites, site, new Pause(domain, now + time.toNanos(), time, false, why));
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

    private static <K> void put(Map<K, Pause> into, K key, Pause pause) {
        into.remove(key);
        into.put(key, pause);
        if (into.size() > KNOWN_MAX) {
            into.remove(into.keySet().iterator().next());
        }
    }
}
