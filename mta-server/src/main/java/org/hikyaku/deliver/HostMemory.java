package org.hikyaku.deliver;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
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

    private final Map<Endpoint, Pause> hosts = new LinkedHashMap<>();
    private final Map<Site, Pause> sites = new LinkedHashMap<>();

    /**
     * @param length of its last time
     * @param trial somebody tries it
     */
    private record Pause(long until, Duration length, boolean trial, String why) {}

    HostMemory(Clock clock) {
        this.clock = clock;
    }

    /** Empty when it may be tried, by the caller, who tells by {@link #usable} or {@link #unusable}; else why not. */
    Optional<String> passedBy(Hop hop) {
        synchronized (monitor) {
            Pause known = hosts.get(hop.endpoint());
            if (known == null) {
                return Optional.empty();
            }
            long now = clock.nanos();
            if (known.until - now > 0) {
                return Optional.of(known.why);
            }
            hosts.put(hop.endpoint(), new Pause(now + TRIAL.toNanos(), known.length, true, known.why));
            return Optional.empty();
        }
    }

    void usable(Hop hop) {
        synchronized (monitor) {
            hosts.remove(hop.endpoint());
        }
    }

    /** @param longer each time; a host that the operator named, or that answers, is tried each minute */
    void unusable(Hop hop, String why, boolean longer) {
        synchronized (monitor) {
            Pause known = hosts.get(hop.endpoint());
            if (known != null && !known.trial) {
                return; // another attempt of the same time has told
            }
            Duration twice = known == null ? FIRST : known.length.multipliedBy(2);
            Duration length = !longer ? FIRST : twice.compareTo(MOST) > 0 ? MOST : twice;
            put(hosts, hop.endpoint(), length, why);
        }
    }

    /** Who wants mail tried now may know more. */
    void forget() {
        synchronized (monitor) {
            hosts.clear();
            sites.clear();
        }
    }

    /** Nothing is to come to it for {@code time}. */
    void suspend(Site site, Duration time, String why) {
        synchronized (monitor) {
            put(sites, site, time, why);
        }
    }

    /** Why nothing is to come to it now. */
    Optional<String> suspended(Site site) {
        synchronized (monitor) {
            Pause known = sites.get(site);
            if (known == null) {
                return Optional.empty();
            }
            boolean over = known.until - clock.nanos() <= 0;
            if (over) {
                sites.remove(site);
            }
            return over ? Optional.empty() : Optional.of(known.why);
        }
    }

    private <K> void put(Map<K, Pause> into, K key, Duration length, String why) {
        into.remove(key);
        into.put(key, new Pause(clock.nanos() + length.toNanos(), length, false, why));
        if (into.size() > KNOWN_MAX) {
            into.remove(into.keySet().iterator().next());
        }
    }
}
