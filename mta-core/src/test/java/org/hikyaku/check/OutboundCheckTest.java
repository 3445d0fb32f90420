package org.hikyaku.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.config.OutboundSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.policy.OutboundCounts;
import org.hikyaku.policy.OutboundCounts.Kind;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

class OutboundCheckTest {
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mx.a.example
            local { domains = [a.example, b.example], postmaster = "ann@a.example" }
            auth.users = /users
            senders.news { who = ["News@a.example"], messages_per_hour = 0, recipients_per_hour = 0, domains_per_hour = 0 }
            senders.few { who = ["few@a.example"], recipients_per_hour = 5 }
            senders.many { who = ["many@a.example"], recipients_per_hour = 5000 }
            outbound {
              user { messages_per_hour = 3, recipients_per_hour = 10, domains_per_hour = 2 }
              domain { messages_per_hour = 0, recipients_per_hour = 40, domains_per_hour = 0 }
              anomaly { rejected_recipients = 5, rejected_share = 0.5, domains = 0, refusals = 20 }
            }
            """);

    private final List<String> suspected = new ArrayList<>();
    private final OutboundCounts counts = new OutboundCounts();

    private interface Body {
        void run(World world, OutboundCheck check);
    }

    private long with(Body body) {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> body.run(world, new OutboundCheck(world, counts, (user, why) -> suspected.add(user))));
            return sim.events().count(Event.OUTBOUND_LIMITED);
        }
    }

    private static SessionFacts by(String user) {
        Optional<String> name = user.isEmpty() ? Optional.empty() : Optional.of(user);
        return new SessionFacts(
                "s",
                CONFIG,
                "submission",
                InetAddress.ofLiteral("192.0.2.1"),
                Optional.empty(),
                Optional.empty(),
                name);
    }

    private static Reply rcpt(OutboundCheck check, String user, String to) {
        return reply(check.answer(new Question.Recipient(Address.of(user), Address.of(to)), by(user)));
    }

    private static Reply mail(OutboundCheck check, String user) {
        return reply(check.answer(new Question.Sender(Address.of(user), 0), by(user)));
    }

    private static Reply reply(Verdict verdict) {
        return verdict instanceof Verdict.Reject(Reply reply) ? reply : Replies.NOOP;
    }

    private void sent(World world, String user) {
        assertThat(counts.message(
                        OutboundCheck.bounds(CONFIG, Kind.USER, user, Address.of(user)),
                        world.clock().nanos()))
                .isEmpty();
    }

    @Test
    void messagesBeyondTheLimitAreForLaterAndTheHourGoesBy() {
        long told = with((world, check) -> {
            for (int i = 0; i < 3; i++) {
                assertThat(mail(check, "eve@a.example")).isEqualTo(Replies.NOOP);
                sent(world, "eve@a.example");
                world.tasks().sleep(Duration.ofMinutes(10));
            }
            assertThat(mail(check, "eve@a.example")).isEqualTo(Replies.TOO_MANY_SENT);
            assertThat(mail(check, "eve@a.example")).isEqualTo(Replies.TOO_MANY_SENT);
            assertThat(mail(check, "ann@a.example")).isEqualTo(Replies.NOOP);
            world.tasks().sleep(Duration.ofMinutes(36)); // the first is more than an hour old
            assertThat(mail(check, "eve@a.example")).isEqualTo(Replies.NOOP);
            sent(world, "eve@a.example");
            assertThat(mail(check, "eve@a.example")).isEqualTo(Replies.TOO_MANY_SENT);
        });
        assertThat(told).as("once an hour").isEqualTo(1);
    }

    @Test
    void recipientsAndTheirDomainsAreCountedApart() {
        with((world, check) -> {
            for (int i = 0; i < 5; i++) {
                assertThat(rcpt(check, "eve@a.example", "u" + i + "@c.example")).isEqualTo(Replies.NOOP);
            }
            assertThat(rcpt(check, "eve@a.example", "u@d.example")).isEqualTo(Replies.NOOP);
            assertThat(rcpt(check, "eve@a.example", "u@e.example")).isEqualTo(Replies.TOO_MANY_DOMAINS);
            for (int i = 0; i < 4; i++) {
                assertThat(rcpt(check, "eve@a.example", "v" + i + "@d.example")).isEqualTo(Replies.NOOP);
            }
            assertThat(rcpt(check, "eve@a.example", "w@d.example")).isEqualTo(Replies.TOO_MANY_SENT_TO);
            world.tasks().sleep(Duration.ofMinutes(66));
            assertThat(rcpt(check, "eve@a.example", "u@e.example")).isEqualTo(Replies.NOOP);
        });
    }

    @Test
    void allUsersOfADomainHaveALimitTogether() {
        with((world, check) -> {
            int taken = 0;
            for (int i = 0; i < 60; i++) {
                Reply reply = rcpt(check, "u" + i % 20 + "@a.example", "x@c.example");
                taken += reply.equals(Replies.NOOP) ? 1 : 0;
                assertThat(reply).isIn(Replies.NOOP, Replies.DOMAIN_SENDS_TOO_MUCH);
            }
            assertThat(taken).isEqualTo(40);
            assertThat(rcpt(check, "joe@b.example", "x@c.example")).isEqualTo(Replies.NOOP);
        });
    }

    @Test
    void aClassHasLimitsOfItsOwnAndStrangersNone() {
        with((world, check) -> {
            for (int i = 0; i < 30; i++) {
                assertThat(rcpt(check, "news@a.example", "x@c" + i + ".example"))
                        .isEqualTo(Replies.NOOP);
                sent(world, "news@a.example");
                assertThat(check.answer(
                                new Question.Recipient(Address.of("x@c.example"), Address.of("u" + i + "@a.example")),
                                by("")))
                        .isEqualTo(Verdict.PASS);
            }
        });
    }

    @Test
    void manyRejectedRecipientsAreSuspiciousIfTheyAreAGoodPartOfAll() {
        with((world, check) -> {
            for (int i = 0; i < 10; i++) {
                rcpt(check, "ann@a.example", "u" + i + "@c.example");
            }
            for (int i = 0; i < 9; i++) {
                check.rejected(Kind.USER, "ann@a.example", CONFIG, Address.of("ann@a.example"));
            }
            assertThat(suspected).as("9 of 19").isEmpty();
            check.rejected(Kind.USER, "Ann@a.example", CONFIG, Address.of("ann@a.example"));
            assertThat(suspected).containsExactly("ann@a.example");
            counts.forget("ann@a.example");
            check.rejected(Kind.USER, "ann@a.example", CONFIG, Address.of("ann@a.example"));
            assertThat(suspected).hasSize(1);
        });
    }

    private static void refused(OutboundCheck check, String user, int count) {
        for (int i = 0; i < count; i++) {
            check.refused(Kind.USER, user, CONFIG, Address.of(user));
        }
    }

    private static void delivered(OutboundCheck check, String user, int count) {
        for (int i = 0; i < count; i++) {
            check.delivered(Kind.USER, user);
        }
    }

    @Test
    void whatIsDeliveredForHoursIsSetAgainstWhatIsRefusedInTheSameHour() {
        with((world, check) -> {
            for (int i = 0; i < 300; i++) {
                rcpt(check, "news@a.example", "u" + i + "@c.example");
            }
            for (int i = 0; i < 60; i++) { // five hours
                world.tasks().sleep(Duration.ofMinutes(5));
                delivered(check, "news@a.example", 4);
                refused(check, "news@a.example", 1);
            }
            assertThat(suspected).as("12 refused of 60 in each hour").isEmpty();
            refused(check, "news@a.example", 60);
            assertThat(suspected).contains("news@a.example");
        });
    }

    @Test
    void aRestartForgetsWhatWasDeliveredAndWhatWasRefusedAlike() {
        with((world, check) -> {
            for (int i = 0; i < 10; i++) { // the backlog of one of whom nothing is known any more
                delivered(check, "ann@a.example", 2);
                refused(check, "ann@a.example", 1);
            }
            assertThat(suspected).isEmpty();
        });
    }

    @Test
    void whoIsUnfrozenIsNotHeldForTheRefusalsOfWhatIsReleased() {
        with((world, check) -> {
            rcpt(check, "ann@a.example", "u@c.example");
            refused(check, "ann@a.example", 5);
            assertThat(suspected).hasSize(1);
            counts.forget("Ann@a.example");
            delivered(check, "ann@a.example", 7);
            refused(check, "ann@a.example", 6);
            assertThat(suspected).as("6 of 13").hasSize(1);
        });
    }

    @Test
    void refusalsHereAndElsewhereAreEachAPartOfTheirOwn() {
        with((world, check) -> {
            for (int i = 0; i < 10; i++) {
                rcpt(check, "ann@a.example", "u" + i + "@c.example");
            }
            refused(check, "ann@a.example", 4);
            for (int i = 0; i < 4; i++) {
                check.rejected(Kind.USER, "ann@a.example", CONFIG, Address.of("ann@a.example"));
            }
            assertThat(suspected).as("four of each").isEmpty();
            refused(check, "ann@a.example", 1);
            assertThat(suspected)
                    .as("what was taken at RCPT says nothing of what receivers take")
                    .hasSize(1);
        });
    }

    @Test
    void aUserOfTheHostIsTheSameInWhateverCase() {
        with((world, check) -> {
            Address sender = Address.of("Anna@a.example");
            for (int i = 0; i < 10; i++) {
                check.delivered(Kind.LOCAL, "Anna");
            }
            for (int i = 0; i < 6; i++) {
                check.refused(Kind.LOCAL, "anna", CONFIG, sender);
            }
            assertThat(suspected).as("6 of 16").isEmpty();
            counts.sent(OutboundCheck.bounds(CONFIG, Kind.LOCAL, "Anna", Address.NULL), 1, List.of(), 0);
            assertThat(counts.rows()).isEqualTo(1);
            counts.forget("ANNA");
            assertThat(counts.rows()).isZero();
        });
    }

    @Test
    void whatAClassLiftsShutsNobodyElseOutOfTheDomain() {
        with((world, check) -> {
            for (int i = 0; i < 60; i++) {
                assertThat(rcpt(check, "news@a.example", "u" + i + "@c.example"))
                        .isEqualTo(Replies.NOOP);
            }
            assertThat(rcpt(check, "ann@a.example", "x@c.example")).isEqualTo(Replies.NOOP);
            int taken = 1;
            for (int i = 0; i < 60; i++) {
                taken += rcpt(check, "u" + i % 20 + "@a.example", "x@c.example").equals(Replies.NOOP) ? 1 : 0;
            }
            assertThat(taken).as("the others have their limit together").isEqualTo(40);
            assertThat(rcpt(check, "news@a.example", "x@c.example"))
                    .as("nor does it shut him out")
                    .isEqualTo(Replies.NOOP);
        });
    }

    @Test
    void aClassThatOnlyHasLessIsCountedForTheDomain() {
        OutboundSettings.Quota domain = CONFIG.quotaOfDomain(false, "few@a.example", Address.of("few@a.example"));
        assertThat(domain).isEqualTo(CONFIG.outbound().domain());
        assertThat(CONFIG.quotaOfDomain(false, "many@a.example", Address.of("many@a.example")))
                .isEqualTo(new OutboundSettings.Quota(0, 0, 0));
    }

    @Test
    void whoTriesOnAndOnIsSuspicious() {
        with((world, check) -> {
            for (int i = 0; i < 3; i++) {
                sent(world, "eve@a.example");
            }
            for (int i = 0; i < 19; i++) {
                mail(check, "eve@a.example");
            }
            assertThat(suspected).isEmpty();
            mail(check, "eve@a.example");
            assertThat(suspected).containsExactly("eve@a.example");
        });
    }

    @Test
    void thereAreNeverMoreRowsAndDomainsThanTheBoundAndTheLatestStay() {
        OutboundCounts many = new OutboundCounts();
        OutboundSettings.Quota quota = new OutboundSettings.Quota(1, 0, 0);
        for (int i = 0; i < 30_000; i++) {
            List<OutboundCounts.Bound> bounds = List.of(new OutboundCounts.Bound(Kind.USER, "u" + i, quota));
            assertThat(many.message(bounds, 0)).isEmpty();
            List<String> domains = new ArrayList<>();
            for (int d = 0; d < (i < 29_990 ? 1 : 50_000); d++) {
                domains.add("d" + d);
            }
            many.sent(
                    List.of(new OutboundCounts.Bound(Kind.USER, "u" + i, new OutboundSettings.Quota(0, 0, 0))),
                    1,
                    domains,
                    0);
        }
        assertThat(many.rows()).isLessThanOrEqualTo(20_000);
        assertThat(many.domains()).isLessThanOrEqualTo(400_000);
        assertThat(many.wouldBegin(List.of(new OutboundCounts.Bound(Kind.USER, "u29999", quota)), 0))
                .isPresent();
        assertThat(many.wouldBegin(List.of(new OutboundCounts.Bound(Kind.USER, "u1", quota)), 0))
                .as("forgotten")
                .isEmpty();
    }
}
