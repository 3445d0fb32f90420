package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.queue.Lesson;
import org.hikyaku.queue.Outcome;
import org.hikyaku.route.Hop;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What follows when the rules of sites know what a reply means. */
class ReplyMeaningTest {
    private static final Hop HOST = Errand.hop("198.51.100.1", Hop.Security.NONE);
    private static final Hop OTHER = Errand.hop("198.51.100.2", Hop.Security.NONE);

    private final SimWorld sim = new SimWorld(7);
    private final SmtpAgent agent = new SmtpAgent(sim.world(), new Connections());
    private final FakeMx mx = Errand.mx(sim, "198.51.100.1");
    private final FakeMx second = Errand.mx(sim, "198.51.100.2");

    @AfterEach
    void close() {
        sim.close();
    }

    private Outcomes deliver(String reply, String then) {
        mx.script = (session, line) -> line.startsWith("RCPT") ? reply : null;
        Config config = Errand.config("sites.any.replies = [ { texts = [\"frobnicated\"], meaning = other, then = "
                + then + ", time = 7m } ]\n");
        return Errand.deliver(
                sim,
                agent,
                Errand.delivery(
                        Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example"), config, HOST, OTHER));
    }

    @Test
    void withoutARuleTheCodeDecidesAndTheNextHostIsTried() {
        assertThat(Errand.words(deliver("450 4.2.1 too busy", "fail"))).containsExactly("delivered");
        assertThat(second.mails).hasSize(1);
    }

    @Test
    void slowDownIsALessonForTheSiteAndNoOtherHostOfItIsTroubled() {
        Outcomes outcomes = deliver("450 4.7.0 You are FROBNICATED", "slow_down");
        assertThat(Errand.words(outcomes)).containsExactly("retry 4.7.0");
        assertThat(outcomes.lesson()).isEqualTo(Lesson.SLOW_DOWN);
        assertThat(second.sessions).isEmpty();
    }

    @Test
    void retryAndFailTurnTheCodeRound() {
        assertThat(Errand.words(deliver("550 5.7.1 frobnicated", "retry"))).containsExactly("retry 4.7.1");
        assertThat(Errand.words(deliver("450 4.7.1 frobnicated", "fail"))).containsExactly("failed 5.7.1");
    }

    @Test
    void retrySoonComesBackBeforeTheUsualTime() {
        Outcomes outcomes = deliver("450 4.7.1 frobnicated", "retry_soon");
        assertThat(Errand.words(outcomes)).as("the next host may not be so").containsExactly("delivered");
        second.script = mx.script;
        assertThat(deliver("450 4.7.1 frobnicated", "retry_soon").all())
                .allSatisfy(outcome -> assertThat(outcome)
                        .isInstanceOfSatisfying(
                                Outcome.Retry.class,
                                retry -> assertThat(retry.soon()).isEqualTo(Optional.of(Duration.ofMinutes(7)))));
    }

    @Test
    void whileASiteIsSuspendedNothingIsTriedAndEachMessageHearsWhy() {
        assertThat(Errand.words(deliver("554 5.7.9 frobnicated", "suspend"))).containsExactly("retry 4.7.9");
        int sessions = mx.sessions.size();
        Outcomes later = deliver("250 ok", "suspend");
        assertThat(later.all())
                .hasSize(1)
                .allSatisfy(outcome -> assertThat(outcome)
                        .isInstanceOfSatisfying(
                                Outcome.Retry.class,
                                retry -> assertThat(retry.why().text()).contains("554 5.7.9 frobnicated")));
        assertThat(List.of(mx.sessions.size(), second.sessions.size())).containsExactly(sessions, 0);
        sim.runFor(Duration.ofMinutes(7));
        assertThat(Errand.words(deliver("250 ok", "suspend"))).containsExactly("delivered");
    }
}
