package org.hikyaku.deliver;

import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.config.SiteRules;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Site;
import org.hikyaku.route.Hop;
import org.hikyaku.spool.StoredMessage;

/**
 * One attempt to bring a message to recipients of one route.
 *
 * @param route its name, for log and outcome
 * @param site where it counts
 * @param hops the hosts to try, in order; empty for an agent of this host
 * @param sites the rules of this attempt
 */
public record Delivery(
        StoredMessage message, List<Recipient> recipients, String route, Site site, List<Hop> hops, SiteRules sites) {
    public Delivery {
        recipients = List.copyOf(recipients);
        hops = List.copyOf(hops);
    }

    public Delivery(
            StoredMessage message, List<Recipient> recipients, String route, Site site, List<Hop> hops, Config config) {
        this(message, recipients, route, site, hops, new SiteRules(config));
    }

    /** Of all its recipients; ours for the bare postmaster. */
    Domain domain() {
        return recipients.getFirst().address().domain().orElse(config().hostname());
    }

    /** The settings of this attempt. */
    public Config config() {
        return sites.config();
    }
}
