package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** What users are called who come over the Unix socket, by a list that is remembered, and may hang. */
class HostCallersTest {
    private static final Endpoint.Unix SOCKET = new Endpoint.Unix(Path.of("/run/hikyaku-submit/smtp"));
    private static final int BOB = 1001;
    private static final String SETTINGS = """
            hostname = mail.example.org
            data_dir = /var/lib/hikyaku
            local { domains = [example.org], postmaster = "anna@example.org" }
            agents.of { "anna@example.org" = maildir, "bob@example.org" = maildir }
            limits.sessions_per_address_max = 2
            listeners {
              mx.endpoints = [], submission.endpoints = [], submissions.endpoints = []
              host { endpoints = ["unix:/run/hikyaku-submit/smtp"], timeouts.command = 1m }
            }
            """;
    private static final Config CONFIG = ConfigReader.fromText(SETTINGS);

    private static SimWorld begin() {
        SimWorld sim = new SimWorld(1, SimFaults.none());
        sim.host().user(BOB, Optional.of("bob"));
        sim.run(HostCallersTest::start);
        return sim;
    }

    private static void start(World world) {
        try {
            Assembly.start(world, CONFIG, Hooks.simulated(UnaryOperator.identity()));
        } catch (StartFailure e) {
            throw new AssertionError(String.join("; ", e.problems()), e);
        }
    }

    /** Calls as this user. */
    private static Script call(SimWorld sim, int uid, Script script) {
        sim.host().calls(OptionalInt.of(uid));
        return script.connect(sim.world(), SOCKET);
    }

    private static Script greeted() {
        return new Script().on("220 ", "EHLO localhost");
    }

    /** A whole transaction, and the words that are awaited after the message. */
    private static Script message(String from, String text) {
        return greeted()
                .on("250 ", "MAIL FROM:<" + from + ">")
                .on("250 2.1.0", "RCPT TO:<anna@example.org>")
                .on("250 2.1.5", "DATA")
                .on("354 ", text.replace("\n", "\r\n") + "\r\n.")
                .on("250 ", "QUIT");
    }

    @Test
    void whatAUserIsCalledIsRememberedForAMinute() {
        try (SimWorld sim = begin()) {
            call(sim, BOB, greeted().on("250 ", "QUIT"));
            sim.runFor(Duration.ofSeconds(5));
            sim.host().user(BOB, Optional.of("robert"));
            call(sim, BOB, greeted().on("250 ", "QUIT"));
            sim.runFor(Duration.ofSeconds(5));
            assertThat(sim.host().usersAsked()).isEqualTo(1);
            sim.runFor(Duration.ofMinutes(1));
            Script robert = call(
                    sim,
                    BOB,
                    greeted().on("250 ", "MAIL FROM:<robert@example.org>").on("250 2.1.0", "QUIT"));
            sim.runFor(Duration.ofSeconds(5));
            assertThat(robert.heard()).last().asString().startsWith("221 ");
            assertThat(sim.host().usersAsked()).isEqualTo(2);
        }
    }

    @Test
    void whoeverCallsTwiceIsAskedForOnce() {
        try (SimWorld sim = begin()) {
            sim.host().usersTake(Duration.ofSeconds(10));
            List<Script> same = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                same.add(call(sim, BOB, greeted().on("250 ", "QUIT")));
            }
            Script other = call(sim, 2001, greeted().on("250 ", "QUIT"));
            sim.runFor(Duration.ofSeconds(12));
            same.add(other);
            assertThat(same)
                    .allSatisfy(
                            each -> assertThat(each.heard()).last().asString().startsWith("221 "));
            assertThat(sim.host().usersAsked()).isEqualTo(2);
        }
    }

    /** Two threads may be held up by it, and a bounded number of who waits for them. */
    @Test
    void aListOfUsersThatHangsKeepsOutOnlyWhomNobodyRemembers() {
        try (SimWorld sim = begin()) {
            call(sim, BOB, greeted().on("250 ", "QUIT"));
            sim.runFor(Duration.ofSeconds(5));
            sim.host().usersTake(Duration.ofHours(1));
            List<Script> waiting = new ArrayList<>();
            for (int uid = 2001; uid <= 2110; uid++) {
                waiting.add(call(sim, uid, greeted()));
            }
            sim.runFor(Duration.ofSeconds(10));
            assertThat(waiting.stream().filter(Script::isClosed))
                    .hasSize(8) // 2 are asked for, 100 wait
                    .allSatisfy(each ->
                            assertThat(each.heard()).singleElement().asString().startsWith("421 4.7.0"));
            Script bob = call(sim, BOB, message("bob@example.org", "\nb"));
            sim.runFor(Duration.ofSeconds(20));
            assertThat(bob.heard()).last().asString().startsWith("221 ");
            assertThat(waiting).allMatch(Script::isClosed);
            sim.runFor(Duration.ofMinutes(30));
            Script again = call(sim, BOB, greeted().on("250 ", "QUIT"));
            sim.runFor(Duration.ofSeconds(1));
            assertThat(again.heard())
                    .as("nobody can be asked")
                    .last()
                    .asString()
                    .startsWith("221 ");
            sim.host().usersTake(Duration.ZERO);
            sim.runFor(Duration.ofHours(1));
            assertThat(sim.host().usersAsked())
                    .as("who has left is not asked for")
                    .isEqualTo(3);
            Script late = call(sim, 2001, greeted().on("250 ", "QUIT"));
            sim.runFor(Duration.ofSeconds(10));
            assertThat(late.heard()).last().asString().startsWith("221 ");
        }
    }

    /** Not when the longest wait is over: it is known earlier that the list hangs, and who comes after him gets in at once. */
    @Test
    void whoWaitsComesInWhenTheListIsHeldToHang() {
        try (SimWorld sim = begin()) {
            call(sim, BOB, greeted().on("250 ", "QUIT"));
            sim.runFor(Duration.ofMinutes(2));
            sim.host().usersTake(Duration.ofHours(1));
            Script first = call(sim, BOB, greeted());
            Script unknown = call(sim, 2001, greeted());
            sim.runFor(Duration.ofSeconds(4));
            assertThat(first.heard()).isEmpty();
            sim.runFor(Duration.ofSeconds(3));
            assertThat(first.heard()).last().asString().startsWith("250 ");
            assertThat(unknown.heard()).isEmpty();
            sim.runFor(Duration.ofSeconds(12));
            assertThat(unknown.heard()).isEmpty();
            sim.runFor(Duration.ofSeconds(2));
            assertThat(unknown.heard()).singleElement().asString().startsWith("421 4.7.0");
        }
    }
}
