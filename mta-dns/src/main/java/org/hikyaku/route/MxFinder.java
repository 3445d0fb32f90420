package org.hikyaku.route;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.hikyaku.config.Config;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.config.SiteRule;
import org.hikyaku.config.SiteRules;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Site;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.Resolver.Answer;
import org.hikyaku.world.Resolver.Data.Mx;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * One search for the hosts that take a domain's mail (RFC 5321 5.1, RFC 7505). Waits for the resolver, at most about
 * {@link #BUDGET}. The port is 25, always.
 *
 * <p>Hosts of equal preference come in an order of chance. A host that is ourselves (its name, a loopback or unspecified
 * address, an address of ours) is dropped with all that are not preferred to it, so that mail never loops.
 *
 * <p><i>Failure:</i> no answer from the DNS is {@link Route.Later}; only what the DNS says outright is
 * {@link Route.Never}. Hosts whose addresses are unknown now are passed over while there are others.
 */
final class MxFinder {
    static final int PORT = 25;
    private static final int HOSTS_MAX = 10;
    private static final int QUESTIONS_MAX = 20;
    private static final int HOPS_MAX = 20;
    private static final Duration BUDGET = Duration.ofMinutes(2);

    private final World world;
    private final Config config;
    private final SiteRules sites;
    private final Domain domain;
    private final HostFinder hosts;
    private final Set<InetAddress> own;
    private final long started;

    private final List<Candidate> candidates = new ArrayList<>();
    private Answer.@Nullable Unknown unknown;
    private @Nullable Route self;

    private record Candidate(int preference, Domain host, List<InetAddress> addresses) {}

    MxFinder(World world, SiteRules sites, Domain domain) {
        this.world = world;
        this.sites = sites;
        this.config = sites.config();
        this.domain = domain;
        this.hosts = new HostFinder(world.resolver(), config);
        this.own = new LinkedHashSet<>(world.net().ownAddresses());
        config.delivery().sourceIpv4().ifPresent(own::add);
        config.delivery().sourceIpv6().ifPresent(own::add);
        this.started = world.clock().nanos();
    }

    Route find() {
        return switch (world.resolver().ask(domain, Resolver.Type.MX)) {
            case Answer.Found found -> byRecords(found.records());
            case Answer.NoName no ->
                new Route.Never(RouteFailure.NO_SUCH_DOMAIN, "the domain " + domain + " does not exist");
            // RFC 5321 5.1: no MX at all is an implicit one with preference 0 that points at the domain itself
            case Answer.NoData no -> route(List.of(new Mx(0, domain.ascii(), false)), RouteFailure.NO_ADDRESS);
            case Answer.Unknown why -> Later.of("the MX of " + domain, why);
        };
    }

    /** {@code [192.0.2.1]} (RFC 5321 4.1.3): this address and nothing else. */
    Route toLiteral(InetAddress address) {
        if (address.isMulticastAddress()) {
            return new Route.Never(RouteFailure.NO_ADDRESS, domain + " is no address of a host");
        }
        if (address instanceof Inet6Address && config.delivery().ipv6() == DeliverySettings.Ipv6.OFF) {
            return new Route.Never(
                    RouteFailure.NO_ADDRESS, domain + " is an IPv6 address, and nothing is sent by IPv6");
        }
        Optional<Route> loop = selfBy(domain, List.of(address));
        Site site = new Site("mx:" + domain.ascii());
        return loop.orElseGet(() ->
                new Route.Hops("mx", site, hops(List.of(new Candidate(0, domain, List.of(address))), site)));
    }

    private Route byRecords(List<Resolver.Data> records) {
        List<Mx> mx = new ArrayList<>();
        records.stream().filter(Mx.class::isInstance).map(Mx.class::cast).forEach(mx::add);
        // RFC 7505 3: a null MX stands alone; beside others its "." is no host
        mx.removeIf(Mx::root);
        if (mx.isEmpty()) {
            return new Route.Never(RouteFailure.NULL_MX, domain + " takes no mail (null MX, RFC 7505)");
        }
        return route(mx, RouteFailure.MX_WITHOUT_ADDRESS);
    }

    private Route route(List<Mx> mx, RouteFailure nothing) {
        List<Mx> sorted = new ArrayList<>(mx);
        sorted.sort(Comparator.comparingInt(Mx::preference).thenComparing(Mx::exchange));
        Site site = sites.site(domain, hostOf(sorted.getFirst())).orElseGet(() -> siteOf(sorted));
        int questions = 0;
        for (Mx each : shuffled(sorted)) {
            if (self != null || candidates.size() == HOSTS_MAX || ++questions > QUESTIONS_MAX) {
                break;
            }
            Domain.parse(each.exchange()).filter(this::isNew).ifPresent(host -> ask(each.preference(), host));
        }
        if (!candidates.isEmpty()) {
            return new Route.Hops("mx", site, hops(candidates, site));
        }
        Answer.Unknown why = unknown;
        if (why != null) {
            return Later.of("the addresses of the mail servers of " + domain, why);
        }
        if (self != null) {
            return told(self);
        }
        String lack = nothing == RouteFailure.NO_ADDRESS
                ? domain + " has neither MX nor address"
                : "none of the mail servers of " + domain + " has an address";
        return new Route.Never(nothing, lack);
    }

    private boolean isNew(Domain host) {
        return !host.isLiteral() && candidates.stream().noneMatch(c -> c.host().equals(host));
    }

    private void ask(int preference, Domain host) {
        if (world.clock().nanos() - started > BUDGET.toNanos()) {
            unknown = new Answer.Unknown(Resolver.Cause.TIMEOUT, "looking up its mail servers takes too long");
            return;
        }
        Optional<Route> byName = selfBy(host, List.of());
        HostFinder.Found found = byName.isPresent() ? new HostFinder.Found.None() : hosts.find(host);
        switch (found) {
            case HostFinder.Found.Addresses some -> {
                Optional<Route> loop = selfBy(host, some.addresses());
                loop.ifPresentOrElse(
                        route -> dropFrom(preference, route),
                        () -> candidates.add(new Candidate(preference, host, some.addresses())));
            }
            case HostFinder.Found.None none -> byName.ifPresent(route -> dropFrom(preference, route));
            case HostFinder.Found.Unknown why -> unknown = why.why();
        }
    }

    /** RFC 5321 5.1: we are on the list, so that host and all of its preference and worse are not for us. */
    private void dropFrom(int preference, Route route) {
        self = route;
        candidates.removeIf(candidate -> candidate.preference() >= preference);
    }

    private Optional<Route> selfBy(Domain host, List<InetAddress> addresses) {
        if (host.equals(config.hostname()) || addresses.stream().anyMatch(this::isOurs)) {
            return Optional.of(new Route.Never(
                    RouteFailure.MX_IS_US,
                    "the mail server of " + domain + " is this host, which does not serve it (RFC 5321 5.1)"));
        }
        return addresses.stream().anyMatch(MxFinder::isNowhere)
                ? Optional.of(new Route.Never(
                        RouteFailure.MX_LOOPS, "the mail server " + host + " of " + domain + " has a loopback address"))
                : Optional.empty();
    }

    private boolean isOurs(InetAddress address) {
        return own.contains(address) && !isNowhere(address);
    }

    private static boolean isNowhere(InetAddress address) {
        byte[] octets = address.getAddress();
        // 0.0.0.0/8 is "this host" (RFC 6890), not only its first address
        return address.isLoopbackAddress() || address.isAnyLocalAddress() || (octets.length == 4 && octets[0] == 0);
    }

    private Route told(Route route) {
        if (route instanceof Route.Never never && never.why() == RouteFailure.MX_IS_US) {
            world.events().emit(Event.ROUTE_LOOP, domain.ascii(), never.text());
        }
        return route;
    }

    private List<Mx> shuffled(List<Mx> sorted) {
        List<Mx> out = new ArrayList<>(sorted);
        for (int i = out.size() - 1; i > 0; i--) {
            // swap within the run of equal preference only (RFC 5321 5.1: MUST randomize those)
            int start = i;
            while (start > 0
                    && sorted.get(start - 1).preference() == sorted.get(i).preference()) {
                start--;
            }
            int other = start + world.entropy().below(i - start + 1);
            Mx swap = out.get(i);
            out.set(i, out.get(other));
            out.set(other, swap);
        }
        return out;
    }

    private Hop.Security security(Site site) {
        SiteRule.SiteTls need = sites.tls(site).orElse(SiteRule.SiteTls.OPPORTUNISTIC);
        return switch (need) {
            case NONE -> Hop.Security.NONE;
            case OPPORTUNISTIC -> config.delivery().startTls() ? Hop.Security.OPPORTUNISTIC : Hop.Security.NONE;
            case REQUIRED -> Hop.Security.REQUIRED;
            case VERIFIED -> Hop.Security.VERIFIED;
        };
    }

    private static Site siteOf(List<Mx> sorted) {
        return new Site(
                sorted.stream().limit(HOSTS_MAX).map(MxFinder::hostOf).collect(Collectors.joining(",", "mx:", "")));
    }

    private static String hostOf(Mx mx) {
        return Domain.parse(mx.exchange()).map(Domain::ascii).orElse(mx.exchange());
    }

    private List<Hop> hops(List<Candidate> from, Site site) {
        Hop.Security security = security(site);
        return from.stream()
                .flatMap(candidate -> candidate.addresses().stream()
                        .map(address -> new Hop(
                                        candidate.host().ascii(),
                                        new Endpoint.Tcp(address, PORT),
                                        Hop.Protocol.SMTP,
                                        security,
                                        Optional.empty())
                                .byDns()
                                .preferred(candidate.preference())))
                .limit(HOPS_MAX)
                .toList();
    }
}
