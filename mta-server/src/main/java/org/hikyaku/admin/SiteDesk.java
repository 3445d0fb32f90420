package org.hikyaku.admin;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.hikyaku.deliver.PassedBy;
import org.hikyaku.deliver.SmtpAgent;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.Site;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.queue.SiteState;

/**
 * What waits for which site, what holds it up, and whom nothing goes to for a while, by command. Without a name those with
 * the most waiting, so that nothing is walked through however much waits.
 */
public final class SiteDesk {
    private static final int SITES_SHOWN = 50;
    private static final int HOSTS_SHOWN = 200;

    private final QueueAdmin queue;
    private final SmtpAgent smtp;

    public SiteDesk(QueueAdmin queue, SmtpAgent smtp) {
        this.queue = queue;
        this.smtp = smtp;
    }

    ControlEnd list(ControlRequest request, Rows rows) {
        String name = request.option("name").orElse("").strip();
        List<SiteState> sites = name.isEmpty() ? queue.longest(SITES_SHOWN) : queue.sites(keys(name), domains(name));
        sites.forEach(site -> rows.row(row(site)));
        List<PassedBy> all = smtp.passedBy();
        List<PassedBy> hosts = name.isEmpty()
                ? all
                : all.stream().filter(host -> isMeant(host, name, sites)).toList();
        hosts.stream().limit(HOSTS_SHOWN).forEach(host -> rows.row(row(host)));
        if (hosts.size() > HOSTS_SHOWN) {
            return ControlEnd.done(
                    "and " + (hosts.size() - HOSTS_SHOWN) + " more hosts that are passed by: name a domain");
        }
        boolean none = sites.isEmpty() && hosts.isEmpty();
        return none
                ? ControlEnd.done(name.isEmpty() ? "nothing waits" : "nothing waits for " + name)
                : ControlEnd.done();
    }

    /** As it was shown, or as a rule of the settings is called. */
    private static List<Site> keys(String name) {
        return List.of(new Site(name), new Site("site:" + name));
    }

    private static List<DomainPattern> domains(String name) {
        return DomainPattern.parse(name).stream().toList();
    }

    private static boolean isMeant(PassedBy host, String name, List<SiteState> sites) {
        Set<String> keys = sites.stream().map(site -> site.site().key()).collect(Collectors.toSet());
        boolean ofDomain = domains(name).stream().anyMatch(domain -> domain.holds(host.domain()));
        boolean ofSite = keys.contains(host.who())
                || sites.stream()
                        .anyMatch(site -> site.site().key().contains(host.who().replaceAll(" .*", "")));
        return ofDomain || ofSite || host.who().contains(name);
    }

    private Map<String, Object> row(SiteState state) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("site", state.site().key());
        state.servedBy().ifPresent(site -> row.put("served_by", site.key()));
        row.put("due", state.due());
        row.put("later", state.later());
        row.put("delivering", state.out());
        row.put("window", state.window());
        row.put("window_max", state.most());
        row.put("connections", smtp.connections(state.site()));
        row.put("shut_seconds", seconds(state.shut()));
        row.put("pace_seconds", state.pace().toMillis() / 1000.0);
        state.next().ifPresent(next -> row.put("next_seconds", seconds(next)));
        return row;
    }

    private static Map<String, Object> row(PassedBy host) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("passed_by", host.who());
        host.login().ifPresent(user -> row.put("login", user));
        row.put("domain", host.domain().toString());
        row.put("seconds", seconds(host.left()));
        row.put("why", host.why());
        return row;
    }

    /** Rounded up: who reads 0 may believe that it is over. */
    private static long seconds(Duration time) {
        return Math.ceilDiv(time.toMillis(), 1000);
    }
}
