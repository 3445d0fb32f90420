package org.hikyaku.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.Address;
import org.junit.jupiter.api.Test;

class RouteChecksTest {
    private static final String LEAST = """
            hostname = mail.example.org
            local { domains = [example.org], postmaster = "anna@example.org" }
            auth.users = users
            """;

    private static List<String> problems(String more) {
        ConfigFiles files = new ConfigFiles() {
            @Override
            public String read(Path file) throws IOException {
                return LEAST + more;
            }

            @Override
            public boolean isReadable(Path file) {
                return !file.toString().contains("missing");
            }
        };
        return switch (ConfigReader.read(Path.of("/etc/h.conf"), files, Map.of())) {
            case Reading.Good good -> List.of();
            case Reading.Bad bad ->
                bad.problems().stream().map(Problem::toString).toList();
        };
    }

    /** In the second rule, on line 6. */
    private static List<String> inRule(String rule) {
        return problems("delivery.rules = [\n  { mx = true }\n  { " + rule + " }\n]\n");
    }

    private static void tells(String rule, String key, String message) {
        assertThat(inRule(rule))
                .as(rule)
                .singleElement()
                .asString()
                .startsWith("/etc/h.conf:6: delivery.rules[1]" + key + ": ")
                .contains(message);
    }

    @Test
    void eachMistakeIsToldWithFileLineAndKey() {
        tells("from = [\"a@\"], mx = true", ".from[0]", "must be an address, a domain");
        tells("from = [\"/(/\"], mx = true", ".from[0]", "/pattern/");
        tells("to = [\"<>\"], mx = true", ".to[0]", "<> is a sender");
        tells("headers = [\"X: (\"], mx = true", ".headers[0]", "pattern");
        tells("headers = [\"X Y\"], mx = true", ".headers[0]", "the name of a field");
        tells("clients = [\"10.0.0.1/8\"], mx = true", ".clients[0]", "a network");
        tells("listeners = [none], mx = true", ".listeners[0]", "there is no listener \"none\"");
        tells("size_min = 2KiB, size_max = 1KiB, mx = true", ".size_max", "less than size_min");
        tells("from_files = [missing], mx = true", ".from_files[0]", "/etc/missing is not there");
        tells("sender_hosts = missing", ".sender_hosts", "/etc/missing is not there");
        tells("agent = nobody", ".agent", "there is no agent \"nobody\"");
        tells("fail = \"450 4.7.1 no\"", ".fail", "must be a reply such as");
        tells("fail = no", ".fail", "must be a reply such as");
        tells("hold = \"@trash\"", ".hold", "must say why");
        tells("form = [example.com], mx = true", ".form", "did you mean delivery.rules[1].from?");
    }

    @Test
    void aRuleHasOneWayOrSomethingThatGoesAlong() {
        tells("from = [example.com]", "", "says nothing");
        tells("mx = true, agent = discard", "", "one way only");
        tells("hold = wait, fallback = [ { host = a.example, port = 25, tls = none } ]", ".fallback", "goes to hosts");
        assertThat(inRule("fallback = [ { host = a.example, port = 25, tls = none } ]"))
                .isEmpty();
    }

    @Test
    void poolsOfSourcesAreToldApartAndExist() {
        tells("source = none", ".source", "there is no pool sources.none");
        tells("source = none, fail = \"550 5.7.1 no\"", ".source", "");
        String address = "{ address = \"192.0.2.1\" }";
        assertThat(problems("sources.a.addresses = [ " + address + "," + address + " ]"))
                .singleElement()
                .asString()
                .startsWith("/etc/h.conf:4: sources.a.addresses[1].address: is in this pool already");
        assertThat(problems("sources.a.addresses = []"))
                .singleElement()
                .asString()
                .contains("must be 1 to");
        assertThat(problems("sources.a.addresses = [ { address = \"0.0.0.0\" } ]"))
                .singleElement()
                .asString()
                .contains("must be an address of one interface");
        assertThat(
                        problems(
                                "sources.a.addresses = [ { address = \"192.0.2.1\", warm_up { since = soon, per_day = [1] } } ]"))
                .singleElement()
                .asString()
                .contains("sources.a.addresses[0].warm_up.since: must be a day such as");
        assertThat(
                        problems(
                                "sources.a.addresses = [ { address = \"192.0.2.1\", warm_up { since = 2026-12-01, per_day = [] } } ]"))
                .singleElement()
                .asString()
                .contains("per_day: must be the messages of");
        assertThat(problems("sites.gmail.source = none"))
                .singleElement()
                .asString()
                .contains("no pool sources.none");
        assertThat(problems("sites.gmail.tls = maybe"))
                .singleElement()
                .asString()
                .contains("none, opportunistic, required");
        assertThat(problems("sites.gmail { tls = required, source = a }\nsources.a.addresses = [ " + address + " ]"))
                .isEmpty();
    }

    @Test
    void aPasswordGoesOnlyToAHostThatProvesItsNameHereToo() {
        tells(
                "hosts = [ { host = a.example, port = 25, tls = opportunistic, user = u, password_file = p } ]",
                ".hosts[0].tls",
                "verified or implicit");
        assertThat(problems("delivery.fallback = [ { host = \"a b\", port = 25, tls = none } ]"))
                .singleElement()
                .asString()
                .startsWith("/etc/h.conf:4: delivery.fallback[0].host: must be a host name");
    }

    @Test
    void anAddressPatternIsOneAddressADomainAllBelowItOrAPattern() {
        assertThat(key("Anna@Example.ORG")).isEqualTo("anna@example.org");
        assertThat(key("Example.ORG")).isEqualTo("@example.org");
        assertThat(key("@example.org")).isEqualTo("@example.org");
        assertThat(key(".example.org")).isEqualTo(".example.org");
        assertThat(key("<>")).isEqualTo("<>");
        AddressPattern pattern = AddressPattern.parse("/.*-BULK@example\\.org/").orElseThrow();
        assertThat(pattern.matches(Address.of("a-bulk@example.org"))).isTrue();
        assertThat(pattern.matches(Address.of("a-bulk@example.org.x"))).isFalse();
        assertThat(pattern.matches(Address.NULL)).isFalse();
        assertThat(AddressPattern.parse("//")).isEmpty();
        assertThat(AddressPattern.parse("/x")).isEmpty();
    }

    private static String key(String text) {
        return AddressPattern.parse(text).orElseThrow().key();
    }

    @Test
    void aRuleThatHasOnlyMovedIsNoChange() {
        String rule = "delivery.rules = [ { mx = true } ]";
        Config before = ConfigReader.fromText(LEAST + rule);
        Config after = ConfigReader.fromText(LEAST + "\n\n" + rule);
        assertThat(before.delivery().rules().getFirst().place().line()).isEqualTo(4);
        assertThat(after.delivery().rules().getFirst().place().line()).isEqualTo(6);
        assertThat(Changes.between(before, after).now()).isEmpty();
    }
}
