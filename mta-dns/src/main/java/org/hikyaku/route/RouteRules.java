package org.hikyaku.route;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.DeliverySettings.SmartHost;
import org.hikyaku.config.OnDemandSettings;
import org.hikyaku.config.SiteRules;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.table.AddressKeys;
import org.hikyaku.table.RouteTables;

/**
 * What the operator's settings say of a message for one recipient, before any question to the DNS; docs/routes.md. Made once for a
 * configuration. Pure, but that a rule may read the message's header.
 *
 * <p>The first of {@code delivery.rules} that fits; else the usual way: a local domain; a customer that fetches its mail; the entry of
 * {@code delivery.routes} of exactly this domain; the one with a leading dot that is nearest above it (or is itself); the smart
 * host; the DNS.
 *
 * <p><i>Failure:</i> none; names that are no domains were refused with the configuration and are not found.
 */
final class RouteRules {
    /** The name of the way by {@code delivery.smart_host}. */
    static final String SMART_HOST = "smarthost";

    private final Config config;
    private final SiteRules sites;
    private final Map<String, SmartHost> routes = new LinkedHashMap<>();
    private final List<RuleMatcher> rules;

    RouteRules(Config config, RouteTables tables) {
        this.config = config;
        this.sites = new SiteRules(config);
        this.rules = config.delivery().rules().stream()
                .map(rule -> new RuleMatcher(rule, config, tables))
                .toList();
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

    /** Whether mail of one domain may go several ways. */
    boolean mayDiffer() {
        return !rules.isEmpty() || !config.agents().of().isEmpty();
    }

    List<RuleMatcher> matchers() {
        return rules;
    }

    /** Whether a program takes what goes there. */
    boolean isProgram(Course.Target to) {
        return to instanceof Course.Target.Local(String agent) && isProgram(agent);
    }

    boolean isProgram(String agent) {
        return config.agents().pipes().containsKey(agent);
    }

    /** Whether a program may take it without rules: that of some address of ours, or of all. */
    boolean mayRun(Address recipient) {
        boolean local = recipient.domain().map(this::isLocal).orElse(true);
        return local
                && (isProgram(usual(recipient).course().to())
                        || config.agents().of().values().stream().anyMatch(this::isProgram));
    }

    /** For the recipients of one message. */
    MailRules of(Mail mail) {
        return new MailRules(this, mail);
    }

    Course of(Asked asked) {
        return decide(asked).course();
    }

    Decision decide(Asked asked) {
        return of(asked.mail()).decide(asked);
    }

    /** The domain whose MX mail for {@code recipient} goes by, whoever sends what. */
    Optional<Domain> byMx(Address recipient) {
        AddressKeys keys = AddressKeys.of(recipient);
        return usual(recipient).course().to() instanceof Course.Target.ByDns dns
                        && !dns.domain().isLiteral()
                        && rules.stream().noneMatch(rule -> rule.mayTurn(keys))
                ? Optional.of(dns.domain())
                : Optional.empty();
    }

    /** The way of an address of ours with an agent that is not its domain's, by the {@code usual} decision about it. */
    Optional<String> own(Decision usual, Domain domain) {
        boolean own = usual.course().to() instanceof Course.Target.Local(String agent)
                && !agent.equals(config.agents().agentOf(domain, config.local()));
        return own ? Optional.of(usual.way()) : Optional.empty();
    }

    boolean isLocal(Domain domain) {
        return config.local().domains().contains(domain);
    }

    /** Where mail for {@code recipient} goes without rules. */
    Decision usual(Address recipient) {
        Optional<Domain> domain = recipient.domain();
        // the bare postmaster (RFC 5321 4.5.1) is local too
        if (domain.isEmpty() || isLocal(domain.get())) {
            Course.Target agent = new Course.Target.Local(config.agents().agentOf(recipient, config.local()));
            return new Decision(new Course(agent), "local.domains", false);
        }
        return usual(domain.get());
    }

    /** Where mail for a domain that is not ours goes without rules. */
    Decision usual(Domain domain) {
        for (Map.Entry<String, OnDemandSettings.Customer> each :
                config.onDemand().customers().entrySet()) {
            if (each.getValue().keeps(domain)) {
                Course kept = new Course(new Course.Target.Kept(each.getKey()));
                return new Decision(kept, "on_demand.customers." + each.getKey(), false);
            }
        }
        Optional<Map.Entry<String, SmartHost>> route = routeOf(domain);
        if (route.isPresent()) {
            Course.Target host =
                    new Course.Target.Fixed("route", List.of(route.get().getValue()));
            return new Decision(
                    new Course(host), "delivery.routes." + route.get().getKey(), false);
        }
        Optional<SmartHost> smartHost = config.delivery().smartHost();
        Course.Target target = smartHost.isPresent()
                ? new Course.Target.Fixed(SMART_HOST, List.of(smartHost.get()))
                : new Course.Target.ByDns(domain);
        return new Decision(
                new Course(target, config.delivery().fallback()),
                smartHost.isPresent() ? "delivery.smart_host" : "mx",
                false);
    }

    /** Whether the settings name who takes mail for {@code domain}: a customer, or hosts. */
    boolean isNamed(Domain domain) {
        return config.onDemand().customers().values().stream()
                        .flatMap(customer -> customer.domains().stream())
                        .anyMatch(pattern -> pattern.holds(domain))
                || routeOf(domain).isPresent();
    }

    private Optional<Map.Entry<String, SmartHost>> routeOf(Domain domain) {
        SmartHost exact = routes.get(domain.ascii());
        if (exact != null || domain.isLiteral()) {
            return exact == null ? Optional.empty() : Optional.of(Map.entry(domain.ascii(), exact));
        }
        String suffix = "." + domain.ascii();
        while (!suffix.isEmpty()) {
            SmartHost found = routes.get(suffix);
            if (found != null) {
                return Optional.of(Map.entry(suffix, found));
            }
            int dot = suffix.indexOf('.', 1);
            suffix = dot < 0 ? "" : suffix.substring(dot);
        }
        return Optional.empty();
    }
}
