package org.hikyaku.admin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private static final int ROWS_MAX = 1_000;

    private final QueueAdmin queue;
    private final SmtpAgent smtp;

    public SiteDesk(QueueAdmin queue, SmtpAgent smtp) {
        this.queue = queue;
        this.smtp = smtp;
    }

    ControlEnd list(ControlRequest request, Rows rows) {
        String name = request.option("name").orElse("").strip();
        List<SiteState> sites = name.isEmpty() ? queue.longest(SITES_SHOWN) : queue.sites(keys(name), domains(name));
        List<PassedBy> hosts = name.isEmpty() ? smtp.passedBy() : meant(name, sites);
        sites.stream().limit(ROWS_MAX).forEach(site -> rows.row(row(site)));
        hosts.stream().limit(ROWS_MAX).forEach(host -> rows.row(row(host)));
        List<String> more = new ArrayList<>();
        more(more, sites.size(), "sites");
        more(more, hosts.size(), "hosts that are passed by");
        return ControlEnd.done(more.toArray(String[]::new));
    }

    private static void more(List<String> all, int count, String what) {
        if (count > ROWS_MAX) {
            all.add("and " + (count - ROWS_MAX) + " more " + what + ": name a domain");
        }
    }

    /** As it was shown, or as a rule of the settings is called. */
    private static List<Site> keys(String name) {
        return List.of(new Site(name), new Site("site:" + name));
    }

    private static List<DomainPattern> domains(String name) {
        return DomainPattern.parse(name).stream().toList();
    }

    /** The hosts of that name or address, of these sites, or that were found by mail for that domain. */
    private List<PassedBy> meant(String name, List<SiteState> sites) {
        List<DomainPattern> domains = domains(name);
        Set<String> names = new HashSet<>();
        names.add(name);
        for (SiteState state : sites) {
            String key = state.site().sourceless().key();
            names.add(key);
            names.addAll(List.of(key.substring(key.indexOf(':') + 1).split(",", -1)));
        }
        return smtp.passedBy().stream()
                .filter(host -> domains.stream().anyMatch(domain -> domain.holds(host.domain())) || isOne(host, names))
                .toList();
    }

    /** {@code mx.example.org [192.0.2.1]:25} is meant by its name, its address, or address and port. */
    private static boolean isOne(PassedBy host, Set<String> names) {
        String who = host.who();
        if (names.contains(who)) {
            return true;
        }
        for (String part : who.split(" ", -1)) {
            String bare = part.replace("[", "").replace("]", "");
            int port = part.lastIndexOf("]:");
            if (names.contains(part) || names.contains(bare) || (port > 0 && names.contains(part.substring(1, port)))) {
                return true;
            }
        }
        return false;
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
