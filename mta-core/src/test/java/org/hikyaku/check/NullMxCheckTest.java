package org.hikyaku.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.smtp.Replies;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** RFC 7505 4.1. */
class NullMxCheckTest {
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mx.example.org
            local { domains = [example.org], postmaster = "alice@example.org" }
            auth.users = /etc/users
            relay.trusted_networks = ["192.0.2.0/24"]
            listeners.strict { mode = mx, endpoints = [], null_mx_senders = refuse }
            """);
    private static final Verdict REFUSED = new Verdict.Reject(Replies.DOMAIN_TAKES_NO_MAIL);

    /** All but {@code far.example}, which has a route of its own. */
    private static Optional<Domain> byDns(Address address, Config config) {
        return address.domain().filter(domain -> !domain.ascii().equals("far.example"));
    }

    private static SessionFacts facts(String listener) {
        return new SessionFacts(
                "s",
                CONFIG,
                listener,
                InetAddress.ofLiteral("203.0.113.5"),
                Optional.empty(),
                Optional.empty(),
                Optional.of("alice@example.org"));
    }

    private static Question to(String address) {
        return new Question.Recipient(Address.of("alice@example.org"), Address.of(address));
    }

    @Test
    void whoSubmitsToADomainThatTakesNoneIsTold() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.zones()
                    .nullMx("null.example")
                    .mx("some.example", 10, "mx.some.example")
                    .nullMx("far.example");
            sim.run(world -> {
                NullMxCheck check = new NullMxCheck(world, NullMxCheckTest::byDns);
                SessionFacts user = facts("submission");
                assertThat(check.answer(to("x@null.example"), user)).isEqualTo(REFUSED);
                assertThat(check.answer(to("x@some.example"), user)).isEqualTo(Verdict.PASS);
                assertThat(check.answer(to("x@nowhere.example"), user)).isEqualTo(Verdict.PASS);
                assertThat(check.answer(to("x@far.example"), user)).isEqualTo(Verdict.PASS);
            });
        }
    }

    /** No task is begun for mail that comes in. */
    @Test
    void onlySubmissionIsConcerned() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                NullMxCheck check = new NullMxCheck(world, NullMxCheckTest::byDns);
                assertThat(check.concerns(to("x@null.example"), facts("mx"))).isFalse();
                assertThat(check.concerns(to("x@far.example"), facts("submission")))
                        .isFalse();
                assertThat(check.concerns(to("x@null.example"), facts("submission")))
                        .isTrue();
            });
        }
    }

    @Test
    void aSilentResolverIsLeftInPeaceForAWhile() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.zones().nullMx("null.example").fail("silent.example", Resolver.Cause.TIMEOUT);
            sim.run(world -> {
                NullMxCheck check = new NullMxCheck(world, NullMxCheckTest::byDns);
                SessionFacts user = facts("submission");
                assertThat(check.answer(to("x@silent.example"), user)).isEqualTo(Verdict.PASS);
                assertThat(check.answer(to("x@null.example"), user)).isEqualTo(Verdict.PASS);
                rest(world);
                assertThat(check.answer(to("x@null.example"), user)).isEqualTo(REFUSED);
            });
        }
    }

    /** RFC 7505 4.2. */
    @Test
    void strangersMailFromADomainThatTakesNoneIsRefusedWhereItIsWanted() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.zones()
                    .nullMx("null.example")
                    .mx("some.example", 10, "mx.some.example")
                    .fail("silent.example", Resolver.Cause.TIMEOUT);
            sim.run(world -> {
                NullMxCheck check = new NullMxCheck(world, NullMxCheckTest::byDns);
                Verdict refused = new Verdict.Reject(Replies.SENDER_TAKES_NO_MAIL);
                assertThat(check.answer(from("x@null.example"), stranger("strict", "203.0.113.5")))
                        .isEqualTo(refused);
                assertThat(check.concerns(from("x@null.example"), stranger("mx", "203.0.113.5")))
                        .as("not by default")
                        .isFalse();
                assertThat(check.concerns(from("x@null.example"), stranger("strict", "192.0.2.1")))
                        .as("from a network of ours")
                        .isFalse();
                for (String other :
                        List.of("x@some.example", "x@nowhere.example", "x@silent.example", "x@[192.0.2.9]")) {
                    assertThat(check.answer(from(other), stranger("strict", "203.0.113.5")))
                            .as(other)
                            .isEqualTo(Verdict.PASS);
                }
                assertThat(check.answer(new Question.Sender(Address.NULL, 0), stranger("strict", "203.0.113.5")))
                        .isEqualTo(Verdict.PASS);
            });
        }
    }

    private static Question from(String address) {
        return new Question.Sender(Address.of(address), 0);
    }

    private static SessionFacts stranger(String listener, String client) {
        return new SessionFacts(
                "s",
                CONFIG,
                listener,
                InetAddress.ofLiteral(client),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static void rest(World world) {
        world.tasks().sleep(Duration.ofMinutes(2));
    }
}
