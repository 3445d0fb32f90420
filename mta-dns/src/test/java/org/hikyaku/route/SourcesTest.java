package org.hikyaku.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;

/** docs/routes.md, Sources. */
class SourcesTest {
    private static final String BASE = """
            hostname = mail.here.example
            data_dir = /var/lib/hikyaku
            auth.users = /etc/hikyaku/users
            local { domains = [here.example], postmaster = "anna@here.example" }
            delivery.rules = [ { from = [bulk.example], source = bulk } ]
            """;
    private static final String POOL = """
            sources.bulk.addresses = [
              { address = "192.0.2.26", ehlo = mail2.here.example, weight = 3 }
              { address = "192.0.2.27" }
            ]
            """;

    private final Outside outside = new Outside()
            .own("192.0.2.26")
            .own("192.0.2.27")
            .own("2001:db8::26")
            .mx("there.example", "10 a.example")
            .host("a.example", "198.51.100.1", "2001:db8:1::1");

    private static Asked asked(long id, String sender) {
        Mail mail = new Mail(id, Address.of(sender), "", "", "", 1_000, Head.unread());
        return new Asked(mail, Address.of("x@there.example"), false);
    }

    private static Config config(String... settings) {
        return ConfigReader.fromText(BASE + String.join("\n", settings));
    }

    private Map<String, Integer> shares(Router router, Config config, int messages) {
        Map<String, Integer> shares = new TreeMap<>();
        for (int id = 0; id < messages; id++) {
            Route.Hops hops = (Route.Hops) router.route(asked(id, "a@bulk.example"), config);
            Hop hop = hops.hops().getFirst();
            shares.merge(IpLiteral.number(hop.source().orElseThrow().address()), 1, Integer::sum);
            assertThat(router.begins(hop, config)).isPresent();
        }
        return shares;
    }

    @Test
    void mailOfAPoolLeavesFromItsAddressesOnlyByTheirWeights() {
        Config config = config(POOL);
        Router router = new Router(outside.world(), config);
        Route.Hops hops = (Route.Hops) router.route(asked(1, "a@bulk.example"), config);
        assertThat(hops.hops()).as("the pool has no IPv6").hasSize(1);
        assertThat(hops.site().key()).isEqualTo("mx:a.example from bulk");
        Map<String, Integer> shares = shares(router, config, 4_000);
        assertThat(shares.get("192.0.2.26")).isBetween(2_850, 3_150);
        assertThat(shares.get("192.0.2.27")).isBetween(850, 1_150);
        Route.Hops other = (Route.Hops) router.route(asked(1, "a@plain.example"), config);
        assertThat(other.hops()).hasSize(2).allMatch(hop -> hop.source().isEmpty());
        assertThat(other.site().key()).isEqualTo("mx:a.example");
    }

    @Test
    void eachAddressHasItsNameAndAMessageKeepsItsAddress() {
        Config config = config(POOL);
        Router router = new Router(outside.world(), config);
        for (int id = 0; id < 50; id++) {
            Hop first = ((Route.Hops) router.route(asked(id, "a@bulk.example"), config))
                    .hops()
                    .getFirst();
            Hop again = router.known(asked(id, "a@bulk.example"), config)
                    .orElseThrow()
                    .hops()
                    .getFirst();
            assertThat(again).isEqualTo(first);
            Hop.Source source = first.source().orElseThrow();
            boolean second = IpLiteral.number(source.address()).equals("192.0.2.26");
            assertThat(source.ehlo()).isEqualTo(second ? "mail2.here.example" : "mail.here.example");
        }
    }

    @Test
    void anAddressThatIsTakenAwayMovesItsOwnMessagesOnly() {
        Config both = config(POOL);
        Config one = config(
                "sources.bulk.addresses = [ { address = \"192.0.2.26\", weight = 3 }, { address = \"192.0.2.27\" },"
                        + " { address = \"192.0.2.28\" } ]");
        outside.own("192.0.2.28");
        Router before = new Router(outside.world(), both);
        Router after = new Router(outside.world(), one);
        for (int id = 0; id < 500; id++) {
            var was = ((Route.Hops) before.route(asked(id, "a@bulk.example"), both))
                    .hops()
                    .getFirst()
                    .source()
                    .orElseThrow();
            var is = ((Route.Hops) after.route(asked(id, "a@bulk.example"), one))
                    .hops()
                    .getFirst()
                    .source()
                    .orElseThrow();
            if (!IpLiteral.number(is.address()).equals("192.0.2.28")) {
                assertThat(is.address()).isEqualTo(was.address());
            }
        }
    }

    @Test
    void anAddressThatIsNotHereIsToldOnceAndPassedBy() {
        Config config = config(
                "sources.bulk.addresses = [ { address = \"192.0.2.26\" }, { address = \"192.0.2.99\", weight = 9 } ]");
        Router router = new Router(outside.world(), config);
        assertThat(shares(router, config, 20)).containsOnlyKeys("192.0.2.26");
        assertThat(outside.events).containsExactly(Event.SOURCE_UNUSABLE.label());
    }

    @Test
    void mailThatNoAddressIsLeftForWaits() {
        Config config = config("sources.bulk.addresses = [ { address = \"192.0.2.99\" } ]");
        Route route = new Router(outside.world(), config).route(asked(1, "a@bulk.example"), config);
        assertThat(route)
                .isInstanceOfSatisfying(
                        Route.Later.class, later -> assertThat(later.why()).isEqualTo(RouteFailure.NO_SOURCE));
    }

    @Test
    void anAddressThatWarmsUpSendsWhatItsDayAllows() {
        String today = outside.world().clock().now().toString().substring(0, 10);
        String warm =
                "{ address = \"192.0.2.27\", weight = 9, warm_up { since = \"" + today + "\", per_day = [5, 1000] } }";
        Config beside = config("sources.bulk.addresses = [ { address = \"192.0.2.26\" }, " + warm + " ]");
        assertThat(shares(new Router(outside.world(), beside), beside, 100))
                .containsEntry("192.0.2.27", 5)
                .containsEntry("192.0.2.26", 95);
        Config alone = config("sources.bulk.addresses = [ " + warm + " ]");
        Router router = new Router(outside.world(), alone);
        assertThat(shares(router, alone, 5)).containsEntry("192.0.2.27", 5);
        assertThat(router.route(asked(6, "a@bulk.example"), alone))
                .isInstanceOfSatisfying(
                        Route.Later.class, later -> assertThat(later.why()).isEqualTo(RouteFailure.SOURCES_REST));
        Config over = config(
                "sources.bulk.addresses = [ { address = \"192.0.2.27\", warm_up { since = \"1969-01-01\", per_day = [1] } } ]");
        assertThat(shares(new Router(outside.world(), over), over, 50)).containsEntry("192.0.2.27", 50);
    }

    @Test
    void anAddressThatWarmsUpInAnotherPoolIsPassedByHereAsWell() {
        String today = outside.world().clock().now().toString().substring(0, 10);
        Config config = config(
                "sources.bulk.addresses = [ { address = \"192.0.2.26\" }, { address = \"192.0.2.27\", weight = 9 } ]",
                "sources.news.addresses = [ { address = \"192.0.2.27\", warm_up { since = \"" + today
                        + "\", per_day = [5, 1000] } } ]");
        assertThat(shares(new Router(outside.world(), config), config, 100))
                .containsEntry("192.0.2.27", 5)
                .containsEntry("192.0.2.26", 95);
    }

    @Test
    void ofThoseThatWereGivenAnAddressAtTheSameTimeNoMoreBeginThanItsDayAllows() {
        String today = outside.world().clock().now().toString().substring(0, 10);
        Config config = config("sources.bulk.addresses = [ { address = \"192.0.2.27\", warm_up { since = \"" + today
                + "\", per_day = [5] } } ]");
        Router router = new Router(outside.world(), config);
        List<Hop> chosen = IntStream.range(0, 20)
                .mapToObj(id -> ((Route.Hops) router.route(asked(id, "a@bulk.example"), config))
                        .hops()
                        .getFirst())
                .toList();
        List<Runnable> begun = chosen.stream()
                .flatMap(hop -> router.begins(hop, config).stream())
                .toList();
        assertThat(begun).hasSize(5);
        begun.getFirst().run();
        assertThat(router.begins(chosen.getLast(), config))
                .as("one did not begin")
                .isPresent();
        assertThat(router.begins(chosen.getLast(), config)).isEmpty();
    }

    @Test
    void mailForLocalUsersLeavesFromNoPool() {
        Config config =
                config(POOL, "sites.any.source = bulk", "local { delivery = lmtp, lmtp = \"198.51.100.9:24\" }");
        Asked local = new Asked(asked(1, "a@x.example").mail(), Address.of("anna@here.example"), false);
        Route route = new Router(outside.world(), config).route(local, config);
        assertThat(((Route.Hops) route).hops()).allMatch(hop -> hop.source().isEmpty());
    }

    @Test
    void aSiteHasASourceAndARuleOutweighsIt() {
        Config config = config(
                POOL,
                "sources.other.addresses = [ { address = \"2001:db8::26\" } ]",
                "sites.there { domains = [there.example], source = other, connections = 3 }");
        Router router = new Router(outside.world(), config);
        Route.Hops plain = (Route.Hops) router.route(asked(1, "a@plain.example"), config);
        assertThat(plain.hops())
                .singleElement()
                .satisfies(hop -> assertThat(
                                IpLiteral.number(hop.source().orElseThrow().address()))
                        .isEqualTo("2001:db8::26"));
        assertThat(plain.site().key()).isEqualTo("site:there from other");
        assertThat(router.sites(config).connections(plain.site())).isEqualTo(3);
        Route.Hops bulk = (Route.Hops) router.route(asked(1, "a@bulk.example"), config);
        assertThat(bulk.site().key()).isEqualTo("site:there from bulk");
        assertThat(router.explain(asked(1, "a@bulk.example"), config).source())
                .isEqualTo("bulk (192.0.2.26, 192.0.2.27)");
        assertThat(router.explain(asked(1, "a@plain.example"), config).source()).startsWith("other (");
    }

    @Test
    void theFallbackOfAPoolWorksThoughTheDnsHasNeverAnswered() {
        Config config = config(POOL, "delivery.fallback = [ { host = \"198.51.100.40\", port = 25, tls = none } ]");
        Route route = new Router(outside.world(), config)
                .fallback(asked(1, "a@bulk.example"), Optional.empty(), config)
                .orElseThrow();
        assertThat(route).isInstanceOf(Route.Hops.class);
        assertThat(outside.events).isEmpty();
    }
}
