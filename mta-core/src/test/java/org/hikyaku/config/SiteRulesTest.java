package org.hikyaku.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Locale;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Site;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SiteRulesTest {
    private final SiteRules rules = new SiteRules(ConfigReader.fromText("""
                    hostname = mx.example.org
                    auth.users = "/x"
                    local.postmaster = "a@example.org"
                    """));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gmail|421 4.7.28 Gmail has detected an unusual rate of mail|rate_limit|slow_down",
                "gmail|450 4.2.1 The user is receiving mail too quickly|rate_limit|as_said",
                "gmail|550 5.7.26 Unauthenticated mail is not accepted|authentication|as_said",
                "gmail|550 5.1.1 The account does not exist|unknown_user|as_said",
                "gmail|552 5.2.2 The inbox is out of storage space|mailbox_full|as_said",
                "microsoft|451 4.7.500 Server busy. Please try again later|rate_limit|slow_down",
                "microsoft|550 5.7.606 Access denied, banned sending IP|blocked|as_said",
                "microsoft|550 5.4.1 Recipient address rejected: Access denied|unknown_user|as_said",
                "outlook|421 RP-001 The mail server has exceeded the rate limit|rate_limit|slow_down",
                "yahoo|421 4.7.0 [TSS04] Messages temporarily deferred|rate_limit|slow_down",
                "yahoo|421 4.7.1 [TS03] All messages will be deferred|blocked|suspend",
                "none|450 4.7.1 Greylisted, come back later|greylist|retry_soon",
                "none|421 too many connections from your host|rate_limit|slow_down",
                "none|554 5.7.1 Service unavailable; blocked using zen.SPAMHAUS.org|blocked|as_said",
                "none|550 5.7.1 Relaying denied|relay_denied|as_said",
                "none|550 No such user here|unknown_user|as_said",
                "none|552 5.3.4 Message too big|too_large|as_said",
                "none|421 4.3.2 Shutting down|busy|as_said",
                "none|451 Requested action aborted|busy|as_said",
                "none|550 5.7.1 By our rules|policy|as_said",
            })
    void theShippedTableKnowsWhatIsSaidMostOften(String site, String reply, String meaning, String then) {
        SiteRule.ReplyRule rule = rules.meaning(new Site("site:" + site), reply).orElseThrow();
        assertThat(rule.meaning().name().toLowerCase(Locale.ROOT)).isEqualTo(meaning);
        assertThat(rule.then().name().toLowerCase(Locale.ROOT)).isEqualTo(then);
    }

    @Test
    void aFallbackHasTheConnectionsThatARuleForItsHostAllows() {
        SiteRules own = new SiteRules(ConfigReader.fromText("""
                    hostname = mx.example.org
                    auth.users = "/x"
                    local.postmaster = "a@example.org"
                    sites.relay { mx = ["relay.example"], connections = 3 }
                    sites.any.connections = 7
                    """));
        assertThat(own.room(new Site("fallback:relay.example:25"))).isEqualTo(3);
        assertThat(own.room(new Site("fallback:relay.example:25 from bulk"))).isEqualTo(3);
        assertThat(own.room(new Site("fallback:other.example:25")))
                .as("what is for each site")
                .isEqualTo(Integer.MAX_VALUE);
        assertThat(own.room(new Site("mx:other.example"))).isEqualTo(7);
        assertThat(rules.room(new Site("smarthost:other.example:25"))).isEqualTo(10);
    }

    @Test
    void aSiteWaitsAsItsRuleSaysThenAsAnyThenAsAll() {
        SiteRules own = new SiteRules(ConfigReader.fromText("""
                    hostname = mx.example.org
                    auth.users = "/x"
                    local.postmaster = "a@example.org"
                    sites.slow { domains = [slow.example], timeouts { connect = 9s, data_end = 20m } }
                    sites.any.timeouts { connect = 7s, greeting = 8s }
                    """));
        DeliverySettings.ClientTimeouts slow = own.timeouts(new Site("site:slow from bulk"));
        assertThat(slow.connect()).isEqualTo(Duration.ofSeconds(9));
        assertThat(slow.greeting()).isEqualTo(Duration.ofSeconds(8));
        assertThat(slow.dataEnd()).isEqualTo(Duration.ofMinutes(20));
        assertThat(slow.mail()).isEqualTo(own.config().delivery().timeouts().mail());
        assertThat(own.timeouts(new Site("mx:a")).connect()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void whatNoRuleFitsHasNoMeaning() {
        assertThat(rules.meaning(new Site("mx:a"), "550 sorry")).isEmpty();
        assertThat(rules.meaning(new Site("mx:a"), "")).isEmpty();
        assertThat(rules.meaning(new Site("mx:a"), "no reply at all")).isEmpty();
    }

    @Test
    void aWholeEnhancedCodeIsNoBeginningOfALongerOne() {
        assertThat(rules.meaning(new Site("site:gmail"), "421 4.7.280 x")
                        .orElseThrow()
                        .meaning())
                .isEqualTo(SiteRule.ReplyClass.POLICY);
    }

    @Test
    void aKeptDiagnosisTellsItsClassByTheHostThatSpoke() {
        Diagnosis why =
                new Diagnosis("4.7.0", "", "mta5.am0.yahoodns.net 192.0.2.1:25", "421 4.7.0 [TS01] Messages deferred");
        assertThat(rules.classOf(Domain.of("a.example"), why)).contains(SiteRule.ReplyClass.RATE_LIMIT);
        Diagnosis elsewhere = new Diagnosis("4.7.0", "", "mx.a.example 192.0.2.1:25", "421 4.7.0 [TS01] deferred");
        assertThat(rules.classOf(Domain.of("a.example"), elsewhere)).contains(SiteRule.ReplyClass.POLICY);
        assertThat(rules.classOf(Domain.of("a.example"), Diagnosis.ours("4.4.1", "no answer")))
                .isEmpty();
    }
}
