package org.hikyaku.route;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.hikyaku.world.Clock;

/** Ways to hosts that were found under one configuration within the last {@link #TRUST}, the latest {@link #MOST}. */
final class RecentRoutes {
    /** How long a way is believed without asking again. */
    static final Duration TRUST = Duration.ofMinutes(1);

    private static final int MOST = 10_000;

    private final RouteRules rules;
    private final Clock clock;
    private final LinkedHashMap<Course.Target, Found> found = new LinkedHashMap<>();

    private record Found(Route.Hops route, long nanos) {}

    RecentRoutes(RouteRules rules, Clock clock) {
        this.rules = rules;
        this.clock = clock;
    }

    RouteRules rules() {
        return rules;
    }

    Optional<Route.Hops> find(Course.Target target) {
        Found known;
        synchronized (found) {
            known = found.get(target);
        }
        return known == null || clock.nanos() - known.nanos > TRUST.toNanos()
                ? Optional.empty()
                : Optional.of(known.route);
    }

    void put(Course.Target target, Route.Hops route) {
        Found now = new Found(route, clock.nanos());
        synchronized (found) {
            found.remove(target);
            found.put(target, now);
            if (found.size() > MOST) {
                found.pollFirstEntry();
            }
        }
    }
}
