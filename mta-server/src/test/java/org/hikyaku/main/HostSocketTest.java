package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimSeeds;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Mail of users of this host over a Unix socket, from the first octet to the mailbox. */
class HostSocketTest {
    private static final Endpoint.Unix SOCKET = new Endpoint.Unix(Path.of("/run/hikyaku-submit/smtp"));
    private static final int ROOT = 0;
    private static final int BOB = 1001;
    private static final int NAMELESS = 4242;
    private static final String SETTINGS = """
            hostname = mail.example.org
            data_dir = /var/lib/hikyaku
            local { domains = [example.org], postmaster = "anna@example.org" }
            agents.of { "anna@example.org" = maildir, "bob@example.org" = maildir }
            outbound.local { messages_per_hour = 3 }
            limits.sessions_per_address_max = 2
            listeners {
              mx.endpoints = [], submission.endpoints = [], submissions.endpoints = []
              host { endpoints = ["unix:/run/hikyaku-submit/smtp"], timeouts.command = 1m }
            }
            """;
    private static final Config CONFIG = ConfigReader.fromText(SETTINGS);

    private @Nullable Assembly server;

    private Assembly server() {
        return Objects.requireNonNull(server);
    }

    private SimWorld begin() {
        SimWorld sim = new SimWorld(1, SimFaults.none());
        begin(sim);
        return sim;
    }

    private void begin(SimWorld sim) {
        sim.host().user(ROOT, Optional.of("root"));
        sim.host().user(BOB, Optional.of("bob"));
        sim.run(world -> server = started(world));
    }

    private static Assembly started(World world) {
        try {
            return Assembly.start(world, CONFIG, Hooks.simulated(UnaryOperator.identity()));
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

    private static List<String> mail(SimWorld sim, String user) throws IOException {
        Path box = Path.of("/var/lib/hikyaku/mail/example.org").resolve(user).resolve("new");
        List<String> all = new ArrayList<>();
        if (sim.disk().exists(box)) {
            for (String name : sim.disk().list(box)) {
                all.add(new String(sim.disk().readAll(box.resolve(name), 1 << 20), StandardCharsets.UTF_8));
            }
        }
        return all;
    }

    private String one(int uid, String from, String text) throws IOException {
        try (SimWorld sim = begin()) {
            Script said = call(sim, uid, message(from, text));
            sim.runFor(Duration.ofSeconds(30));
            assertThat(said.heard()).last().asString().startsWith("221 ");
            assertThat(mail(sim, "anna")).hasSize(1);
            return mail(sim, "anna").getFirst();
        }
    }

    @Test
    void whoTheKernelSaysCallsIsTheSenderAndWhatIsMissingIsAdded() throws IOException {
        assertThat(one(BOB, "bob@example.org", "Subject: s\n\nbody"))
                .startsWith("Return-Path: <bob@example.org>\nDelivered-To: anna@example.org\n"
                        + "Received: by mail.example.org (Hikyaku, from user bob uid 1001)\n\twith ESMTP id ")
                .contains("\nFrom: bob@example.org\n", "\nDate: ", "\nMessage-ID: <")
                .endsWith("\nSubject: s\n\nbody\n");
    }

    @Test
    void neitherLoginNorTlsIsOffered() {
        try (SimWorld sim = begin()) {
            Script said = call(
                    sim,
                    BOB,
                    greeted()
                            .on("250 ", "AUTH PLAIN AGJvYgB4")
                            .on("50", "STARTTLS")
                            .on("50", "QUIT"));
            sim.runFor(Duration.ofSeconds(10));
            assertThat(String.join("\n", said.heard()))
                    .contains("250-PIPELINING", "\n502 5.5.1", "\n221 ")
                    .doesNotContain("250-AUTH", "250-STARTTLS", "250 AUTH", "XCLIENT");
        }
    }

    @Test
    void hisOwnNamesAreHisAndNoOtherIs() {
        try (SimWorld sim = begin()) {
            Script said = call(
                    sim,
                    BOB,
                    greeted()
                            .on("250 ", "MAIL FROM:<anna@example.org>")
                            .on("553 5.7.1", "MAIL FROM:<bob@elsewhere.example>")
                            .on("553 5.7.1", "MAIL FROM:<Bob+x@mail.example.org>")
                            .on("250 2.1.0", "RSET")
                            .on("250 ", "MAIL FROM:<>")
                            .on("250 2.1.0", "RCPT TO:<who@elsewhere.example>")
                            .on("250 2.1.5", "RCPT TO:<nobody@example.org>")
                            .on("550 5.1.1", "QUIT"));
            Script root = call(
                    sim, ROOT, greeted().on("250 ", "MAIL FROM:<x@y.example>").on("250 2.1.0", "QUIT"));
            sim.runFor(Duration.ofSeconds(10));
            assertThat(said.heard()).last().asString().startsWith("221 ");
            assertThat(root.heard()).last().asString().startsWith("221 ");
        }
    }

    @Test
    void aFromThatIsNotHisGetsASenderAndAForgedOneIsLeftOut() throws IOException {
        String forged = "From: x@y.example\nSender: z@y.example\nBcc: who@y.example\n\nSender: body";
        assertThat(one(BOB, "bob@example.org", forged))
                .contains("\nSender: bob@example.org\n", "\nFrom: x@y.example\n", "\n\nSender: body")
                .doesNotContain("z@y.example", "who@y.example");
        assertThat(one(ROOT, "x@y.example", forged))
                .contains("\nSender: z@y.example\n")
                .doesNotContain("root@example.org", "who@y.example");
        assertThat(one(BOB, "bob@example.org", "Resent-From: x@y.example\nSender: z@y.example\nFrom: w@y.example\n\nb"))
                .contains("\nSender: z@y.example\n", "\nResent-Sender: bob@example.org\n", "\nResent-Date: ");
        assertThat(one(BOB, "bob@example.org", "no header at all"))
                .contains("\nFrom: bob@example.org\n")
                .endsWith("\n\nno header at all\n");
    }

    @Test
    void aUserWithoutANameIsHisNumber() throws IOException {
        assertThat(one(NAMELESS, "4242@example.org", "\nb"))
                .startsWith("Return-Path: <4242@example.org>\n")
                .contains("from user 4242 uid 4242)");
    }

    @Test
    void nobodyComesInOfWhomTheHostDoesNotSayWhoHeIs() {
        try (SimWorld sim = begin()) {
            sim.host().user(77, Optional.empty());
            Script unanswered = call(sim, 77, greeted().on("250 ", "QUIT"));
            sim.host().calls(OptionalInt.empty());
            Script unknown = greeted().on("250 ", "QUIT").connect(sim.world(), SOCKET);
            sim.runFor(Duration.ofSeconds(30));
            for (Script each : List.of(unanswered, unknown)) {
                assertThat(each.heard()).singleElement().asString().startsWith("421 4.7.0");
                assertThat(each.isClosed()).isTrue();
            }
            assertThat(sim.events().count(Event.SESSION_REFUSED)).isEqualTo(2);
            Script bob = call(sim, BOB, greeted().on("250 ", "QUIT"));
            sim.runFor(Duration.ofSeconds(10));
            assertThat(bob.heard()).last().asString().startsWith("221 ");
        }
    }

    @Test
    void whatAUserSendsIsCountedTogetherAndBounded() {
        try (SimWorld sim = begin()) {
            for (int i = 0; i < 3; i++) {
                call(sim, BOB, message("bob@example.org", "\nb"));
                sim.runFor(Duration.ofSeconds(10));
            }
            Script over = call(
                    sim,
                    BOB,
                    greeted().on("250 ", "MAIL FROM:<bob@example.org>").on("450 4.7.1", "QUIT"));
            Script other =
                    call(sim, NAMELESS, greeted().on("250 ", "MAIL FROM:<>").on("250 2.1.0", "QUIT"));
            sim.runFor(Duration.ofSeconds(10));
            assertThat(over.heard()).last().asString().startsWith("221 ");
            assertThat(other.heard()).last().asString().startsWith("221 ");
        }
    }

    @Test
    void aFrozenUserHearsSoAndHisOpenSessionsEnd() {
        try (SimWorld sim = begin()) {
            Script open = call(sim, BOB, greeted());
            Script other = call(sim, NAMELESS, greeted());
            sim.runFor(Duration.ofSeconds(10));
            sim.run(world -> {
                server().operations().accounts().freeze("bob", "test", "");
                assertThat(server().doors().end("bob", false)).isEqualTo(1);
            });
            sim.runFor(Duration.ofSeconds(10));
            Script late = call(sim, BOB, greeted());
            sim.runFor(Duration.ofSeconds(10));
            assertThat(open.heard()).last().asString().startsWith("421 4.7.0 Your account is closed");
            assertThat(late.heard()).singleElement().asString().startsWith("421 4.7.0 Your account is closed");
            assertThat(other.isClosed()).isFalse();
        }
    }

    @Test
    void oneUsersManyConnectionsAreNoOthers() {
        try (SimWorld sim = begin()) {
            List<Script> his = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                his.add(call(sim, BOB, greeted()));
                sim.runFor(Duration.ofSeconds(1));
            }
            Script root = call(sim, ROOT, greeted());
            sim.runFor(Duration.ofSeconds(10));
            assertThat(his.get(2).heard()).singleElement().asString().startsWith("421 4.7.0 Too many");
            assertThat(root.heard()).last().asString().startsWith("250 ");
            sim.runFor(Duration.ofMinutes(2)); // all are idle, and are left
            Script again = call(sim, BOB, greeted().on("250 ", "QUIT"));
            sim.runFor(Duration.ofSeconds(10));
            assertThat(his.getFirst().heard()).last().asString().startsWith("421 4.4.2");
            assertThat(again.heard()).last().asString().startsWith("221 ");
        }
    }

    /** Whoever he is, he is one: else who comes in great numbers leaves nobody a session while it is asked what he is called. */
    @Test
    void aUserIsCountedBeforeItIsKnownWhatHeIsCalled() {
        try (SimWorld sim = begin()) {
            sim.host().usersTake(Duration.ofSeconds(10));
            List<Script> his = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                his.add(call(sim, BOB, greeted()));
            }
            sim.runFor(Duration.ofSeconds(2));
            assertThat(his.get(2).heard()).singleElement().asString().startsWith("421 4.7.0 Too many");
            assertThat(his.getFirst().heard()).isEmpty();
            sim.runFor(Duration.ofSeconds(30));
            assertThat(his.getFirst().heard()).last().asString().startsWith("250 ");
            sim.runFor(Duration.ofMinutes(2)); // all are idle, and are left
            Script again = call(sim, BOB, greeted().on("250 ", "QUIT"));
            sim.runFor(Duration.ofSeconds(30));
            assertThat(again.heard()).last().asString().startsWith("221 ");
        }
    }

    @Test
    void anIdleSessionEndsInOrderWhenTheServerStops() {
        try (SimWorld sim = begin()) {
            Script idle = call(sim, BOB, greeted());
            sim.runFor(Duration.ofSeconds(10));
            sim.run(world -> server().stop());
            sim.runFor(Duration.ofSeconds(10));
            assertThat(idle.heard()).last().asString().startsWith("421 4.3.2");
            assertThat(idle.isClosed()).isTrue();
        }
    }

    /** Cut, slow and broken wires; the same user's message is never half, and never another's. */
    @Test
    void overBadWiresAMessageIsWholeOrNotThere() {
        AtomicInteger whole = new AtomicInteger();
        SimSeeds.each(0, 30, SimFaults.hostile(), sim -> {
            begin(sim);
            Script said = call(sim, BOB, message("bob@example.org", "Subject: s\n\n" + "body\n".repeat(500) + "end"));
            sim.runFor(Duration.ofHours(1));
            boolean taken = said.heard().stream().anyMatch(line -> line.startsWith("250 2.0.0 "));
            sim.calm();
            sim.runFor(Duration.ofHours(2));
            List<String> all;
            try {
                all = mail(sim, "anna");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            assertThat(all.isEmpty() && taken).isFalse();
            assertThat(all)
                    .allSatisfy(each -> assertThat(each).endsWith("\nend\n").contains("user bob uid 1001"));
            whole.addAndGet(taken ? 1 : 0);
        });
        assertThat(whole).hasPositiveValue();
    }
}
