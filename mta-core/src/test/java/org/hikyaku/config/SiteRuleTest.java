package org.hikyaku.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SiteRuleTest {
    private static final String LEAST = """
            hostname = mx.example.org
            auth.users = "/x"
            local.postmaster = "a@example.org"
            """;

    private static SiteRule rule(String name, String text) {
        return Objects.requireNonNull(
                ConfigReader.fromText(LEAST + text).sites().get(name), name);
    }

    @Test
    void theShippedProvidersAreThereWithoutAWordOfTheOperator() {
        SiteRule gmail = rule("gmail", "");
        assertThat(gmail.mx()).contains("*.google.com");
        assertThat(gmail.connections()).isPresent();
        assertThat(gmail.replies()).isNotEmpty();
        assertThat(rule("any", "").replies()).hasSizeGreaterThan(15);
    }

    @Test
    void theOperatorsKeyWinsAndTheOthersStay() {
        SiteRule gmail = rule("gmail", "sites.gmail { connections = 3, rates = [\"2/s\", \"500/h\"] }");
        assertThat(gmail.connections()).isEqualTo(Optional.of(3));
        assertThat(gmail.rates())
                .containsExactly(new Rate(2, Duration.ofSeconds(1)), new Rate(500, Duration.ofHours(1)));
        assertThat(gmail.mx()).contains("*.google.com");
    }

    @Test
    void theOperatorsRepliesCanStandBeforeTheShippedOnes() {
        int shipped = rule("any", "").replies().size();
        List<SiteRule.ReplyRule> both = rule(
                        "any",
                        "sites.any.replies = [ { texts = [\"come back\"], meaning = busy, then = suspend, time = 12h } ]"
                                + " ${sites.any.replies}")
                .replies();
        assertThat(both).hasSize(shipped + 1);
        assertThat(both.getFirst())
                .isEqualTo(new SiteRule.ReplyRule(
                        List.of(),
                        List.of(),
                        List.of("come back"),
                        SiteRule.ReplyClass.BUSY,
                        SiteRule.Then.SUSPEND,
                        Duration.ofHours(12)));
    }

    @ParameterizedTest
    @CsvSource({"20/s,20,1", "1000/h,1000,3600", "5/10m,5,600", "1/d,1,86400", "7 / 30s,7,30"})
    void aRateIsMessagesInATime(String text, int messages, long seconds) {
        assertThat(Rate.parse(text)).contains(new Rate(messages, Duration.ofSeconds(seconds)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "20", "/s", "0/s", "20/", "20/x", "-1/s", "5/0s", "5/10ms", "1000001/s", "1/2d", "20/s/s"})
    void whatIsNoRateIsNone(String text) {
        assertThat(Rate.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sites.x { connections = 1 }|sites.x: says of no domain",
                "sites.x { domains = [\"a..b\"] }|sites.x.domains[0]: must be a name",
                "sites.x { mx = [\"*.google.com\"] }|sites.x.mx[0]: *.google.com is in sites.gmail already",
                "sites.any.domains = [a.example]|sites.any: any holds for all",
                "sites.Xy { domains = [a.example] }|the name of a site",
                "sites.gmail.connections = 0|sites.gmail.connections: must be 1 to 1000",
                "sites.gmail.rates = [often]|messages in a time",
                "sites.gmail.replies = [ { meaning = busy } ]|fits every reply",
                "sites.gmail.replies = [ { codes = [\"9\"], meaning = busy } ]|the beginning of a code",
                "sites.gmail.replies = [ { enhanced = [\"4.7.x\"], meaning = busy } ]|the beginning of an enhanced code",
                "sites.gmail.replies = [ { texts = [\" \"], meaning = busy } ]|some words of a reply",
                "sites.gmail.replies = [ { texts = [a] } ]|must be set",
                "sites.gmail.replies = [ { texts = [a], meaning = lazy } ]|must be one of",
                "sites.gmail.connection = 3|did you mean",
            })
    void aMistakeIsToldByItsKey(String text, String told) {
        assertThatThrownBy(() -> rule("gmail", text)).hasMessageContaining(told);
    }
}
