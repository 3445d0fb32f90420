package org.hikyaku.queue;

import java.time.Duration;
import java.util.Optional;
import org.hikyaku.mail.Site;

/**
 * What waits for a site at one moment, and how much may go there (docs/sites.md).
 *
 * @param servedBy where what waits here goes instead: the site that serves this domain
 * @param due parcels that could go now if there were room
 * @param later those whose time has not come
 * @param out deliveries under way
 * @param window how many there may be now
 * @param most how many there may ever be, by the settings
 * @param shut for so long nothing goes whatever the window: the site rests, or its rates or its pace say so; zero: it is open
 * @param pace the least time between two messages that its complaints have taught; zero: none
 * @param next until the first of {@code later} is due; empty: there is none
 */
public record SiteState(
        Site site,
        Optional<Site> servedBy,
        int due,
        int later,
        int out,
        int window,
        int most,
        Duration shut,
        Duration pace,
        Optional<Duration> next) {
    static SiteState of(Lane lane, long now) {
        Optional<Duration> next =
                lane.later.isEmpty() ? Optional.empty() : Optional.of(until(lane.later.first().due, now));
        return new SiteState(
                lane.site,
                Optional.ofNullable(lane.flowsTo),
                lane.first.size() + lane.again.size(),
                lane.later.size(),
                lane.lent,
                lane.flow.window(),
                lane.flow.most(),
                until(lane.flow.opens(), now),
                lane.flow.pace(),
                next);
    }

    private static Duration until(long then, long now) {
        return then <= now ? Duration.ZERO : Duration.ofMillis(then - now);
    }
}
