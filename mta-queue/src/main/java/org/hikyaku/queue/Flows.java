package org.hikyaku.queue;

import java.util.LinkedHashMap;
import java.util.function.Function;
import org.hikyaku.mail.Site;

/** What was learned of sites that have nothing in the queue now: the {@link #KNOWN_MAX} that had something last. */
final class Flows {
    static final int KNOWN_MAX = 10_000;

    private final LinkedHashMap<String, Flow> idle = new LinkedHashMap<>();
    private Function<Site, SiteLimits> limits;

    Flows(Function<Site, SiteLimits> limits) {
        this.limits = limits;
    }

    void limits(Function<Site, SiteLimits> now) {
        limits = now;
    }

    /** The flow of a site that gets something to do. */
    Flow of(Site site) {
        Flow known = idle.remove(site.key());
        SiteLimits now = limits.apply(site);
        if (known == null) {
            return new Flow(now);
        }
        known.limits(now);
        return known;
    }

    /** A site has nothing to do any more. */
    void keep(Site site, Flow flow, long now) {
        if (flow.isPlain(now)) {
            return;
        }
        idle.put(site.key(), flow);
        if (idle.size() > KNOWN_MAX) {
            idle.pollFirstEntry();
        }
    }

    void update(Lane lane) {
        lane.flow.limits(limits.apply(lane.site));
    }
}
