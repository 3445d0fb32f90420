package org.hikyaku.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sasl.PasswordHash.ScramHash;
import org.hikyaku.sasl.RemoteLogin;
import org.hikyaku.sasl.Scram;
import org.hikyaku.sasl.ScramDigest;
import org.hikyaku.sasl.ScramKeys;
import org.hikyaku.sasl.ServerMechanism;
import org.hikyaku.sasl.ServerMechanism.Step;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.Users;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

class LoginCheckTest {
    private static final byte[] SALT = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    private static final TlsFacts TLS = new TlsFacts("TLSv1.3", "", List.of(), false);
    private static final String ANNA = "anna@here.example";
    private static final String ENTRY = ANNA + ":"
            + new ScramHash(Scram.keys("pencil".getBytes(UTF_8), SALT, 4096).orElseThrow()).text() + "\n";
    private static final String BCRYPT =
            "bob@here.example:{BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mail.here.example
            data_dir = /var/lib/hikyaku
            local { domains = [here.example], postmaster = "anna@here.example" }
            auth {
              users = /etc/hikyaku/users
              failures_per_address_max = 6, failures_per_user_max = 4
              failure_memory = 10m, failure_delay_max = 8s, hash_threads = 1, hash_queue_max = 1
            }
            limits.exempt_networks = ["198.51.100.0/24"]
            """);

    private interface Body {
        void run(World world, LoginCheck check) throws Exception;
    }

    private static void with(String file, Body body) {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                Users users = users(world, file);
                LoginCheck check = new LoginCheck(world, () -> users, CONFIG.auth(), new byte[32]);
                body.run(world, check);
                check.close();
            });
            assertThat(sim.events().count(Event.TASK_DIED)).isZero();
        }
    }

    private static Users users(World world, String text) throws IOException {
        Path file = Path.of("/users");
        try (Disk.File out = world.disk().create(file)) {
            out.write(0, ByteBuffer.wrap(text.getBytes(UTF_8)));
        }
        Users.Loaded loaded = Users.load(world.disk(), file);
        assertThat(loaded.problems()).isEmpty();
        return loaded.users();
    }

    private static SessionFacts from(String address) {
        InetAddress remote = IpLiteral.parseAddress(address).orElseThrow();
        return new SessionFacts(
                "s1", CONFIG, "submission", remote, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static Verdict login(LoginCheck check, String user, String password, String address) {
        return check.answer(new Question.Login(user, password.getBytes(UTF_8)), from(address));
    }

    private static final Verdict WRONG = new Verdict.Reject(Replies.WRONG_CREDENTIALS);
    private static final Verdict CLOSED = new Verdict.Close(Replies.TOO_MANY_LOGIN_FAILURES);

    @Test
    void theRightPasswordPassesAndNothingElse() {
        with(ENTRY + BCRYPT, (world, check) -> {
            assertThat(login(check, ANNA, "pencil", "192.0.2.7")).isEqualTo(Verdict.PASS);
            assertThat(login(check, "bob@here.example", "secret", "192.0.2.7")).isEqualTo(Verdict.PASS);
            assertThat(login(check, ANNA, "Pencil", "192.0.2.7")).isEqualTo(WRONG);
            assertThat(login(check, "nobody@here.example", "pencil", "192.0.2.7"))
                    .isEqualTo(WRONG);
        });
    }

    @Test
    void aServerWithoutUsersRefusesAll() {
        with(
                "",
                (world, check) ->
                        assertThat(login(check, ANNA, "pencil", "192.0.2.7")).isEqualTo(WRONG));
    }

    private static ScramKeys keys(LoginCheck check, String user) {
        return ((Verdict.Keys) check.answer(new Question.LoginKeys(user, ScramDigest.SHA_256), from("192.0.2.7")))
                .keys();
    }

    @Test
    void anUnknownUserLooksLikeAKnownOne() {
        with(ENTRY, (world, check) -> {
            assertThat(keys(check, ANNA).known()).isTrue();
            ScramKeys nobody = keys(check, "nobody@here.example");
            assertThat(nobody.known()).isFalse();
            assertThat(nobody.iterations()).isEqualTo(4096);
            assertThat(nobody.salt())
                    .hasSameSizeAs(SALT)
                    .isEqualTo(keys(check, "nobody@here.example").salt());
            assertThat(nobody.salt())
                    .isNotEqualTo(keys(check, "nobody2@here.example").salt());
        });
    }

    @Test
    void eachFailureIsAnsweredLaterUpToTheLongestWait() {
        with(ENTRY, (world, check) -> {
            List<Long> seconds = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                long before = world.clock().nanos();
                assertThat(login(check, "u" + i + "@here.example", "x", "192.0.2.7"))
                        .isEqualTo(WRONG);
                seconds.add(Duration.ofNanos(world.clock().nanos() - before).toSeconds());
            }
            assertThat(seconds).containsExactly(1L, 2L, 4L, 8L, 8L, 8L);
        });
    }

    @Test
    void beyondTheLimitOfAnAddressEvenTheRightPasswordIsNotLookedAt() {
        with(ENTRY, (world, check) -> {
            for (int i = 0; i < 6; i++) {
                assertThat(login(check, "u" + i + "@here.example", "x", "192.0.2.7"))
                        .isEqualTo(WRONG);
            }
            assertThat(login(check, ANNA, "pencil", "192.0.2.7")).isEqualTo(CLOSED);
            assertThat(check.answer(new Question.LoginKeys(ANNA, ScramDigest.SHA_256), from("192.0.2.7")))
                    .isEqualTo(CLOSED);
            assertThat(login(check, ANNA, "pencil", "192.0.2.8")).isEqualTo(Verdict.PASS);
            world.tasks().sleep(Duration.ofMinutes(11));
            assertThat(login(check, ANNA, "pencil", "192.0.2.7")).isEqualTo(Verdict.PASS);
        });
    }

    /** The session will be that of the user in the file, whatever the other server calls him. */
    @Test
    void whomAnotherServerNamesByHalfIsClosedByHisWholeName() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                Users users = users(world, ENTRY);
                LoginCheck check = new LoginCheck(world, () -> users, ANNA::equals, CONFIG.auth(), new byte[32]);
                RemoteLogin anna = (response, client) -> new RemoteLogin.Answer.Yes("Anna");
                assertThat(check.answer(new Question.LoginRemote(anna, null), from("192.0.2.7")))
                        .isEqualTo(new Verdict.Reject(Replies.ACCOUNT_DISABLED));
                RemoteLogin bob = (response, client) -> new RemoteLogin.Answer.Yes("bob");
                assertThat(check.answer(new Question.LoginRemote(bob, null), from("192.0.2.7")))
                        .isInstanceOf(Verdict.Remote.class);
                check.close();
            });
        }
    }

    /** X.7.13 of RFC 5248: only who has proved who he is hears that his account is closed. */
    @Test
    void aClosedAccountIsToldToItsOwnerAlone() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                Users users = users(world, ENTRY);
                LoginCheck check = new LoginCheck(world, () -> users, ANNA::equals, CONFIG.auth(), new byte[32]);
                assertThat(login(check, ANNA, "x", "192.0.2.7")).isEqualTo(WRONG);
                assertThat(login(check, ANNA, "pencil", "192.0.2.7"))
                        .isEqualTo(new Verdict.Reject(Replies.ACCOUNT_DISABLED));
                assertThat(check.answer(new Question.LoginDone(ANNA, true), from("192.0.2.7")))
                        .isEqualTo(new Verdict.Reject(Replies.ACCOUNT_DISABLED));
                assertThat(check.answer(new Question.LoginDone(ANNA, false), from("192.0.2.7")))
                        .isEqualTo(WRONG);
                check.close();
            });
        }
    }

    @Test
    void ipv6AddressesCountByTheir64() {
        with(ENTRY, (world, check) -> {
            for (int i = 0; i < 6; i++) {
                login(check, "u" + i + "@here.example", "x", "2001:db8:0:1::" + (i + 1));
            }
            assertThat(login(check, ANNA, "pencil", "2001:db8:0:1:ffff::1")).isEqualTo(CLOSED);
            assertThat(login(check, ANNA, "pencil", "2001:db8:0:2::1")).isEqualTo(Verdict.PASS);
        });
    }

    @Test
    void aUserIsGuardedAgainstManyAddressesButNotKeptOutOfHisOwn() {
        with(ENTRY, (world, check) -> {
            assertThat(login(check, ANNA, "pencil", "192.0.2.1")).isEqualTo(Verdict.PASS);
            for (int i = 0; i < 4; i++) {
                assertThat(login(check, ANNA, "x", "192.0.2.10" + i)).isEqualTo(WRONG);
            }
            assertThat(login(check, ANNA, "pencil", "192.0.2.200")).isEqualTo(CLOSED);
            assertThat(login(check, ANNA, "pencil", "192.0.2.1")).isEqualTo(Verdict.PASS);
        });
    }

    @Test
    void exemptNetworksHaveNoLimitByAddress() {
        with(ENTRY, (world, check) -> {
            for (int i = 0; i < 20; i++) {
                assertThat(login(check, "u" + i + "@here.example", "x", "198.51.100.9"))
                        .isEqualTo(WRONG);
            }
            assertThat(login(check, ANNA, "pencil", "198.51.100.9")).isEqualTo(Verdict.PASS);
        });
    }

    @Test
    void scramFailuresCountAsWell() {
        with(ENTRY, (world, check) -> {
            for (int i = 0; i < 4; i++) {
                assertThat(check.answer(new Question.LoginDone(ANNA, false), from("192.0.2.7")))
                        .isEqualTo(WRONG);
            }
            assertThat(check.answer(new Question.LoginKeys(ANNA, ScramDigest.SHA_256), from("192.0.2.8")))
                    .isEqualTo(CLOSED);
            assertThat(check.answer(new Question.LoginDone(ANNA, true), from("192.0.2.9")))
                    .as("begun before the limit was reached, proved after it")
                    .isEqualTo(CLOSED);
            world.tasks().sleep(Duration.ofMinutes(11));
            assertThat(check.answer(new Question.LoginDone(ANNA, true), from("192.0.2.9")))
                    .isEqualTo(Verdict.PASS);
            assertThat(keys(check, ANNA).known()).isTrue();
        });
    }

    @Test
    void triesBegunAtOnceAreNoMoreThanTheLimit() {
        with(ENTRY, (world, check) -> {
            for (int i = 0; i < 20; i++) {
                assertThat(check.answer(
                                new Question.LoginKeys("u" + i + "@here.example", ScramDigest.SHA_256),
                                from("192.0.2.7")))
                        .isInstanceOf(Verdict.Keys.class);
            }
            List<Verdict> told = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                told.add(check.answer(new Question.LoginDone("u" + i + "@here.example", false), from("192.0.2.7")));
            }
            assertThat(told.subList(0, 6)).containsOnly(WRONG);
            assertThat(told.subList(6, 20)).containsOnly(CLOSED);
        });
    }

    @Test
    void tooManyLoginsAtOnceAreToldToComeBack() {
        with(ENTRY, (world, check) -> {
            List<Tasks.Promise<Verdict>> answers = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                Tasks.Promise<Verdict> answer = world.tasks().promise();
                answers.add(answer);
                world.tasks().start("login", () -> answer.complete(login(check, ANNA, "pencil", "192.0.2.7")));
            }
            List<Verdict> verdicts = answers.stream().map(Tasks.Promise::await).toList();
            assertThat(verdicts).contains(Verdict.PASS, new Verdict.Reject(Replies.LOGIN_UNAVAILABLE));
            assertThat(login(check, ANNA, "pencil", "192.0.2.7")).isEqualTo(Verdict.PASS);
        });
    }

    @Test
    void whatIsRememberedIsBounded() {
        FailureMemory memory = new FailureMemory(3);
        Duration minute = Duration.ofMinutes(1);
        for (String key : List.of("a", "b", "c", "a", "d")) {
            memory.add(key, 0, minute);
        }
        assertThat(memory.count("b", 0, minute)).isZero();
        assertThat(memory.count("a", 0, minute)).isEqualTo(2);
        assertThat(memory.count("a", minute.toNanos() + 1, minute)).isZero();
    }

    @Test
    void theMechanismsTellUsersByTheirNamesInTheFile() {
        with(ENTRY, (world, check) -> {
            Users users = Users.load(world.disk(), Path.of("/users")).users();
            LoginMechanisms mechanisms = new LoginMechanisms(() -> CONFIG, () -> users, world.entropy());
            assertThat(mechanisms.offered(TLS)).containsExactly("SCRAM-SHA-256", "PLAIN", "LOGIN");
            ServerMechanism plain = mechanisms.begin("PLAIN", TLS).orElseThrow();
            Step.AskPassword ask = (Step.AskPassword) plain.start("\0Anna\0pencil".getBytes(UTF_8));
            assertThat(ask.user()).isEqualTo(ANNA);
            assertThat(plain.passwordChecked(true)).isEqualTo(new Step.Success(ANNA));
            assertThat(mechanisms.begin("CRAM-MD5", TLS)).isEmpty();
        });
    }

    @Test
    void scramIsNotOfferedWhereAUserHasNoKeys() {
        with(ENTRY + BCRYPT, (world, check) -> {
            Users users = Users.load(world.disk(), Path.of("/users")).users();
            LoginMechanisms mechanisms = new LoginMechanisms(() -> CONFIG, () -> users, world.entropy());
            assertThat(mechanisms.offered(TLS)).containsExactly("PLAIN", "LOGIN");
            assertThat(mechanisms.begin("SCRAM-SHA-256", TLS)).isEmpty();
        });
    }

    @Test
    void theSecretIsMadeOnceAndAgainAfterACrashInBetween() {
        try (SimWorld sim = new SimWorld(3)) {
            Path file = Path.of("/secret");
            sim.run(world -> {
                byte[] first = DecoySecret.readOrMake(world.disk(), world.entropy(), file);
                assertThat(DecoySecret.readOrMake(world.disk(), world.entropy(), file))
                        .hasSize(32)
                        .isEqualTo(first);
                world.disk().delete(file);
                world.disk().create(file).close();
                assertThat(DecoySecret.readOrMake(world.disk(), world.entropy(), file))
                        .hasSize(32)
                        .isNotEqualTo(first);
            });
        }
    }
}
