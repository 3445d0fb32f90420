package org.hikyaku.route;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.Config.SmartHost;
import org.hikyaku.config.SiteRules;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.jspecify.annotations.Nullable;

/**
 * What the operator's settings say of a domain, before any question to the DNS. Pure; made once for a configuration.
 *
 * <p>The first that fits is taken: a local domain; a customer that fetches its mail; the entry of {@code delivery.routes} of exactly this domain; the one
 * with a leading dot that is nearest above it (or is itself); the smart host; the DNS.
 *
 * <p><i>Failure:</i> none; names that are no domains were refused with the configuration and are not found.
 */
final class RouteRules {
    private final Config config;
    private final SiteRules sites;
    private final Map<String, SmartHost> routes = new LinkedHashMap<>();

    /** Where a domain's mail goes; equal for recipients that go the same way. */
    sealed interface Rule {
        /** To an agent of this host, by its name; {@code lmtp} is a host all the same. */
        record Local(String agent) implements Rule {}

        /**
         * To one host, without MX.
         *
         * @param name {@code route} or {@code smarthost}
         */
        record Fixed(String name, SmartHost host) implements Rule {}

        /** Kept for a customer until he fetches it (RFC 2645). */
        record Kept(String customer) implements Rule {}

        record ByDns(Domain domain) implements Rule {}
    }

    RouteRules(Config config) {
        this.config = config;
        this.sites = new SiteRules(config);
        config.delivery().routes().forEach((key, host) -> {
            boolean below = key.startsWith(".");
            Domain.parse(below ? key.substring(1) : key)
                    .ifPresent(domain -> routes.put((below ? "." : "") + domain.ascii(), host));
        });
    }

    Config config() {
        return config;
    }

    SiteRules sites() {
        return sites;
    }

    Rule of(Address recipient) {
        Optional<Domain> domain = recipient.domain();
        // the bare postmaster (RFC 5321 4.5.1) is local too
        if (domain.isEmpty() || config.local().domains().contains(domain.get())) {
            return new Rule.Local(config.agents().agentOf(recipient, config.local()));
        }
        return of(domain.get());
    }

    private Rule of(Domain domain) {
        for (Map.Entry<String, Config.Customer> each :
                config.onDemand().customers().entrySet()) {
            if (each.getValue().keeps(domain)) {
                return new Rule.Kept(each.getKey());
            }
        }
        SmartHost route = routeOf(domain);
        if (route != null) {
            return new Rule.Fixed("route", route);
        }
        Optional<SmartHost> smartHost = config.delivery().smartHost();
        return smartHost.isPresent() ? new Rule.Fixed("smarthost", smartHost.get()) : new Rule.ByDns(domain);
    }

    private @Nullable SmartHost routeOf(Domain domain) {
        SmartHost exact = routes.get(domain.ascii());
        if (exact != null || domain.isLiteral()) {
            return exact;
        }
        String suffix = "." + domain.ascii();
        while (!suffix.isEmpty()) {
            SmartHost found = routes.get(suffix);
            if (found != null) {
                return found;
            }
            int dot = suffix.indexOf('.', 1);
            suffix = dot < 0 ? "" : suffix.substring(dot);
        }
        return null;
    }
}
