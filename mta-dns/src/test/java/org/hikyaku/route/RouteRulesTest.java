package org.hikyaku.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Site;
import org.hikyaku.table.RouteTables;
import org.junit.jupiter.api.Test;

/** docs/routes.md. */
class RouteRulesTest {
    private static final String BASE = """
            hostname = mail.here.example
            data_dir = /var/lib/hikyaku
            auth.users = /etc/hikyaku/users
            local { domains = [here.example], postmaster = "anna@here.example" }
            relay.domains = [gone.example, inner.example]
            on_demand.customers.gone { domains = [gone.example], users = [], networks = [], keep = true }
            delivery.routes { "inner.example" = { host = "192.0.2.10", port = 25, tls = none } }
            """;
    private static final String HOST = "hosts = [ { host = \"192.0.2.20\", port = 25, tls = none } ]";

    private final Mail plain = mail("s@x.example", "");

    private static Mail mail(String sender, String header) {
        Address from = sender.equals("<>") ? Address.NULL : Address.of(sender);
        return new Mail(7, from, "anna", "203.0.113.7", "submission", 5_000, Head.ofText(header));
    }

    private static RouteRules rules(String... rules) {
        return under(BASE + "delivery.rules = [" + String.join(",\n", rules) + "]");
    }

    private static RouteRules under(String text) {
        return new RouteRules(ConfigReader.fromText(text), RouteTables.NONE);
    }

    private String way(RouteRules rules, Mail mail, String to) {
        return rules.decide(new Asked(mail, Address.of(to), false)).way();
    }

    private static Site home(RouteRules rules, Asked asked) {
        return rules.of(asked.mail()).home(asked.recipient(), asked.ruled());
    }

    private boolean fits(String criteria) {
        return way(rules("{ " + criteria + ", fail = \"550 5.7.1 no\" }"), plain, "r@y.example")
                .startsWith("fail");
    }

    @Test
    void theFirstRuleThatFitsCounts() {
        RouteRules rules = rules(
                "{ from = [\"<>\"], fail = \"550 5.7.1 one\" }",
                "{ from = [x.example], fail = \"550 5.7.1 two\" }",
                "{ fail = \"550 5.7.1 three\" }");
        assertThat(way(rules, plain, "r@y.example")).isEqualTo("fail 550 5.7.1 two");
        assertThat(way(rules, mail("<>", ""), "r@y.example")).isEqualTo("fail 550 5.7.1 one");
        assertThat(way(rules, mail("s@z.example", ""), "r@y.example")).isEqualTo("fail 550 5.7.1 three");
    }

    @Test
    void eachCriterionIsNeededAndOfItsListOneItemIsEnough() {
        assertThat(fits("from = [\"a@z.example\", \"S@x.example\"]")).isTrue();
        assertThat(fits("from = [\".example\"]")).isTrue();
        assertThat(fits("from = [\"/s@.*/\"]")).isTrue();
        assertThat(fits("from = [\"/@x/\"]")).as("a pattern matches the whole").isFalse();
        assertThat(fits("from = [z.example]")).isFalse();
        assertThat(fits("from = [x.example], to = [z.example]")).isFalse();
        assertThat(fits("from = [x.example], to = [\"@y.example\"]")).isTrue();
        assertThat(fits("users = [bob, anna]")).isTrue();
        assertThat(fits("users = [\"Anna\"]")).as("logins are in small letters").isTrue();
        assertThat(fits("users = [\"*\"]")).isTrue();
        assertThat(fits("users = [bob]")).isFalse();
        assertThat(fits("clients = [\"203.0.113.0/24\"]")).isTrue();
        assertThat(fits("clients = [\"198.51.100.0/24\"]")).isFalse();
        assertThat(fits("listeners = [submission]")).isTrue();
        assertThat(fits("listeners = [mx]")).isFalse();
        assertThat(fits("size_min = 5000B, size_max = 5000B")).isTrue();
        assertThat(fits("size_min = 5001B")).isFalse();
        assertThat(fits("size_max = 4999B")).isFalse();
    }

    @Test
    void whoHasNotLoggedInIsNoUser() {
        RouteRules rules = rules("{ users = [\"*\"], fail = \"550 5.7.1 no\" }");
        Mail stranger = new Mail(7, Address.of("s@x.example"), "", "", "mx", 1, Head.unread());
        assertThat(way(rules, stranger, "r@y.example")).isEqualTo("mx y.example");
    }

    @Test
    void aRuleWithoutRecipientsLeavesAloneWhatHasAWayOfItsOwn() {
        RouteRules all = rules("{ " + HOST + " }");
        assertThat(way(all, plain, "r@y.example")).isEqualTo("hosts 192.0.2.20:25 (none)");
        assertThat(way(all, plain, "anna@here.example")).isEqualTo("agent maildir");
        assertThat(way(all, plain, "r@gone.example")).isEqualTo("kept for customer gone");
        assertThat(way(all, plain, "r@inner.example")).isEqualTo("hosts 192.0.2.10:25 (none)");
        RouteRules named = rules("{ to = [here.example, gone.example, inner.example], " + HOST + " }");
        for (String to : List.of("anna@here.example", "r@gone.example", "r@inner.example")) {
            assertThat(way(named, plain, to)).isEqualTo("hosts 192.0.2.20:25 (none)");
        }
    }

    @Test
    void mailboxesAreOfOurDomainsOnly() {
        RouteRules rules = rules("{ to = [\"/.*/\"], agent = mbox }");
        assertThat(way(rules, plain, "anna@here.example")).isEqualTo("agent mbox");
        assertThat(way(rules, plain, "r@y.example")).isEqualTo("mx y.example");
    }

    @Test
    void headersAreAskedUnfoldedAndAllOfThemAreNeeded() {
        RouteRules rules = rules("{ headers = [\"List-Id: news.*shop\", \"X-Kind\"], fail = \"550 5.7.1 no\" }");
        Mail news = mail("s@x.example", "LIST-ID: our news\r\n of the Shop\r\nx-kind: 1\r\n\r\nbody: no field");
        assertThat(way(rules, news, "r@y.example")).isEqualTo("fail 550 5.7.1 no");
        assertThat(way(rules, mail("s@x.example", "X-Kind: 1\r\n"), "r@y.example"))
                .isEqualTo("mx y.example");
    }

    @Test
    void aHeaderThatCannotBeReadIsAskedAgainLaterAndOnlyWhereARuleNeedsIt() {
        RouteRules rules = rules("{ from = [x.example], headers = [X-Secret], fail = \"550 5.7.1 no\" }");
        Head broken = Head.of(new Content() {
            @Override
            public long size() {
                return 10;
            }

            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                throw new IOException("damaged");
            }
        });
        assertThat(way(rules, new Mail(7, Address.of("s@x.example"), "", "", "", 10, broken), "r@y.example"))
                .startsWith("unknown: the message cannot be read");
        assertThat(way(rules, new Mail(7, Address.of("s@z.example"), "", "", "", 10, broken), "r@y.example"))
                .isEqualTo("mx y.example");
    }

    @Test
    void aHeaderIsReadFromTheSpoolInParts() {
        byte[] text =
                ("A: " + "x".repeat(40_000) + "\r\nX-Kind: 1\r\n\r\nX-Body: 1\r\n").getBytes(StandardCharsets.US_ASCII);
        Head head = Head.of(new Content() {
            @Override
            public long size() {
                return text.length;
            }

            @Override
            public int read(ByteBuffer target, long position) {
                int count = Math.min(Math.min(7_001, target.remaining()), text.length - (int) position);
                target.put(text, (int) position, count);
                return count;
            }
        });
        Mail mail = new Mail(7, Address.of("s@x.example"), "", "", "", text.length, head);
        assertThat(way(rules("{ headers = [X-Kind], fail = \"550 5.7.1 no\" }"), mail, "r@y.example"))
                .startsWith("fail");
        assertThat(way(rules("{ headers = [X-Body], fail = \"550 5.7.1 no\" }"), mail, "r@y.example"))
                .startsWith("mx");
    }

    @Test
    void whatWasHeldOnceIsNotHeldAgain() {
        RouteRules rules = rules("{ hold = look }", "{ " + HOST + " }");
        Address to = Address.of("r@y.example");
        assertThat(rules.decide(new Asked(plain, to, false)).way()).isEqualTo("hold look");
        assertThat(rules.decide(new Asked(plain, to, true)).way()).startsWith("hosts");
    }

    @Test
    void aRuleTellsItsFileAndLineAndTheOtherWaysTheirSetting() {
        RouteRules rules = rules("{ from = [z.example], " + HOST + " }", "{ from = [x.example], mx = true }");
        Asked asked = new Asked(plain, Address.of("r@y.example"), false);
        assertThat(rules.decide(asked).where()).isEqualTo("/etc/hikyaku/hikyaku.conf:9");
        assertThat(rules("{ from = [z.example], mx = true }").decide(asked).where())
                .isEqualTo("mx");
        Asked inner = new Asked(plain, Address.of("r@inner.example"), false);
        assertThat(rules.decide(inner).where()).isEqualTo("delivery.routes.inner.example");
    }

    @Test
    void mxPassesByTheSmartHost() {
        String smart = BASE + "delivery.smart_host { host = \"192.0.2.30\", port = 25, tls = none }\n";
        RouteRules rules = under(smart + "delivery.rules = [ { from = [x.example], mx = true } ]");
        assertThat(way(rules, plain, "r@y.example")).isEqualTo("mx y.example");
        assertThat(way(rules, mail("s@z.example", ""), "r@y.example")).isEqualTo("hosts 192.0.2.30:25 (none)");
    }

    @Test
    void theFallbackIsTheRulesOwnElseThatForAllWhoGoByMxOrSmartHost() {
        RouteRules rules = under(BASE + """
                delivery.fallback = [ { host = "192.0.2.40", port = 25, tls = none } ]
                delivery.rules = [
                  { from = [x.example], fallback = [ { host = "192.0.2.41", port = 25, tls = none } ] }
                  { from = [z.example], hosts = [ { host = "192.0.2.20", port = 25, tls = none } ] }
                ]
                """);
        Address to = Address.of("r@y.example");
        assertThat(rules.decide(new Asked(plain, to, false)).fallback()).isEqualTo("192.0.2.41:25 (none)");
        assertThat(rules.decide(new Asked(mail("s@z.example", ""), to, false)).fallback())
                .isEmpty();
        assertThat(rules.decide(new Asked(mail("s@w.example", ""), to, false)).fallback())
                .isEqualTo("192.0.2.40:25 (none)");
        Asked inner = new Asked(mail("s@w.example", ""), Address.of("r@inner.example"), false);
        assertThat(rules.decide(inner).fallback())
                .as("mail for inside goes to no stranger")
                .isEmpty();
    }

    @Test
    void mailOfOneDomainWaitsApartForEachWayOfARule() {
        RouteRules rules = rules(
                "{ from = [x.example], " + HOST + " }",
                "{ from = [w.example], headers = [X-Kind], fail = \"550 5.7.1 no\" }");
        Site usual = home(rules, new Asked(mail("s@z.example", ""), Address.of("r@y.example"), false));
        Site other = home(rules, new Asked(plain, Address.of("r@y.example"), false));
        assertThat(usual.key()).isEqualTo("domain:y.example");
        assertThat(other).isNotEqualTo(usual);
        assertThat(other.isPartOf(usual)).isTrue();
        assertThat(other.domainKey()).isEqualTo(usual.key());
        Mail unread = new Mail(7, Address.of("s@w.example"), "", "", "", 1, Head.unread());
        assertThat(home(rules, new Asked(unread, Address.of("r@y.example"), false)))
                .isEqualTo(usual);
    }

    @Test
    void anAddressWithAnAgentOfItsOwnWaitsApartAndAProgramIsRunForEach() {
        RouteRules rules = under(BASE + """
                agents.pipes.ticket { command = [/bin/ticket] }
                agents.of { "help@here.example" = ticket, "joe@here.example" = maildir }
                """);
        Asked help = new Asked(plain, Address.of("help+x@here.example"), false);
        Asked joe = new Asked(plain, Address.of("joe@here.example"), false);
        Asked there = new Asked(plain, Address.of("help@y.example"), false);
        assertThat(home(rules, help).isPartOf(home(rules, joe))).isTrue();
        assertThat(home(rules, help)).isNotEqualTo(home(rules, joe));
        assertThat(home(rules, joe).key()).isEqualTo("domain:here.example");
        assertThat(home(rules, there).key()).isEqualTo("domain:y.example");
        assertThat(rules.of(help.mail()).isRun(help.recipient(), false)).isTrue();
        assertThat(rules.of(joe.mail()).isRun(joe.recipient(), false)).isFalse();
        assertThat(rules.of(there.mail()).isRun(there.recipient(), false)).isFalse();
    }

    /** Where mail waits is not asked for ever, so of whom a program may serve nothing is taken together. */
    @Test
    void beyondTheBoundEachForWhomAProgramMayBeRunWaitsByHimself() {
        String patterns = "to = [\"/.*[.]x[0-9]@y[.]example/\"], agent = ";
        RouteRules rules =
                under(BASE + """
                agents.pipes.ticket { command = [/bin/ticket] }
                agents.of { "help@here.example" = ticket }
                """ + "delivery.rules = [ { " + patterns + "ticket }, { " + patterns + "discard } ]");
        RouteRules none = under(BASE + "delivery.rules = [ { " + patterns + "discard } ]");
        for (RouteRules each : List.of(rules, none)) {
            MailRules once = each.of(plain);
            Address there = Address.of("joe@y.example");
            assertThat(once.isRun(there, false)).isFalse();
            for (int i = 0; i <= MailRules.LOOKS_MAX; i++) {
                once.home(Address.of("r" + i + "@y.example"), false);
            }
            assertThat(once.isRun(there, false)).isEqualTo(each == rules);
            assertThat(once.isRun(Address.of("joe@here.example"), false)).isEqualTo(each == rules);
            assertThat(once.isRun(Address.of("r.x1@y.example"), false)).isEqualTo(each == rules);
        }
    }

    @Test
    void theNullMxIsAskedForOnlyWhereNoRuleMayTurnTheMail() {
        RouteRules rules = rules("{ to = [y.example], from = [x.example], " + HOST + " }");
        assertThat(rules.byMx(Address.of("r@y.example"))).isEmpty();
        assertThat(rules.byMx(Address.of("r@z.example"))).isPresent();
        assertThat(rules("{ mx = true }").byMx(Address.of("r@z.example"))).isPresent();
    }

    @Test
    void hostsAreTriedInTheirOrderAndAreOneSite() {
        Config config = ConfigReader.fromText(BASE + """
                delivery.rules = [ { hosts = [
                  { host = "192.0.2.20", port = 25, tls = none }, { host = "a.example", port = 587, tls = opportunistic } ] } ]
                """);
        Outside outside = new Outside().host("a.example", "192.0.2.21");
        Route route =
                new Router(outside.world(), config).route(new Asked(plain, Address.of("r@y.example"), false), config);
        assertThat(route).isInstanceOfSatisfying(Route.Hops.class, hops -> {
            assertThat(hops.site().key()).isEqualTo("route:192.0.2.20:25,a.example:587");
            assertThat(hops.hops().stream().map(Hop::endpoint).map(Object::toString))
                    .containsExactly("[192.0.2.20]:25", "[192.0.2.21]:587");
        });
    }

    /** What a look at each rule for each recipient says, which is what is meant. */
    @Test
    void whatIsFoundOnceForAllRecipientsIsWhatEachWouldGet() {
        RouteRules rules = rules(
                "{ to = [\"anna@a.example\", \"/b.*@b\\\\.example/\"], fail = \"550 5.7.1 one\" }",
                "{ from = [z.example], fail = \"550 5.7.1 never\" }",
                "{ to = [\".a.example\"], headers = [X-Kind], fail = \"550 5.7.1 two\" }",
                "{ to = [b.example], hold = three }",
                "{ to = [here.example], agent = mbox }",
                "{ to = [c.example], " + HOST + " }");
        Mail kind = mail("s@x.example", "X-Kind: 1\r\n");
        for (Mail mail : List.of(plain, kind)) {
            MailRules once = rules.of(mail);
            for (int round = 0; round < 2; round++) {
                for (String to : List.of(
                        "anna@a.example",
                        "ben@a.example",
                        "x@sub.a.example",
                        "anna@b.example",
                        "ben@b.example",
                        "x@c.example",
                        "x@d.example",
                        "anna@here.example",
                        "x@inner.example")) {
                    for (boolean ruled : new boolean[] {false, true}) {
                        Asked asked = new Asked(mail, Address.of(to), ruled);
                        assertThat(once.decide(asked)).as(to + " " + ruled).isEqualTo(rules.decide(asked));
                        assertThat(once.home(asked.recipient(), ruled)).isEqualTo(home(rules, asked));
                    }
                }
            }
        }
        assertThat(way(rules, kind, "anna@a.example")).isEqualTo("fail 550 5.7.1 one");
        assertThat(way(rules, kind, "ben@a.example")).isEqualTo("fail 550 5.7.1 two");
        assertThat(way(rules, plain, "ben@a.example")).isEqualTo("mx a.example");
        assertThat(way(rules, kind, "ben@b.example")).isEqualTo("fail 550 5.7.1 one");
        assertThat(way(rules, kind, "anna@b.example")).isEqualTo("hold three");
        assertThat(rules.decide(new Asked(kind, Address.of("anna@b.example"), true))
                        .way())
                .isEqualTo("mx b.example");
        assertThat(way(rules, kind, "x@c.example")).startsWith("hosts");
    }

    /** 50,000 recipients and 1,000 rules, of each kind that there may be; goal: 100 ms. */
    @Test
    void aListWithManyRecipientsMeetsManyRulesInAShortTime() {
        List<Function<Integer, String>> kinds = List.of(
                i -> "from = [x.example, \"a" + i + "@x.example\"], to = [d" + i + ".example]",
                i -> "from = [n" + i + ".example], to = [y.example]",
                i -> "to = [\"r" + i + "@y.example\"]",
                i -> "to = [\"/.*-" + i + "@y[.]example/\"]",
                i -> "size_min = 1, headers = [X-Kind], to = [\".example\"]");
        for (Function<Integer, String> kind : kinds) {
            RouteRules rules = rules(IntStream.range(0, 1_000)
                    .mapToObj(i -> "{ " + kind.apply(i) + ", fail = \"550 5.7.1 no\" }")
                    .toArray(String[]::new));
            for (int domains : List.of(1, 50_000)) {
                List<Address> all = IntStream.range(0, 50_000)
                        .mapToObj(i -> Address.of("reader" + i + "@" + (domains == 1 ? "y" : "y" + i) + ".example"))
                        .toList();
                homes(rules, all.subList(0, 2_000)); // the first time is for the compiler
                long nanos = homes(rules, all);
                System.out.printf("%s, %d domains: %d ms%n", kind.apply(7), domains, nanos / 1_000_000);
                assertThat(nanos).as(kind.apply(7)).isLessThan(1_000_000_000L);
            }
        }
    }

    private long homes(RouteRules rules, List<Address> all) {
        ThreadMXBean processor = ManagementFactory.getThreadMXBean(); // whatever else the host has to do
        long began = processor.getCurrentThreadCpuTime();
        MailRules once = rules.of(plain);
        for (Address each : all) {
            once.home(each, false);
        }
        return processor.getCurrentThreadCpuTime() - began;
    }
}
