package org.hikyaku.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Recipients whom Dovecot knows: the master side of its authentication protocol, and what RCPT says. */
class DovecotUsersTest {
    private static final Set<String> LISTED = Set.of("joe@here.example");
    private static final Config CONFIG = config("");

    private static Config config(String more) {
        return ConfigReader.fromText("""
                hostname = mail.here.example
                local { domains = [here.example], postmaster = "joe@here.example", delivery = lmtp, lmtp = "198.51.100.9:24" }
                auth { dovecot = "198.51.100.9:4567", dovecot_users = "198.51.100.9:4567" }
                """ + more);
    }

    /** Dovecot with anna and the odd one who is not well, the checks of RCPT, and what was heard. */
    private static final class Bed {
        final FakeDovecot dovecot;
        final DovecotUsers users;
        private final List<Check> checks;
        private final World world;

        Bed(World world, FakeDovecot dovecot, Config config) {
            this.dovecot = dovecot;
            this.world = world;
            this.users = new DovecotUsers(world);
            LocalDirectory.Loaded loaded = LocalDirectory.load(
                    config, users.beside(LISTED::contains, config.auth()), world.disk(), world.clock());
            assertThat(loaded.problems()).isEmpty();
            users.use(config.auth());
            this.checks = List.of(
                    new ResidentCheck(loaded::directory, LISTED::contains, users),
                    new RecipientCheck(loaded::directory));
        }

        Optional<String> rcpt(String to) {
            return ask(new Question.Recipient(Address.of("a@elsewhere.example"), Address.of(to)));
        }

        /** The code and status of a refusal; empty for none. */
        Optional<String> ask(Question question) {
            SessionFacts facts = new SessionFacts(
                    "s",
                    CONFIG,
                    "mx",
                    InetAddress.ofLiteral("192.0.2.7"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
            for (Check check : checks) {
                if (check.concerns(question, facts)
                        && check.answer(question, facts) instanceof Verdict.Reject(var reply)) {
                    return Optional.of(reply.code() + " " + reply.enhanced());
                }
            }
            return Optional.empty();
        }

        List<String> asked() {
            return dovecot.heard.stream()
                    .filter(line -> line.startsWith("USER"))
                    .map(line -> line.split("\t", -1)[2])
                    .toList();
        }

        void pass(Duration time) {
            world.tasks().sleep(time);
        }
    }

    private interface Body {
        void run(Bed bed) throws Exception;
    }

    private static void usual(FakeDovecot dovecot, String line) {
        String[] words = line.split("\t", -1);
        if (line.isEmpty()) {
            dovecot.say("VERSION\t1\t2\nSPID\t99\n");
        } else if (words[0].equals("USER")) {
            dovecot.say(
                    switch (words[2]) {
                        case "anna@here.example" -> "USER\t" + words[1] + "\tanna\tuid=1\n";
                        case "sick@here.example" -> "FAIL\t" + words[1] + "\treason=x\n";
                        default -> "NOTFOUND\t" + words[1] + "\n";
                    });
        }
    }

    private static void with(BiConsumer<FakeDovecot, String> reaction, Config config, Body body) throws Exception {
        try (SimWorld sim = new SimWorld(1)) {
            FakeDovecot dovecot = new FakeDovecot(sim, reaction);
            sim.run(world -> {
                Bed bed = new Bed(world, dovecot, config);
                body.run(bed);
                bed.users.close();
            });
            assertThat(sim.events().count(Event.TASK_DIED)).isZero();
        }
    }

    @Test
    void whoDovecotKnowsIsTakenAndWhoItDoesNotIsRefused() throws Exception {
        with(DovecotUsersTest::usual, CONFIG, bed -> {
            assertThat(bed.rcpt("anna@here.example")).isEmpty();
            assertThat(bed.rcpt("ANNA@here.example")).isEmpty();
            assertThat(bed.rcpt("nobody@here.example")).contains("550 5.1.1");
            assertThat(bed.rcpt("joe@here.example")).isEmpty();
            assertThat(bed.dovecot.heard)
                    .containsExactly(
                            "VERSION\t1\t1",
                            "USER\t1\tanna@here.example\tservice=smtp",
                            "USER\t2\tnobody@here.example\tservice=smtp");
        });
    }

    @ParameterizedTest
    @CsvSource({"anna@here.example, 5m", "nobody@here.example, 1m"})
    void whatItSaidCountsForAWhile(String name, String time) throws Exception {
        with(DovecotUsersTest::usual, CONFIG, bed -> {
            Optional<String> first = bed.rcpt(name);
            bed.pass(Duration.parse("PT" + time).minusSeconds(2));
            assertThat(bed.rcpt(name)).isEqualTo(first);
            assertThat(bed.asked()).containsExactly(name);
            bed.pass(Duration.ofSeconds(3));
            assertThat(bed.rcpt(name)).isEqualTo(first);
            assertThat(bed.asked()).containsExactly(name, name);
        });
    }

    @Test
    void withoutACacheItIsAskedEachTime() throws Exception {
        with(DovecotUsersTest::usual, config("auth.dovecot_users_cache_for = 0s"), bed -> {
            assertThat(bed.rcpt("anna@here.example")).isEmpty();
            assertThat(bed.rcpt("anna@here.example")).isEmpty();
            assertThat(bed.asked()).hasSize(2);
        });
    }

    @Test
    void aTagIsLeftAwayUntilSomebodyIsFound() throws Exception {
        with(DovecotUsersTest::usual, CONFIG, bed -> {
            assertThat(bed.rcpt("anna+a+b@here.example")).isEmpty();
            assertThat(bed.asked())
                    .containsExactly("anna+a+b@here.example", "anna+a@here.example", "anna@here.example");
            assertThat(bed.rcpt("nobody+a@here.example")).contains("550 5.1.1");
        });
    }

    @Test
    void manyTagsAreNotManyQuestions() throws Exception {
        with(DovecotUsersTest::usual, CONFIG, bed -> {
            assertThat(bed.rcpt("x" + "+".repeat(63) + "@here.example")).isPresent();
            assertThat(bed.asked()).hasSizeLessThan(65);
        });
    }

    /** RFC 3463 3.4; nobody is refused for good whom it could not tell of. */
    @Test
    void aDovecotThatFailsPutsTheMailOff() throws Exception {
        with(DovecotUsersTest::usual, CONFIG, bed -> {
            assertThat(bed.rcpt("sick@here.example")).contains("451 4.3.0");
            assertThat(bed.rcpt("joe@here.example")).isEmpty();
            assertThat(Replies.USERS_UNKNOWN.code()).isEqualTo(451);
        });
    }

    @Test
    void aDovecotThatIsAwayPutsTheMailOffUntilItIsBack() throws Exception {
        boolean[] there = {false};
        BiConsumer<FakeDovecot, String> reaction = (dovecot, line) -> {
            if (there[0]) {
                usual(dovecot, line);
            } else {
                dovecot.hangUp();
            }
        };
        with(reaction, CONFIG, bed -> {
            assertThat(bed.rcpt("anna@here.example")).contains("451 4.3.0");
            there[0] = true;
            bed.pass(Duration.ofSeconds(2));
            assertThat(bed.rcpt("anna@here.example")).isEmpty();
            there[0] = false;
            assertThat(bed.rcpt("anna@here.example")).isEmpty(); // it said so not long ago
            assertThat(bed.rcpt("bert@here.example")).contains("451 4.3.0");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "VERSION\t2\t0\nSPID\t1\n", "SPID\t1\n", FakeDovecot.HELLO})
    void whatIsNoServiceForLookUpsPutsTheMailOffInTime(String hello) throws Exception {
        BiConsumer<FakeDovecot, String> reaction = (dovecot, line) -> {
            if (line.isEmpty() && !hello.isEmpty()) {
                dovecot.say(hello);
            }
        };
        with(reaction, CONFIG, bed -> {
            long begun = bed.world.clock().nanos();
            assertThat(bed.rcpt("anna@here.example")).contains("451 4.3.0");
            assertThat(Duration.ofNanos(bed.world.clock().nanos() - begun))
                    .isLessThan(DovecotLink.PATIENCE.plusSeconds(5));
        });
    }

    @Test
    void whoseNameCannotBeAskedForIsNotThere() throws Exception {
        with(DovecotUsersTest::usual, CONFIG, bed -> {
            assertThat(bed.rcpt("\"anna x\"@here.example")).contains("550 5.1.1");
            assertThat(bed.asked()).isEmpty();
        });
    }

    /** Where nobody can wait for Dovecot, who was not asked for is nobody's; who was is what was said. */
    @Test
    void whoWasNotAskedForMayBeThereForThoseWhoCannotWait() throws Exception {
        with(DovecotUsersTest::usual, CONFIG, bed -> {
            LocalDirectory directory = LocalDirectory.load(
                            CONFIG,
                            bed.users.beside(LISTED::contains, CONFIG.auth()),
                            bed.world.disk(),
                            bed.world.clock())
                    .directory();
            Address nobody = Address.of("nobody@here.example");
            assertThat(directory.resolve(nobody)).isInstanceOf(LocalDirectory.Resolution.Mailbox.class);
            List<String> told = new ArrayList<>();
            directory.lookUp(nobody, Address.NULL, (address, rule, where, to) -> told.add(rule + ": " + where));
            assertThat(told).containsExactly("mailbox: auth.dovecot_users, if nobody@here.example is there");
            bed.rcpt("nobody@here.example");
            assertThat(directory.resolve(nobody)).isInstanceOf(LocalDirectory.Resolution.Unknown.class);
            bed.pass(Duration.ofMinutes(30)); // longer than it counts at RCPT
            assertThat(directory.resolve(nobody)).isInstanceOf(LocalDirectory.Resolution.Unknown.class);
            assertThat(directory.resolve(Address.of("postmaster@here.example")))
                    .isInstanceOf(LocalDirectory.Resolution.Expanded.class);
        });
    }

    @Test
    void catchAllIsForWhomDovecotDoesNotKnow() throws Exception {
        with(DovecotUsersTest::usual, config("local.catch_all { \"here.example\" = \"joe@here.example\" }"), bed -> {
            assertThat(bed.rcpt("nobody@here.example")).isEmpty();
            assertThat(bed.rcpt("anna@here.example")).isEmpty();
            assertThat(bed.users.last("anna@here.example")).isEqualTo(DovecotUsers.Told.THERE);
            assertThat(bed.users.last("nobody@here.example")).isEqualTo(DovecotUsers.Told.NOT_THERE);
        });
    }
}
