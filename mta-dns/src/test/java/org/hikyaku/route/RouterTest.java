package org.hikyaku.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.config.Rate;
import org.hikyaku.config.SiteRules;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Site;
import org.hikyaku.table.RouteTables;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.Resolver.Cause;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouterTest {
    private static final String BASE = """
            hostname = mail.here.example
            data_dir = /var/lib/hikyaku
            auth.users = /etc/hikyaku/users
            local { domains = [here.example], postmaster = "anna@here.example" }
            """;

    private final Outside outside = new Outside();

    private Route route(String recipient, String... settings) {
        Config config = ConfigReader.fromText(BASE + String.join("\n", settings));
        return new Router(outside.world(), config).route(asked(recipient), config);
    }

    private static Asked asked(String recipient) {
        return new Asked(new Mail(7, Address.NULL, "", "", "", 1_000, Head.unread()), Address.of(recipient), false);
    }

    private static List<String> hops(Route route) {
        assertThat(route).isInstanceOf(Route.Hops.class);
        return ((Route.Hops) route)
                .hops().stream().map(hop -> hop.host() + " " + hop.endpoint()).toList();
    }

    private static RouteFailure never(Route route) {
        assertThat(route).isInstanceOf(Route.Never.class);
        return ((Route.Never) route).why();
    }

    private static RouteFailure later(Route route) {
        assertThat(route).isInstanceOf(Route.Later.class);
        return ((Route.Later) route).why();
    }

    @Test
    void hostsComeByPreferenceAndIpv6BeforeIpv4() { // RFC 5321 5.1, 5.2
        outside.mx("there.example", "20 b.example", "10 a.example").host("a.example", "192.0.2.1", "2001:db8::1");
        outside.host("b.example", "192.0.2.2");
        assertThat(hops(route("x@there.example")))
                .containsExactly("a.example [2001:db8::1]:25", "a.example [192.0.2.1]:25", "b.example [192.0.2.2]:25");
    }

    @Test
    void addressesOfBothFamiliesComeInTurn() { // RFC 8305 4
        outside.mx("there.example", "10 a.example")
                .host("a.example", "192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2");
        assertThat(hops(route("x@there.example")))
                .containsExactly(
                        "a.example [2001:db8::1]:25",
                        "a.example [192.0.2.1]:25",
                        "a.example [2001:db8::2]:25",
                        "a.example [192.0.2.2]:25",
                        "a.example [192.0.2.3]:25");
        assertThat(hops(route("x@there.example", "delivery.ipv6 = avoid")))
                .containsExactly(
                        "a.example [192.0.2.1]:25",
                        "a.example [2001:db8::1]:25",
                        "a.example [192.0.2.2]:25",
                        "a.example [2001:db8::2]:25",
                        "a.example [192.0.2.3]:25");
    }

    @Test
    void aHostsPlaceAmongTheOthersIsKnown() { // RFC 5321 5.1
        outside.mx("there.example", "20 b.example", "10 a.example", "10 c.example")
                .host("a.example", "192.0.2.1")
                .host("b.example", "192.0.2.2")
                .host("c.example", "192.0.2.3");
        assertThat(route("x@there.example"))
                .isInstanceOfSatisfying(
                        Route.Hops.class,
                        found -> assertThat(found.hops())
                                .extracting(Hop::preference)
                                .containsExactly(10, 10, 20));
        Hop hop = ((Route.Hops) route("x@there.example")).hops().getFirst();
        assertThat(hop.serves(hop.preferred(20))).isTrue();
        assertThat(hop).isNotEqualTo(hop.preferred(20));
    }

    @Test
    void ipv6OffAsksForNoIpv6() {
        outside.mx("there.example", "10 a.example").host("a.example", "192.0.2.1", "2001:db8::1");
        assertThat(hops(route("x@there.example", "delivery.ipv6 = off"))).containsExactly("a.example [192.0.2.1]:25");
        assertThat(outside.asked).doesNotContain("a.example AAAA");
    }

    @Test
    void aSiteSaysWhatTlsItsHostsNeed() {
        outside.mx("there.example", "10 a.example").host("a.example", "192.0.2.1");
        String site = "sites.there { domains = [there.example], tls = ";
        assertThat(security("")).isEqualTo(Hop.Security.OPPORTUNISTIC);
        assertThat(security(site + "none }")).isEqualTo(Hop.Security.NONE);
        assertThat(security(site + "required }")).isEqualTo(Hop.Security.REQUIRED);
        assertThat(security(site + "verified }\ndelivery.start_tls = false")).isEqualTo(Hop.Security.VERIFIED);
        assertThat(security("sites.any.tls = required")).isEqualTo(Hop.Security.REQUIRED);
    }

    /** RFC 8689 4.2.1: what a site demands makes nothing of an unsigned MX true. */
    @Test
    void noHostThatTheDnsNamedIsProved() {
        outside.mx("there.example", "10 a.example").host("a.example", "192.0.2.1");
        outside.host("relay.example", "192.0.2.9");
        assertThat(((Route.Hops) route("x@there.example", "sites.any.tls = verified")).hops())
                .isNotEmpty()
                .noneMatch(Hop::isProved);
        String named = "delivery.smart_host { host = relay.example, port = 587, tls = verified }";
        assertThat(((Route.Hops) route("x@there.example", named)).hops())
                .isNotEmpty()
                .allMatch(Hop::isProved);
    }

    private Hop.Security security(String settings) {
        return ((Route.Hops) route("x@there.example", settings))
                .hops()
                .getFirst()
                .security();
    }

    @Test
    void equalPreferencesAreShuffledAndTheSiteIsTheSame() { // RFC 5321 5.1: MUST randomize
        Set<String> firsts = new TreeSet<>();
        Set<String> sites = new TreeSet<>();
        Set<String> lasts = new TreeSet<>();
        for (int seed = 0; seed < 40; seed++) {
            Route.Hops found = (Route.Hops) shuffled(seed);
            firsts.add(found.hops().getFirst().host());
            lasts.add(found.hops().getLast().host());
            sites.add(found.site().key());
        }
        assertThat(firsts).containsExactly("a.example", "b.example", "c.example");
        assertThat(lasts).containsExactly("z.example");
        assertThat(sites).containsExactly("mx:a.example,b.example,c.example,z.example");
    }

    private Route shuffled(int seed) {
        outside.seed(seed).mx("there.example", "5 a.example", "9 z.example", "5 c.example", "5 b.example");
        for (String host : List.of("a", "b", "c", "z")) {
            outside.host(host + ".example", "192.0.2.7");
        }
        return route("x@there.example");
    }

    @Test
    void aDomainWithoutMxIsItsOwnMailServer() { // RFC 5321 5.1: implicit MX
        outside.host("there.example", "192.0.2.9");
        Route.Hops found = (Route.Hops) route("x@there.example");
        assertThat(hops(found)).containsExactly("there.example [192.0.2.9]:25");
        assertThat(found.site().key()).isEqualTo("mx:there.example");
    }

    @Test
    void onlyWhatTheDnsSaysOutrightFails() {
        outside.mx("null.example", "0 .").host("bare.example").mx("empty.example", "10 gone.example");
        assertThat(never(route("x@nowhere.example"))).isEqualTo(RouteFailure.NO_SUCH_DOMAIN);
        assertThat(never(route("x@null.example"))).isEqualTo(RouteFailure.NULL_MX); // RFC 7505
        assertThat(never(route("x@bare.example"))).isEqualTo(RouteFailure.NO_ADDRESS);
        assertThat(never(route("x@empty.example"))).isEqualTo(RouteFailure.MX_WITHOUT_ADDRESS);
    }

    @Test
    void aNullMxBesideOthersIsNoHost() { // RFC 7505 3
        outside.mx("there.example", "0 .", "10 a.example").host("a.example", "192.0.2.1");
        assertThat(hops(route("x@there.example"))).containsExactly("a.example [192.0.2.1]:25");
    }

    @ParameterizedTest
    @CsvSource({
        "SERVFAIL,DNS_SERVFAIL",
        "REFUSED,DNS_SERVFAIL",
        "TIMEOUT,DNS_TIMEOUT",
        "BOGUS,DNS_BOGUS",
        "BROKEN,DNS_BROKEN"
    })
    void whatTheDnsCannotTellWaits(Cause cause, RouteFailure failure) {
        outside.fails("there.example", Resolver.Type.MX, cause);
        assertThat(later(route("x@there.example"))).isEqualTo(failure);
    }

    @ParameterizedTest
    @EnumSource(Cause.class)
    void anUnknownAddressOfTheOnlyHostWaits(Cause cause) {
        outside.mx("there.example", "10 a.example").host("a.example").fails("a.example", Resolver.Type.A, cause);
        assertThat(route("x@there.example")).isInstanceOf(Route.Later.class);
        outside.host("a.example").fails("a.example", Resolver.Type.AAAA, cause);
        assertThat(route("x@there.example")).isInstanceOf(Route.Later.class);
    }

    @Test
    void hostsThatResolveAreTriedWhileOthersAreUnknown() {
        outside.mx("there.example", "10 a.example", "20 b.example").host("b.example", "192.0.2.2");
        outside.fails("a.example", Resolver.Type.A, Cause.SERVFAIL)
                .fails("a.example", Resolver.Type.AAAA, Cause.TIMEOUT);
        assertThat(hops(route("x@there.example"))).containsExactly("b.example [192.0.2.2]:25");
    }

    @Test
    void oneUnknownHostAmongDeadOnesWaits() {
        outside.mx("there.example", "10 gone.example", "20 b.example")
                .fails("b.example", Resolver.Type.A, Cause.SERVFAIL);
        assertThat(later(route("x@there.example"))).isEqualTo(RouteFailure.DNS_SERVFAIL);
    }

    @Test
    void oneFamilyIsEnoughWhenTheOtherIsUnknown() {
        outside.mx("there.example", "10 a.example").host("a.example", "192.0.2.1");
        outside.fails("a.example", Resolver.Type.AAAA, Cause.SERVFAIL);
        assertThat(hops(route("x@there.example"))).containsExactly("a.example [192.0.2.1]:25");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "::1", "::"})
    void anMxOfALoopbackAddressIsALoop(String address) {
        outside.mx("there.example", "10 a.example").host("a.example", address);
        assertThat(never(route("x@there.example"))).isEqualTo(RouteFailure.MX_LOOPS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.25", "192.0.2.26", "2001:db8::25"})
    void anMxOfOurOwnAddressIsALoopAndTold(String address) {
        outside.own("192.0.2.25").own("2001:db8::25");
        outside.mx("there.example", "10 a.example").host("a.example", address);
        Route route = route("x@there.example", "delivery.source_ipv4 = 192.0.2.26");
        assertThat(never(route)).isEqualTo(RouteFailure.MX_IS_US);
        assertThat(outside.events).containsExactly("route-loop");
    }

    @Test
    void anMxOfOurNameIsALoopWhateverItsAddress() {
        outside.mx("there.example", "10 mail.here.example").host("mail.here.example", "203.0.113.5");
        assertThat(never(route("x@there.example"))).isEqualTo(RouteFailure.MX_IS_US);
    }

    @Test
    void asBackupWeUseOnlyHostsThatArePreferredToUs() { // RFC 5321 5.1
        outside.mx("there.example", "10 a.example", "20 b.example", "20 mail.here.example", "30 c.example");
        for (String host : List.of("a", "b", "c")) {
            outside.host(host + ".example", "192.0.2.7");
        }
        for (int seed = 0; seed < 10; seed++) {
            outside.seed(seed);
            assertThat(hops(route("x@there.example"))).containsExactly("a.example [192.0.2.7]:25");
        }
        assertThat(outside.events).isEmpty();
    }

    @Test
    void asBackupWeWaitWhileThePreferredHostIsUnknown() {
        outside.mx("there.example", "10 a.example", "20 mail.here.example")
                .fails("a.example", Resolver.Type.A, Cause.SERVFAIL);
        assertThat(later(route("x@there.example"))).isEqualTo(RouteFailure.DNS_SERVFAIL);
    }

    @Test
    void addressLiteralsAreTakenAsTheyAre() { // RFC 5321 4.1.3
        assertThat(hops(route("x@[192.0.2.77]"))).containsExactly("[192.0.2.77] [192.0.2.77]:25");
        assertThat(hops(route("x@[IPv6:2001:db8::7]")).getFirst()).endsWith("[2001:db8::7]:25");
        assertThat(never(route("x@[127.0.0.1]"))).isEqualTo(RouteFailure.MX_LOOPS);
        assertThat(never(route("x@[224.0.0.1]"))).isEqualTo(RouteFailure.NO_ADDRESS);
        assertThat(never(route("x@[IPv6:2001:db8::7]", "delivery.ipv6 = off"))).isEqualTo(RouteFailure.NO_ADDRESS);
        assertThat(outside.asked).isEmpty();
    }

    @Test
    void manyHostsAndAddressesAreCut() {
        List<String> records = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            records.add("10 h" + i + ".example");
            outside.host(
                    "h" + i + ".example",
                    "192.0.2.1",
                    "192.0.2.2",
                    "192.0.2.3",
                    "192.0.2.4",
                    "192.0.2.5",
                    "2001:db8::1");
        }
        outside.mx("there.example", records.toArray(String[]::new));
        assertThat(hops(route("x@there.example"))).hasSize(20);
        assertThat(outside.asked).hasSizeLessThan(45);
    }

    @Test
    void aSlowDnsDoesNotHoldTheRouterForEver() {
        outside.slow(Duration.ofSeconds(45))
                .mx("there.example", "1 a.example", "2 b.example", "3 c.example", "4 d.example");
        for (String host : List.of("a", "b", "c", "d")) {
            outside.fails(host + ".example", Resolver.Type.A, Cause.TIMEOUT)
                    .fails(host + ".example", Resolver.Type.AAAA, Cause.TIMEOUT);
        }
        assertThat(later(route("x@there.example"))).isEqualTo(RouteFailure.DNS_TIMEOUT);
        assertThat(outside.asked.size()).isLessThan(7);
    }

    @Test
    void startTlsIsOpportunisticUnlessSwitchedOff() {
        outside.host("there.example", "192.0.2.9");
        assertThat(((Route.Hops) route("x@there.example")).hops().getFirst().security())
                .isEqualTo(Hop.Security.OPPORTUNISTIC);
        assertThat(((Route.Hops) route("x@there.example", "delivery.start_tls = false"))
                        .hops()
                        .getFirst()
                        .security())
                .isEqualTo(Hop.Security.NONE);
    }

    @Test
    void localDomainsGoToTheirAgentOrLmtpServer() {
        assertThat(((Route.Agent) route("x@here.example")).name()).isEqualTo("maildir");
        Route unix = route("x@here.example", "local { delivery = lmtp, lmtp = \"unix:/run/dovecot/lmtp\" }");
        assertThat(hops(unix)).containsExactly("unix:/run/dovecot/lmtp unix:/run/dovecot/lmtp");
        Route tcp = route("x@here.example", "local { delivery = lmtp, lmtp = \"[::1]:24\" }");
        assertThat(hops(tcp).getFirst()).endsWith("[::1]:24");
        assertThat(((Route.Hops) tcp).hops().getFirst().protocol()).isEqualTo(Hop.Protocol.LMTP);
        assertThat(hops(route("x@here.example", "local { delivery = lmtp, lmtp = \"localhost:24\" }")))
                .hasSize(1);
        assertThat(outside.asked).isEmpty();
    }

    @Test
    void routesFitExactlyThenByTheNearestSuffixThenTheSmartHost() {
        String settings = """
                delivery.smart_host { host = 10.0.0.9, port = 2500, tls = opportunistic }
                delivery.routes {
                  "a.example" { host = 10.0.0.1, port = 25, tls = none }
                  ".a.example" { host = 10.0.0.2, port = 25, tls = none }
                  ".B.Example" { host = "10.0.0.3", port = 26, tls = none }
                }
                """;
        assertThat(hops(route("x@a.example", settings)).getFirst()).contains("[10.0.0.1]:25");
        assertThat(hops(route("x@y.z.a.example", settings)).getFirst()).contains("[10.0.0.2]:25");
        assertThat(hops(route("x@b.example", settings)).getFirst()).contains("[10.0.0.3]:26");
        assertThat(hops(route("x@xa.example", settings)).getFirst()).contains("[10.0.0.9]:2500");
        assertThat(hops(route("x@[192.0.2.1]", settings)).getFirst()).contains("[10.0.0.9]:2500");
        assertThat(route("x@here.example", settings)).isInstanceOf(Route.Agent.class);
    }

    @Test
    void aSmartHostIsFoundByItsAddressesAndNeverFailsForGood() {
        String settings = "delivery.smart_host { host = relay.example, port = 587, tls = opportunistic }";
        outside.mx("relay.example", "1 other.example").host("relay.example", "127.0.0.1");
        assertThat(hops(route("x@there.example", settings))).containsExactly("relay.example [127.0.0.1]:587");
        outside.host("relay.example");
        assertThat(later(route("x@there.example", settings))).isEqualTo(RouteFailure.NO_ADDRESS);
        outside.fails("relay.example", Resolver.Type.A, Cause.SERVFAIL);
        assertThat(later(route("x@there.example", settings))).isEqualTo(RouteFailure.DNS_SERVFAIL);
    }

    private static String site(Route route) {
        assertThat(route).isInstanceOf(Route.Hops.class);
        return ((Route.Hops) route).site().key();
    }

    @Test
    void aRuleMakesOneSiteOfHostsThatEachCustomerHasHisOwnOf() {
        String rule = "sites.big { mx = [\"*.big.example\"], connections = 7 }";
        outside.mx("a.example", "10 a.in.big.example", "20 x.example").host("a.in.big.example", "192.0.2.1");
        outside.host("x.example", "192.0.2.9");
        outside.mx("b.example", "10 b.in.big.example").host("b.in.big.example", "192.0.2.2");
        outside.mx("c.example", "10 x.example", "20 a.in.big.example");
        assertThat(site(route("x@a.example", rule))).isEqualTo("site:big");
        assertThat(site(route("x@b.example", rule))).isEqualTo("site:big");
        assertThat(site(route("x@c.example", rule)))
                .as("the first host decides")
                .isEqualTo("mx:x.example,a.in.big.example");
    }

    @ParameterizedTest
    @CsvSource({
        "uni.example, site:uni",
        "cs.uni.example, site:cs",
        "www.cs.uni.example, mx:mx.uni.example",
        "a.below.example, site:below",
        "below.example, site:below",
        "other.example, mx:mx.uni.example"
    })
    void theRuleOfADomainThatIsNearestWins(String domain, String site) {
        outside.mx(domain, "10 mx.uni.example").host("mx.uni.example", "192.0.2.1");
        assertThat(site(route(
                        "x@" + domain,
                        "sites.uni.domains = [uni.example]",
                        "sites.cs.domains = [cs.uni.example]",
                        "sites.below.domains = [\".below.example\"]")))
                .isEqualTo(site);
    }

    @Test
    void theLimitsOfASiteAreItsRulesThenThoseForAllThenTheSettings() {
        SiteRules rules = new SiteRules(ConfigReader.fromText(BASE + """
                sites.any { messages_per_connection = 7, rates = ["9/s"] }
                sites.big { mx = ["*.big.example"], connections = 3, rates = ["1/s"] }
                delivery.recipients_per_transaction_max = 11
                """));
        Site big = new Site("site:big");
        Site smart = new Site("smarthost:in.big.example:587");
        Site other = new Site("mx:other.example");
        assertThat(List.of(rules.connections(big), rules.connections(smart), rules.connections(other)))
                .containsExactly(3, 3, rules.config().queue().deliveriesPerSiteMax());
        assertThat(rules.messagesPerConnection(big)).isEqualTo(7);
        assertThat(rules.recipientsPerTransaction(big)).isEqualTo(11);
        assertThat(rules.rates(big)).containsExactly(new Rate(1, Duration.ofSeconds(1)));
        assertThat(rules.rates(other)).containsExactly(new Rate(9, Duration.ofSeconds(1)));
    }

    @Test
    void anAddressOrDomainMayHaveAnAgentOfItsOwn() {
        String settings = """
                local.lmtp = "unix:/run/lmtp"
                agents.pipes { ticket { command = [/bin/ticket] } }
                agents.of { "here.example" = mbox, "robot@here.example" = ticket, "x@here.example" = lmtp }
                """;
        assertThat(route("anna@here.example")).isEqualTo(agent("maildir"));
        assertThat(route("anna@here.example", settings)).isEqualTo(agent("mbox"));
        assertThat(route("Robot@here.example", settings)).isEqualTo(agent("ticket"));
        assertThat(route("robot+7@here.example", settings)).isEqualTo(agent("ticket"));
        assertThat(hops(route("x+y@here.example", settings))).hasSize(1);
    }

    private static Route agent(String name) {
        return new Route.Agent(name, new Site("agent:" + name));
    }

    @Test
    void theRulesInForceStayInForceWhateverOlderSettingsAreAskedFor() {
        Config first = ConfigReader.fromText(BASE);
        Config second = ConfigReader.fromText(BASE + "delivery.ipv6 = off");
        Config third = ConfigReader.fromText(BASE + """
                delivery.rules = [ { from_files = ["/etc/hikyaku/some"], hold = look }, { agent = discard } ]
                """);
        Router router = new Router(outside.world(), first);
        router.reload(second, RouteTables.NONE);
        router.reload(third, RouteTables.NONE);
        Asked asked = asked("x@there.example");
        for (int i = 0; i < 3; i++) {
            assertThat(router.explain(asked, first).way()).isEqualTo("mx there.example");
            assertThat(router.explain(asked, second).way()).isEqualTo("mx there.example");
            assertThat(router.explain(asked, third).way()).isEqualTo("agent discard");
        }
    }
}
