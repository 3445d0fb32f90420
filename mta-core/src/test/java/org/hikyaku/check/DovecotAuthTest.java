package org.hikyaku.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sasl.RemoteLogin;
import org.hikyaku.sasl.RemoteLogin.Answer;
import org.hikyaku.sasl.ServerMechanism.Step;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.Users;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** Dovecot's authentication protocol, version 1. */
class DovecotAuthTest {
    private static final InetAddress CLIENT = InetAddress.ofLiteral("192.0.2.7");
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mail.here.example
            local { domains = [here.example], postmaster = "anna@here.example" }
            auth { dovecot = "198.51.100.9:4567", failures_per_address_max = 3, failure_delay_max = 1s
              mechanisms = [EXTERNAL, SCRAM-SHA-256, PLAIN, XOAUTH2] }
            """);
    private static final byte[] SECRET = "\0anna\0secret".getBytes(UTF_8);

    private interface Body {
        void run(World world, DovecotAuth auth, FakeDovecot dovecot) throws Exception;
    }

    private static void with(SimWorld sim, BiConsumer<FakeDovecot, String> reaction, Body body) throws Exception {
        FakeDovecot dovecot = new FakeDovecot(sim, reaction);
        sim.run(world -> {
            DovecotAuth auth = new DovecotAuth(world, () -> CONFIG);
            body.run(world, auth, dovecot);
            auth.close();
        });
        assertThat(sim.events().count(Event.TASK_DIED)).isZero();
    }

    private static void with(BiConsumer<FakeDovecot, String> reaction, Body body) throws Exception {
        try (SimWorld sim = new SimWorld(1)) {
            with(sim, reaction, body);
        }
    }

    /** Greets, and answers each AUTH and CONT with {@code answer}, in which %s is the number. */
    private static BiConsumer<FakeDovecot, String> answering(String answer) {
        return (dovecot, line) -> {
            String[] words = line.split("\t", -1);
            if (line.isEmpty()) {
                dovecot.say(FakeDovecot.HELLO);
            } else if (words[0].equals("AUTH") || words[0].equals("CONT")) {
                dovecot.say(answer.formatted(words[1]));
            }
        };
    }

    private static Answer plain(DovecotAuth auth) {
        return auth.begin("PLAIN").say(SECRET, CLIENT);
    }

    @Test
    void whatTheClientSaysGoesThereWholeAndTheUserComesBack() throws Exception {
        for (long seed = 0; seed < 20; seed++) {
            try (SimWorld sim = new SimWorld(seed, SimFaults.none().with(SimFault.SEGMENT_CUT, 0.7))) {
                with(sim, answering("OK\t%s\tuser=anna@here.example\tx=y\n"), (world, auth, dovecot) -> {
                    assertThat(plain(auth)).isEqualTo(new Answer.Yes("anna@here.example"));
                    assertThat(dovecot.heard.get(0)).isEqualTo("VERSION\t1\t1");
                    assertThat(dovecot.heard.get(1)).matches("CPID\t[1-9][0-9]*");
                    assertThat(dovecot.heard.get(2))
                            .isEqualTo("AUTH\t1\tPLAIN\tservice=smtp\tsecured\trip=192.0.2.7\tresp=AGFubmEAc2VjcmV0");
                    assertThat(plain(auth)).isInstanceOf(Answer.Yes.class);
                    assertThat(dovecot.connections).isEqualTo(1);
                });
            }
        }
    }

    @Test
    void challengesAreCarriedUnderOneNumber() throws Exception {
        with(answering("CONT\t%s\tY2hhbGxlbmdl\n"), (world, auth, dovecot) -> {
            RemoteLogin login = auth.begin("SCRAM-SHA-256");
            Answer.Challenge first = (Answer.Challenge) login.say(null, CLIENT);
            assertThat(new String(first.octets(), UTF_8)).isEqualTo("challenge");
            login.say(new byte[0], CLIENT);
            assertThat(dovecot.heard.subList(2, 4))
                    .containsExactly("AUTH\t1\tSCRAM-SHA-256\tservice=smtp\tsecured\trip=192.0.2.7", "CONT\t1\t");
        });
    }

    private static Answer to(String answer) throws Exception {
        Answer[] found = new Answer[1];
        with(answering(answer), (world, auth, dovecot) -> found[0] = plain(auth));
        return found[0];
    }

    @Test
    void aNoIsOneOfTheCredentialsOrOfTheServer() throws Exception {
        assertThat(to("FAIL\t%s\tuser=anna\n")).isEqualTo(new Answer.No(false, "anna", "wrong credentials"));
        assertThat(to("FAIL\t%s\tuser=anna\tuser_disabled\n"))
                .isEqualTo(new Answer.No(false, "anna", "wrong credentials (user_disabled)"));
        assertThat(((Answer.No) to("FAIL\t%s\tuser=anna\ttemp\n")).temporary()).isTrue();
        assertThat(((Answer.No) to("FAIL\t%s\tcode=temp_fail\n")).temporary()).isTrue();
        assertThat(((Answer.No) to("OK\t%s\tuser=anna\tnologin\n")).temporary()).isFalse();
    }

    @Test
    void whatIsNoAnswerIsATemporaryNo() throws Exception {
        assertThat(((Answer.No) to("OK\t%s\n")).temporary()).isTrue();
        assertThat(((Answer.No) to("OK\t%s\tuser=a\u0001b\n")).temporary()).isTrue();
        assertThat(((Answer.No) to("CONT\t%s\t!!\n")).temporary()).isTrue();
        assertThat(((Answer.No) to("OK\tx%s\tuser=anna\n")).temporary()).isTrue();
        assertThat(((Answer.No) to("x".repeat(20_000) + "%s\n")).temporary()).isTrue();
        assertThat(((Answer.No) to("VERSION\t2\t%s\n")).temporary()).isTrue();
    }

    @Test
    void aSilentDovecotIsGivenUpInTime() throws Exception {
        with(answering(""), (world, auth, dovecot) -> {
            long began = world.clock().nanos();
            assertThat(((Answer.No) plain(auth)).temporary()).isTrue();
            assertThat(Duration.ofNanos(world.clock().nanos() - began))
                    .isBetween(DovecotLink.PATIENCE, DovecotLink.PATIENCE.plusSeconds(5));
        });
        with(
                (dovecot, line) -> {},
                (world, auth, dovecot) -> assertThat(((Answer.No) plain(auth)).temporary())
                        .as("no handshake")
                        .isTrue());
    }

    @Test
    void aLostConnectionEndsItsExchangesAndIsMadeAnew() throws Exception {
        int[] asked = {0};
        with(
                (dovecot, line) -> {
                    if (line.isEmpty()) {
                        dovecot.say(FakeDovecot.HELLO);
                    } else if (line.startsWith("AUTH") && asked[0]++ == 0) {
                        dovecot.hangUp();
                    } else if (line.startsWith("AUTH")) {
                        dovecot.say("OK\t" + line.split("\t", -1)[1] + "\tuser=anna\n");
                    }
                },
                (world, auth, dovecot) -> {
                    RemoteLogin first = auth.begin("PLAIN");
                    assertThat(((Answer.No) first.say(SECRET, CLIENT)).temporary())
                            .isTrue();
                    assertThat(((Answer.No) first.say(SECRET, CLIENT)).temporary())
                            .as("bound to its connection")
                            .isTrue();
                    world.tasks().sleep(Duration.ofSeconds(2));
                    assertThat(plain(auth)).isEqualTo(new Answer.Yes("anna"));
                    assertThat(dovecot.connections).isEqualTo(2);
                });
    }

    @Test
    void aDovecotThatIsNotThereIsTriedOnceASecond() throws Exception {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                DovecotAuth auth = new DovecotAuth(world, () -> CONFIG);
                for (int i = 0; i < 50; i++) {
                    assertThat(((Answer.No) plain(auth)).temporary()).isTrue();
                    world.tasks().sleep(Duration.ofMillis(100));
                }
                auth.close();
            });
            assertThat(sim.events().count(Event.AUTH_SERVER_LOST)).isBetween(1L, 6L);
        }
    }

    @Test
    void itsMechanismsAreOfferedOnceTheyAreKnown() throws Exception {
        TlsFacts tls = new TlsFacts("TLSv1.3", "", List.of(), false);
        with(answering("OK\t%s\tuser=Anna@Here.example\n"), (world, auth, dovecot) -> {
            LoginMechanisms logins =
                    new LoginMechanisms(() -> CONFIG, Users::none, world.entropy(), Optional.of(auth), user -> false);
            assertThat(logins.offered(tls)).containsExactly("PLAIN");
            plain(auth);
            assertThat(logins.offered(tls)).containsExactly("SCRAM-SHA-256", "PLAIN");
            var run = logins.begin("PLAIN", tls).orElseThrow();
            assertThat(run.start(SECRET)).isInstanceOf(Step.AskRemote.class);
            assertThat(run.remote(new Answer.Yes("Anna@Here.example")))
                    .isEqualTo(new Step.Success("anna@here.example"));
        });
    }

    @Test
    void wrongOnesAreCountedByAddressAndUser() throws Exception {
        SessionFacts facts = new SessionFacts(
                "s1", CONFIG, "submission", CLIENT, Optional.empty(), Optional.empty(), Optional.empty());
        with(answering("FAIL\t%s\tuser=anna\n"), (world, auth, dovecot) -> {
            LoginCheck check = new LoginCheck(world, Users::none, CONFIG.auth(), new byte[32]);
            Verdict last = Verdict.PASS;
            for (int i = 0; i < 3; i++) {
                last = check.answer(new Question.LoginRemote(auth.begin("PLAIN"), SECRET), facts);
            }
            assertThat(last)
                    .as("with the user, for the log")
                    .isEqualTo(new Verdict.Remote(new Answer.No(false, "anna", "wrong credentials")));
            int before = dovecot.heard.size();
            assertThat(check.answer(new Question.LoginRemote(auth.begin("PLAIN"), SECRET), facts))
                    .isEqualTo(new Verdict.Close(Replies.TOO_MANY_LOGIN_FAILURES));
            assertThat(dovecot.heard).as("not asked any more").hasSize(before);
            check.close();
        });
    }

    @Test
    void whatDovecotCannotTellIsAnswered454() throws Exception {
        SessionFacts facts = new SessionFacts(
                "s1", CONFIG, "submission", CLIENT, Optional.empty(), Optional.empty(), Optional.empty());
        with(answering("FAIL\t%s\ttemp\n"), (world, auth, dovecot) -> {
            LoginCheck check = new LoginCheck(world, Users::none, CONFIG.auth(), new byte[32]);
            assertThat(check.answer(new Question.LoginRemote(auth.begin("PLAIN"), SECRET), facts))
                    .isEqualTo(new Verdict.Reject(Replies.LOGIN_UNAVAILABLE));
            check.close();
        });
    }

    @Test
    void aResponseThatDovecotWouldNotTakeIsNotSent() throws Exception {
        with(answering(""), (world, auth, dovecot) -> {
            assertThat(((Answer.No) auth.begin("PLAIN").say(new byte[6_000], CLIENT)).temporary())
                    .isFalse();
            assertThat(dovecot.connections).isZero();
        });
    }
}
