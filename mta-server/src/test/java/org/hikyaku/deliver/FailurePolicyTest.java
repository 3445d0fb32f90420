package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.hikyaku.deliver.FailurePolicy.Then;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.queue.Outcome;
import org.hikyaku.route.Route;
import org.hikyaku.route.RouteFailure;
import org.hikyaku.smtp.Reply;
import org.hikyaku.smtp.client.Trouble;
import org.hikyaku.smtp.client.Trouble.Kind;
import org.hikyaku.smtp.client.Trouble.Stage;
import org.junit.jupiter.api.Test;

class FailurePolicyTest {
    private static FailurePolicy row(Stage stage, int code, String enhanced) {
        return FailurePolicy.of(Trouble.of(stage, new Reply(code, enhanced, "text")));
    }

    private static String status(Stage stage, int code, String enhanced) {
        Trouble trouble = Trouble.of(stage, new Reply(code, enhanced, "text"));
        return FailurePolicy.of(trouble).diagnosis(trouble, "mx").status();
    }

    @Test
    void everyTroubleHasARowAndItsCodeHasTheClassOfWhatFollows() {
        Set<FailurePolicy> met = new TreeSet<>();
        for (Stage stage : Stage.values()) {
            for (Kind kind : Kind.values()) {
                List<Trouble> troubles = new ArrayList<>();
                if (kind == Kind.REPLY || kind == Kind.SHUTTING_DOWN) {
                    for (int code : new int[] {421, 450, 451, 452, 500, 521, 530, 535, 550, 552, 554, 556}) {
                        troubles.add(Trouble.of(stage, new Reply(code, "", "x")));
                        troubles.add(Trouble.of(stage, new Reply(code, code / 100 + ".2.2", "x")));
                    }
                } else {
                    troubles.add(Trouble.of(stage, kind, "x"));
                }
                for (Trouble trouble : troubles) {
                    FailurePolicy row = FailurePolicy.of(trouble);
                    met.add(row);
                    Diagnosis why = row.diagnosis(trouble, "mx");
                    assertThat(why.status()).matches(row.then() == Then.FAIL ? "5\\.\\d+\\.\\d+" : "4\\.\\d+\\.\\d+");
                }
            }
        }
        for (RouteFailure failure : RouteFailure.values()) {
            met.add(FailurePolicy.of(new Route.Never(failure, "")));
            met.add(FailurePolicy.of(new Route.Later(failure, "")));
        }
        met.addAll(List.of(
                FailurePolicy.AGENT_BROKEN,
                FailurePolicy.AWAITS_PICKUP,
                FailurePolicy.SUPPRESSED,
                FailurePolicy.RULE_REFUSES,
                FailurePolicy.RULE_HOLDS,
                FailurePolicy.HOST_PASSED_BY,
                FailurePolicy.SITE_SUSPENDED,
                FailurePolicy.CONTENT_UNREADABLE,
                FailurePolicy.PROGRAM_FAILED,
                FailurePolicy.PROGRAM_UNUSABLE,
                FailurePolicy.PROGRAM_REFUSES_CONTENT,
                FailurePolicy.PROGRAM_UNAVAILABLE,
                FailurePolicy.PROGRAM_REFUSES,
                FailurePolicy.MAILBOX_BUSY,
                FailurePolicy.OVER_QUOTA,
                FailurePolicy.OVER_QUOTA_REFUSED,
                FailurePolicy.MAILBOX_FULL,
                FailurePolicy.MAILBOX_UNKNOWN,
                FailurePolicy.MAILBOX_UNWRITABLE,
                FailurePolicy.TOO_LATE,
                FailurePolicy.NEEDS_DELIVERBY,
                FailurePolicy.UNPROVED_HOST,
                FailurePolicy.NEEDS_REQUIRETLS));
        assertThat(met).containsExactlyInAnyOrder(FailurePolicy.values());
    }

    @Test
    void onlyWhatTheDnsSaysOutrightFails() {
        for (RouteFailure failure : List.of(
                RouteFailure.DNS_SERVFAIL, RouteFailure.DNS_TIMEOUT, RouteFailure.DNS_BOGUS, RouteFailure.DNS_BROKEN)) {
            assertThat(FailurePolicy.of(new Route.Never(failure, "")).then()).isEqualTo(Then.RETRY);
        }
        assertThat(FailurePolicy.of(new Route.Never(RouteFailure.NULL_MX, "")).status())
                .isEqualTo("5.1.10"); // RFC 7505 4.2
        assertThat(FailurePolicy.of(new Route.Later(RouteFailure.NO_ADDRESS, ""))
                        .then())
                .isEqualTo(Then.RETRY);
    }

    @Test
    void noReplyBeforeTheMailEverFailsIt() {
        for (Stage stage : List.of(Stage.GREETING, Stage.HELLO, Stage.STARTTLS, Stage.AUTH)) {
            for (int code : new int[] {421, 450, 500, 530, 550, 554}) {
                assertThat(row(stage, code, "").then()).isEqualTo(Then.RETRY);
            }
        }
        assertThat(row(Stage.GREETING, 521, "").then()).isEqualTo(Then.FAIL); // RFC 7504 3
    }

    @Test
    void theHostsOwnCodeIsKeptAndOthersAreDerived() { // RFC 3463, RFC 5248
        assertThat(status(Stage.RECIPIENT, 550, "5.1.1")).isEqualTo("5.1.1");
        assertThat(status(Stage.RECIPIENT, 550, "")).isEqualTo("5.0.0");
        assertThat(status(Stage.END_OF_DATA, 552, "")).isEqualTo("5.3.4");
        assertThat(status(Stage.GREETING, 554, "5.7.1")).isEqualTo("4.7.1");
        assertThat(status(Stage.MAIL, 421, "")).isEqualTo("4.3.2");
    }

    @Test
    void tooManyRecipientsIsToldFromAFullMailbox() { // RFC 5321 4.5.3.1.10
        assertThat(row(Stage.RECIPIENT, 452, "")).isEqualTo(FailurePolicy.TOO_MANY_RECIPIENTS);
        assertThat(row(Stage.RECIPIENT, 552, "")).isEqualTo(FailurePolicy.TOO_MANY_RECIPIENTS);
        assertThat(row(Stage.RECIPIENT, 452, "4.5.3")).isEqualTo(FailurePolicy.TOO_MANY_RECIPIENTS);
        assertThat(row(Stage.RECIPIENT, 452, "4.2.2")).isEqualTo(FailurePolicy.RECIPIENT_4XX);
        assertThat(row(Stage.RECIPIENT, 552, "5.2.2")).isEqualTo(FailurePolicy.RECIPIENT_5XX);
    }

    @Test
    void onlyWhenEachHostGaveAReasonToFailDoesItFail() {
        Diagnosis never = Diagnosis.ours("5.3.2", "never");
        Diagnosis later = Diagnosis.ours("4.4.1", "later");
        Outcomes mixed = new Outcomes(3, "mx");
        mixed.failed(0, FailurePolicy.CONNECT_REFUSED, later);
        mixed.failed(0, FailurePolicy.GREETING_521, never);
        mixed.failed(1, FailurePolicy.GREETING_521, never);
        mixed.failed(1, FailurePolicy.CONNECT_REFUSED, later);
        mixed.failed(2, FailurePolicy.GREETING_521, never);
        assertThat(mixed.open()).containsExactly(0, 1, 2);
        assertThat(mixed.all())
                .containsExactly(
                        new Outcome.Retry("mx", later),
                        new Outcome.Retry("mx", later),
                        new Outcome.Failed("mx", never));
        mixed.failed(0, FailurePolicy.RECIPIENT_5XX, never);
        assertThat(mixed.open()).containsExactly(1, 2);
    }
}
