package org.hikyaku.route;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.hikyaku.config.Config;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.config.DeliverySettings.SmartHost;
import org.hikyaku.config.LocalSettings;
import org.hikyaku.config.RouteRule;
import org.hikyaku.config.SiteRule;
import org.hikyaku.config.SiteRules;
import org.hikyaku.config.SourcePool;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.mail.Site;
import org.hikyaku.table.RouteTables;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Finds where a recipient's mail goes next, anew at every attempt: the operator's rules first, then the DNS. Waits for the
 * resolver: for tasks, not for loops.
 *
 * <p><i>Failure:</i> always a {@link Route}. A host that the operator set and that cannot be found is
 * {@link Route.Later}, whatever the DNS says: a slip in the settings must not bounce mail.
 */
public final class Router {
    private final World world;
    private final Sources sources;
    /** Under the settings in force; only {@link #reload} writes it. */
    private volatile InForce inForce;
    /** Under the last settings that were none of those: of an attempt that has slept through two reloads, or of a trial. */
    private volatile @Nullable RecentRoutes stranger;

    /** The rules in force, and those before them, which attempts that are under way may still have. */
    private record InForce(RecentRoutes now, RecentRoutes before) {}

    /**
     * Why mail goes where it goes.
     *
     * @param where the rule that decided: {@code file:line}, or the setting
     * @param way {@code mx example.org}, {@code hosts smtp.example.net:587 (verified)}, {@code agent discard}...
     * @param source the pool that it leaves from, with its addresses, or empty; what a site says is known by its domain only
     * @param fallback hosts for what cannot be brought there, or empty
     */
    public record Told(String where, String way, String source, String fallback) {}

    public Router(World world, Config config) {
        this(world, config, RouteTables.NONE);
    }

    /** @param tables the files that the rules of {@code config} name */
    public Router(World world, Config config, RouteTables tables) {
        this(world, config, tables, new DayCounts(world));
    }

    /** The same, which also knows after a restart what has left today from sources that warm up; waits for the disk. */
    public static Router open(World world, Config config, RouteTables tables) {
        return new Router(world, config, tables, new DayCounts(world, config.operationsDirectory()));
    }

    private Router(World world, Config config, RouteTables tables, DayCounts counts) {
        this.world = world;
        this.sources = new Sources(world, counts);
        RecentRoutes first = new RecentRoutes(new RouteRules(config, tables), world.clock());
        this.inForce = new InForce(first, first);
    }

    /** Other settings, which are about to be in force. */
    public synchronized void reload(Config config, RouteTables tables) {
        inForce = new InForce(new RecentRoutes(new RouteRules(config, tables), world.clock()), inForce.now());
    }

    /** The way for {@code asked} under {@code config}. */
    public Route route(Asked asked, Config config) {
        RecentRoutes under = under(config);
        Course.Target to = under.rules().of(asked).to();
        Route route = switch (to) {
            case Course.Target.Local local -> local(local.agent(), config);
            case Course.Target.Fixed fixed -> fixed(fixed.name(), fixed.hosts(), config);
            case Course.Target.Kept kept -> new Route.Agent("pickup", new Site("pickup:" + kept.customer()));
            case Course.Target.ByDns dns -> byDns(dns.domain(), under.rules().sites());
            case Course.Target.Refused refused -> new Route.Refused(refused.reply());
            case Course.Target.Held held -> new Route.Held(held.why());
            case Course.Target.Unknown unknown -> new Route.Later(RouteFailure.MESSAGE_UNREADABLE, unknown.why());
        };
        if (route instanceof Route.Hops hops) {
            sources.look(); // before others can find it
            under.put(to, hops);
            return sourced(hops, under.rules().of(asked), asked, config);
        }
        return route;
    }

    /** From the addresses that its rule says, else those of its site. */
    private Route sourced(Route.Hops hops, Course course, Asked asked, Config config) {
        Optional<String> pool = course.source().or(() -> sites(config).source(hops.site()));
        if (pool.isEmpty() || course.to() instanceof Course.Target.Local) {
            return hops;
        }
        return switch (sources.from(pool.get(), hops.hops(), asked.mail().id(), config)) {
            case Sources.Chosen.Hops some ->
                new Route.Hops(hops.name(), hops.site().from(pool.get()), some.hops());
            case Sources.Chosen.None none -> new Route.Later(none.why(), none.text());
        };
    }

    /** Whether {@code on_demand} or {@code delivery.routes} names who takes mail for {@code domain}. */
    public boolean isNamed(Domain domain, Config config) {
        return under(config).rules().isNamed(domain);
    }

    /** After the last message has left. Waits. */
    public void close() {
        sources.close();
    }

    /**
     * A message is to leave by {@code hop}: what takes that back when it does not; empty when no more may leave from there today. For
     * tasks.
     */
    public Optional<Runnable> begins(Hop hop, Config config) {
        return sources.begins(hop, config);
    }

    /** The same for loops: empty, too, where only a task can say. */
    public Optional<Runnable> beginsNow(Hop hop, Config config) {
        return sources.beginsNow(hop, config);
    }

    /**
     * The way for what cannot be brought to its own hosts; empty when there is none, or none with the TLS that its site needs.
     *
     * @param site that of its own hosts; empty where the DNS has not told it
     */
    public Optional<Route> fallback(Asked asked, Optional<Site> site, Config config) {
        Course course = under(config).rules().of(asked);
        List<SmartHost> hosts = course.fallback();
        if (hosts.isEmpty()) {
            return Optional.empty();
        }
        Route route = fixed("fallback", hosts, config);
        sources.look(); // where the DNS failed, nobody has yet
        if (!(route instanceof Route.Hops all)) {
            return Optional.of(route);
        }
        Hop.Security least = least(course, site, sites(config));
        List<Hop> safe = all.hops().stream()
                .filter(hop -> hop.security().compareTo(least) >= 0)
                .toList();
        return safe.isEmpty()
                ? Optional.empty()
                : Optional.of(sourced(new Route.Hops(all.name(), all.site(), safe), course, asked, config));
    }

    /** What hosts that only the DNS names need, others that stand in for them need, too. */
    private static Hop.Security least(Course course, Optional<Site> site, SiteRules sites) {
        if (!(course.to() instanceof Course.Target.ByDns dns)) {
            return Hop.Security.NONE;
        }
        Site own = site.or(() -> sites.site(dns.domain(), "")).orElseGet(() -> Site.ofDomain(dns.domain()));
        return switch (sites.tls(own).orElse(SiteRule.SiteTls.OPPORTUNISTIC)) {
            case NONE, OPPORTUNISTIC -> Hop.Security.NONE;
            case REQUIRED -> Hop.Security.REQUIRED;
            case VERIFIED -> Hop.Security.VERIFIED;
        };
    }

    /** The rules for the recipients of one message. */
    public MailRules of(Mail mail, Config config) {
        return under(config).rules().of(mail);
    }

    /** Places of {@code all}, recipients of one message, those together that go the same way whatever the DNS says, in their order. */
    public List<List<Integer>> ways(List<Asked> all, Config config) {
        if (all.size() == 1) {
            return List.of(List.of(0));
        }
        MailRules rules = under(config).rules().of(all.getFirst().mail());
        Map<Course, List<Integer>> ways = new LinkedHashMap<>();
        for (int place = 0; place < all.size(); place++) {
            ways.computeIfAbsent(rules.decide(all.get(place)).course(), course -> new ArrayList<>())
                    .add(place);
        }
        return List.copyOf(ways.values());
    }

    /** Where {@code asked} waits until its site is known; for loops, too. */
    public Site home(Asked asked, Config config) {
        return under(config).rules().of(asked.mail()).home(asked.recipient(), asked.ruled());
    }

    /** Whether mail of one domain may go several ways at all. */
    public boolean mayDiffer(Config config) {
        return under(config).rules().mayDiffer();
    }

    /** Which rule decides, for people. */
    public Told explain(Asked asked, Config config) {
        return told(under(config).rules(), asked);
    }

    /** The same of a configuration that is not in force. */
    public static Told explain(Asked asked, Config config, RouteTables tables) {
        return told(new RouteRules(config, tables), asked);
    }

    private static Told told(RouteRules rules, Asked asked) {
        Decision decision = rules.decide(asked);
        Optional<String> pool = decision.course()
                .source()
                .or(() -> asked.recipient()
                        .domain()
                        .filter(d -> decision.course().to() instanceof Course.Target.ByDns)
                        .flatMap(d -> rules.sites().site(d, ""))
                        .flatMap(site -> rules.sites().source(site)));
        String source = pool.map(name -> name + " (" + addresses(rules.config(), name) + ")")
                .orElse("");
        return new Told(decision.where(), decision.way(), source, decision.fallback());
    }

    private static String addresses(Config config, String name) {
        SourcePool pool = config.sources().get(name);
        return pool == null
                ? ""
                : pool.addresses().stream()
                        .map(each -> IpLiteral.number(each.address()))
                        .collect(Collectors.joining(", "));
    }

    /** The rules of sites under {@code config}. */
    public SiteRules sites(Config config) {
        return under(config).rules().sites();
    }

    /** The domain whose MX is asked for {@code recipient}'s mail, whoever sends it; empty where no MX is. For loops, too. */
    public Optional<Domain> byMx(Address recipient, Config config) {
        return under(config).rules().byMx(recipient);
    }

    /** The way for {@code asked} as it was found within the last minute under {@code config}; for loops, too. */
    public Optional<Route.Hops> known(Asked asked, Config config) {
        RecentRoutes under = under(config);
        Course course = under.rules().of(asked);
        return under.find(course.to())
                .flatMap(hops -> sourced(hops, course, asked, config) instanceof Route.Hops some
                        ? Optional.of(some)
                        : Optional.empty());
    }

    private RecentRoutes under(Config config) {
        InForce known = inForce;
        if (isOf(config, known.now())) {
            return known.now();
        }
        if (isOf(config, known.before())) {
            return known.before();
        }
        boolean hasFiles = config.delivery().rules().stream().anyMatch(RouteRule::namesFiles);
        if (hasFiles) {
            return known.now(); // what the files said is gone
        }
        RecentRoutes last = stranger;
        if (last == null || !isOf(config, last)) {
            last = new RecentRoutes(new RouteRules(config, RouteTables.NONE), world.clock());
            stranger = last;
        }
        return last;
    }

    @SuppressWarnings("ReferenceEquality") // a configuration is a snapshot: another object is another one
    private static boolean isOf(Config config, RecentRoutes routes) {
        return routes.rules().config() == config;
    }

    /** The way to a host that the operator named for something else than mail of one domain. */
    public Route to(String name, SmartHost host, Config config) {
        return fixed(name, List.of(host), config);
    }

    private Route byDns(Domain domain, SiteRules sites) {
        MxFinder finder = new MxFinder(world, sites, domain);
        return IpLiteral.parse(domain.ascii())
                .map(literal -> finder.toLiteral(literal.address()))
                .orElseGet(finder::find);
    }

    private Route local(String agent, Config config) {
        if (!agent.equals(LocalSettings.LocalDelivery.LMTP.agent())) {
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

    /** Those whose addresses are known, in their order. */
    private Route fixed(String name, List<SmartHost> hosts, Config config) {
        String key =
                hosts.stream().map(to -> to.host() + ":" + to.port()).collect(Collectors.joining(",", name + ":", ""));
        List<Hop> hops = new ArrayList<>();
        Route trouble = new Route.Later(RouteFailure.DNS_BROKEN, "the settings name no host");
        for (SmartHost to : hosts) {
            Route route =
                    toHost(to.host(), config, addresses -> new Route.Hops(name, new Site(key), hops(to, addresses)));
            if (route instanceof Route.Hops found) {
                int place = hosts.indexOf(to); // the operator's order
                found.hops().forEach(hop -> hops.add(hop.preferred(place)));
            } else {
                trouble = route;
            }
        }
        return hops.isEmpty() ? trouble : new Route.Hops(name, new Site(key), hops);
    }

    private static List<Hop> hops(SmartHost to, List<InetAddress> addresses) {
        Optional<Hop.Login> login = login(to);
        return addresses.stream()
                .map(a -> new Hop(
                        to.host(), new Endpoint.Tcp(a, to.port()), Hop.Protocol.SMTP, securityOf(to.tls()), login))
                .toList();
    }

    private static Optional<Hop.Login> login(SmartHost to) {
        boolean bind = to.channelBinding()
                .filter(DeliverySettings.ChannelBinding.PREFER::equals)
                .isPresent();
        return to.user()
                .flatMap(user -> to.passwordFile()
                        .map(file -> new Hop.Login(user, file, bind))
                        .or(() -> to.tokenFile().map(file -> Hop.Login.withToken(user, file)))
                        .or(() -> to.certificate().map(shown -> Hop.Login.withCertificate(user))));
    }

    private static Hop.Security securityOf(DeliverySettings.SmartHostTls tls) {
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
