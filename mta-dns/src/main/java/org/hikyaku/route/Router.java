package org.hikyaku.route;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.Config.SmartHost;
import org.hikyaku.config.SiteRules;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Site;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.World;

/**
 * Finds where a recipient's mail goes next, anew at every attempt: the operator's rules first, then the DNS. Waits for the
 * resolver: for tasks, not for loops.
 *
 * <p><i>Failure:</i> always a {@link Route}. A host that the operator set and that cannot be found is
 * {@link Route.Later}, whatever the DNS says: a slip in the settings must not bounce mail.
 */
public final class Router {
    private final World world;
    private volatile RecentRoutes recent;

    public Router(World world, Config config) {
        this.world = world;
        this.recent = new RecentRoutes(new RouteRules(config), world.clock());
    }

    /** The way for {@code recipient} under {@code config}. */
    public Route route(Address recipient, Config config) {
        RecentRoutes under = under(config);
        RouteRules.Rule rule = under.rules().of(recipient);
        Route route = switch (rule) {
            case RouteRules.Rule.Local local -> local(local.agent(), config);
            case RouteRules.Rule.Fixed fixed -> fixed(fixed.name(), fixed.host(), config);
            case RouteRules.Rule.Kept kept -> new Route.Agent("pickup", new Site("pickup:" + kept.customer()));
            case RouteRules.Rule.ByDns dns -> byDns(dns.domain(), under.rules().sites());
        };
        if (route instanceof Route.Hops hops) {
            under.put(rule, hops);
        }
        return route;
    }

    /** Places of {@code recipients}, those together that go the same way whatever the DNS says, in their order. */
    public List<List<Integer>> ways(List<Recipient> recipients, Config config) {
        if (recipients.size() == 1) {
            return List.of(List.of(0));
        }
        RouteRules rules = under(config).rules();
        Map<RouteRules.Rule, List<Integer>> ways = new LinkedHashMap<>();
        for (int place = 0; place < recipients.size(); place++) {
            ways.computeIfAbsent(rules.of(recipients.get(place).address()), rule -> new ArrayList<>())
                    .add(place);
        }
        return List.copyOf(ways.values());
    }

    /** The rules of sites under {@code config}. */
    public SiteRules sites(Config config) {
        return under(config).rules().sites();
    }

    /** The domain whose MX is asked for {@code recipient}'s mail; empty where no MX is. For loops, too. */
    public Optional<Domain> byMx(Address recipient, Config config) {
        return under(config).rules().of(recipient) instanceof RouteRules.Rule.ByDns dns
                        && !dns.domain().isLiteral()
                ? Optional.of(dns.domain())
                : Optional.empty();
    }

    /** The way for {@code recipient} as it was found within the last minute under {@code config}; for loops, too. */
    public Optional<Route.Hops> known(Address recipient, Config config) {
        RecentRoutes under = under(config);
        return under.find(under.rules().of(recipient));
    }

    @SuppressWarnings("ReferenceEquality") // a configuration is a snapshot: another object is another one
    private RecentRoutes under(Config config) {
        RecentRoutes latest = recent;
        if (latest.rules().config() != config) {
            latest = new RecentRoutes(new RouteRules(config), world.clock());
            recent = latest;
        }
        return latest;
    }

    /** The way to a host that the operator named for something else than mail of one domain. */
    public Route to(String name, SmartHost host, Config config) {
        return fixed(name, host, config);
    }

    private Route byDns(Domain domain, SiteRules sites) {
        MxFinder finder = new MxFinder(world, sites, domain);
        return IpLiteral.parse(domain.ascii())
                .map(literal -> finder.toLiteral(literal.address()))
                .orElseGet(finder::find);
    }

    private Route local(String agent, Config config) {
        if (!agent.equals(Config.LocalDelivery.LMTP.agent())) {
            return new Route.Agent(agent, new Site("agent:" + agent));
        }
        String server = config.local().lmtp().orElse("");
        Site site = new Site("lmtp:" + server);
        if (server.startsWith("unix:")) {
            Endpoint socket = new Endpoint.Unix(Path.of(server.substring("unix:".length())));
            return new Route.Hops("lmtp", site, List.of(lmtp(server, socket)));
        }
        int colon = server.lastIndexOf(':');
        if (colon < 0 || !server.substring(colon + 1).matches("[0-9]{1,5}")) {
            return new Route.Later(RouteFailure.DNS_BROKEN, "local.lmtp is no server: " + server);
        }
        int port = Integer.parseInt(server.substring(colon + 1));
        String host = server.substring(0, colon);
        return toHost(
                host,
                config,
                addresses -> new Route.Hops(
                        "lmtp",
                        site,
                        addresses.stream()
                                .map(a -> lmtp(host, new Endpoint.Tcp(a, port)))
                                .toList()));
    }

    private static Hop lmtp(String host, Endpoint endpoint) {
        return new Hop(host, endpoint, Hop.Protocol.LMTP, Hop.Security.NONE, Optional.empty());
    }

    private Route fixed(String name, SmartHost to, Config config) {
        Site site = new Site(name + ":" + to.host() + ":" + to.port());
        Optional<Hop.Login> login = login(to);
        return toHost(
                to.host(),
                config,
                addresses -> new Route.Hops(
                        name,
                        site,
                        addresses.stream()
                                .map(a -> new Hop(
                                        to.host(),
                                        new Endpoint.Tcp(a, to.port()),
                                        Hop.Protocol.SMTP,
                                        securityOf(to.tls()),
                                        login))
                                .toList()));
    }

    private static Optional<Hop.Login> login(SmartHost to) {
        boolean bind =
                to.channelBinding().filter(Config.ChannelBinding.PREFER::equals).isPresent();
        return to.user()
                .flatMap(user -> to.passwordFile()
                        .map(file -> new Hop.Login(user, file, bind))
                        .or(() -> to.tokenFile().map(file -> Hop.Login.withToken(user, file)))
                        .or(() -> to.certificate().map(shown -> Hop.Login.withCertificate(user))));
    }

    private static Hop.Security securityOf(Config.SmartHostTls tls) {
        return switch (tls) {
            case NONE -> Hop.Security.NONE;
            case OPPORTUNISTIC -> Hop.Security.OPPORTUNISTIC;
            case VERIFIED -> Hop.Security.VERIFIED;
            case IMPLICIT -> Hop.Security.IMPLICIT;
        };
    }

    /** A host that the settings name, by name or by number, with or without brackets. */
    private Route toHost(String host, Config config, ByAddresses route) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        Optional<InetAddress> number =
                IpLiteral.parseAddress(bare).or(() -> IpLiteral.parse(host).map(IpLiteral::address));
        if (number.isPresent()) {
            return route.to(List.of(number.get()));
        }
        Optional<Domain> name = Domain.parse(host).filter(domain -> !domain.isLiteral());
        if (name.isEmpty()) {
            return new Route.Later(RouteFailure.DNS_BROKEN, "the settings name no host: " + host);
        }
        return switch (new HostFinder(world.resolver(), config).find(name.get())) {
            case HostFinder.Found.Addresses found -> route.to(found.addresses());
            case HostFinder.Found.None none ->
                new Route.Later(RouteFailure.NO_ADDRESS, host + ", which the settings name, has no address");
            case HostFinder.Found.Unknown why -> Later.of("the address of " + host, why.why());
        };
    }

    /** Makes the route once the addresses are known. */
    private interface ByAddresses {
        Route to(List<InetAddress> addresses);
    }
}
