package org.hikyaku.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.policy.Question;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.LocalDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Recipients whom Dovecot knows: the master side of its authentication protocol, and what RCPT says. */
class DovecotUsersTest {
    private static final Config CONFIG = DovecotBed.config("");
    private static final Address ANNA = Address.of("anna@here.example");
    private static final Address JOE = Address.of("joe@here.example");

    private static Config config(String more) {
        return DovecotBed.config(more);
    }

    private static void usual(FakeDovecot dovecot, String line) {
        DovecotBed.usual(dovecot, line);
    }

    private static void with(BiConsumer<FakeDovecot, String> reaction, Config config, DovecotBed.Body body)
            throws Exception {
        DovecotBed.with(1, reaction, config, body);
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

    /** Each is one of the user database, and a stranger chooses how many there may be. */
    @Test
    void manyTagsAreNotManyQuestions() throws Exception {
        with(DovecotUsersTest::usual, CONFIG, bed -> {
            assertThat(bed.rcpt("x" + "+".repeat(63) + "@here.example")).contains("550 5.1.1");
            assertThat(bed.asked()).containsExactly("x" + "+".repeat(63) + "@here.example", "x@here.example");
            assertThat(bed.rcpt("anna+a+b+c+d+e+f@here.example")).isEmpty();
            assertThat(bed.asked().subList(2, bed.asked().size()))
                    .containsExactly(
                            "anna+a+b+c+d+e+f@here.example",
                            "anna+a+b+c@here.example",
                            "anna+a+b@here.example",
                            "anna+a@here.example",
                            "anna@here.example");
            assertThat(bed.rcpt("joe+a+b+c+d+e+f@here.example")).isEmpty(); // a list is looked at for all
        });
    }

    /** Mail for others is kept here, where no mailbox must be made for whoever is written to. */
    @Test
    void nobodyIsAskedForWhoseMailIsNotBroughtToDovecot() throws Exception {
        Config config = config("agents.of { \"here.example\" = mbox, \"lm@here.example\" = lmtp }\n"
                + "local.domains += also.example");
        with(DovecotUsersTest::usual, config, bed -> {
            LocalDirectory directory = bed.directory();
            for (String name : List.of("anna@here.example", "typo@here.example")) {
                assertThat(bed.rcpt(name)).contains("550 5.1.1");
                assertThat(directory.resolve(Address.of(name))).isInstanceOf(LocalDirectory.Resolution.Unknown.class);
                assertThat(directory.mailbox(Address.of(name))).isEmpty();
            }
            assertThat(bed.asked()).isEmpty();
            assertThat(directory.mailbox(Address.of("x@also.example"))).isPresent();
            assertThat(directory.mailbox(Address.of("lm+tag@here.example"))).isPresent();
            assertThat(bed.rcpt("x@also.example")).contains("550 5.1.1");
            assertThat(bed.asked()).containsExactly("x@also.example");
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
                            bed.users.beside(DovecotBed.LISTED::contains, CONFIG),
                            bed.world.disk(),
                            bed.world.clock())
                    .directory();
            Address nobody = Address.of("nobody@here.example");
            assertThat(directory.resolve(nobody)).isInstanceOf(LocalDirectory.Resolution.Mailbox.class);
            List<String> told = new ArrayList<>();
            directory.lookUp(nobody, Address.NULL, (address, rule, where, to) -> told.add(rule + ": " + where));
            directory.lookUp(JOE, Address.NULL, (address, rule, where, to) -> told.add(rule + ": " + where));
            bed.rcpt("anna@here.example");
            directory.lookUp(ANNA, Address.NULL, (address, rule, where, to) -> told.add(rule + ": " + where));
            assertThat(told)
                    .containsExactly(
                            "mailbox: auth.dovecot_users, if nobody@here.example is there",
                            "mailbox: auth.users: joe@here.example",
                            "mailbox: auth.dovecot_users: anna@here.example");
            bed.rcpt("nobody@here.example");
            bed.pass(Duration.ofSeconds(100));
            assertThat(directory.resolve(nobody)).isInstanceOf(LocalDirectory.Resolution.Unknown.class);
            bed.pass(Duration.ofSeconds(30)); // made since, perhaps
            assertThat(directory.resolve(nobody)).isInstanceOf(LocalDirectory.Resolution.Mailbox.class);
            assertThat(directory.resolve(Address.of("postmaster@here.example")))
                    .isInstanceOf(LocalDirectory.Resolution.Expanded.class);
        });
    }

    /** A no does not count for as long as a message may take to come. */
    @Test
    void whomCatchAllIsForIsAskedForAgainAtTheEndOfALongMessage() throws Exception {
        boolean[] there = {false};
        BiConsumer<FakeDovecot, String> reaction = (dovecot, line) -> {
            if (there[0] && line.startsWith("USER\t")) {
                dovecot.say("USER\t" + line.split("\t", -1)[1] + "\tx\n");
            } else {
                usual(dovecot, line);
            }
        };
        with(reaction, config("local.catch_all { \"here.example\" = \"joe@here.example\" }"), bed -> {
            assertThat(bed.rcpt("new@here.example")).isEmpty();
            assertThat(bed.rcpt("anna@here.example")).isEmpty();
            assertThat(bed.data("new@here.example", "anna@here.example")).isEmpty();
            assertThat(bed.asked()).hasSize(2);
            bed.pass(Duration.ofMinutes(10));
            assertThat(bed.data("new@here.example", "anna@here.example")).isEmpty();
            assertThat(bed.asked()).hasSize(3).endsWith("new@here.example"); // a yes is good for longer
            assertThat(bed.directory().resolve(Address.of("new@here.example")))
                    .isInstanceOf(LocalDirectory.Resolution.Expanded.class);
            bed.pass(Duration.ofMinutes(10));
            there[0] = true;
            assertThat(bed.data("new@here.example")).isEmpty();
            assertThat(bed.directory().resolve(Address.of("new@here.example")))
                    .isInstanceOf(LocalDirectory.Resolution.Mailbox.class);
        });
    }

    @Test
    void withoutCatchAllNobodyIsAskedForAtTheEndOfAMessage() throws Exception {
        with(DovecotUsersTest::usual, CONFIG, bed -> {
            assertThat(bed.data("new@here.example")).isEmpty();
            assertThat(bed.asked()).isEmpty();
        });
    }

    /** What checks behind it look up must be what was asked for: a name as our own mail has it rewritten. */
    @Test
    void whomOurOwnMailIsRewrittenToIsAskedFor() throws Exception {
        Config config = config("addresses.recipient_canonical = [/canonical]");
        with(DovecotUsersTest::usual, config, bed -> {
            Question rcpt = new Question.Recipient(Address.of("bob@here.example"), Address.of("sales@partner.example"));
            Question vrfy = new Question.Verify("sales@partner.example", false);
            assertThat(bed.ask(rcpt, bed.of("", ""))).isEmpty();
            assertThat(bed.asked()).isEmpty();
            assertThat(bed.ask(rcpt, bed.of("", "bob"))).contains("550 5.1.1");
            assertThat(bed.asked()).containsExactly("gone@here.example");
            bed.pass(Duration.ofHours(1));
            assertThat(bed.ask(vrfy, bed.of("joe@here.example", ""))).contains("550 5.1.1");
            assertThat(bed.asked()).hasSize(2);
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
