package org.hikyaku.queue;

import java.util.List;
import java.util.function.Function;
import org.hikyaku.config.Config;
import org.hikyaku.config.Rate;
import org.hikyaku.config.SiteRules;
import org.hikyaku.mail.Site;

/**
 * How much may go to a site.
 *
 * @param connections deliveries at the same time, at least 1
 * @param rates messages begun; each holds in any stretch of its length
 */
record SiteLimits(int connections, List<Rate> rates) {
    SiteLimits {
        rates = List.copyOf(rates);
    }

    /** What the settings say. */
    static Function<Site, SiteLimits> under(Config config) {
        SiteRules rules = new SiteRules(config);
        return site -> new SiteLimits(
                rules.connections(site),
                site.isDomain() ? List.of() : rules.rates(site)); // a domain's site is still to be found
    }
}
