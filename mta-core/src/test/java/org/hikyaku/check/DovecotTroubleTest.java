package org.hikyaku.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.hikyaku.config.Config;
import org.hikyaku.world.Tasks;
import org.junit.jupiter.api.Test;

/** A Dovecot that says nothing, is another one, or is left. */
class DovecotTroubleTest {
    private static final Config CONFIG = DovecotBed.config("");
    private static final String ANNA = "anna@here.example";

    private static Duration time(DovecotBed bed, Runnable what) {
        long begun = bed.world.clock().nanos();
        what.run();
        return Duration.ofNanos(bed.world.clock().nanos() - begun);
    }

    /** A host that lost its power: the connection stays, and TCP says nothing for a quarter of an hour. */
    @Test
    void oneThatIsSilentIsLeftForANewConnection() throws Exception {
        boolean[] silent = {true};
        BiConsumer<FakeDovecot, String> reaction = (dovecot, line) -> {
            if (!silent[0] || line.isEmpty()) {
                DovecotBed.usual(dovecot, line);
            }
        };
        DovecotBed.with(1, reaction, CONFIG, bed -> {
            assertThat(bed.rcpt(ANNA)).contains("451 4.3.0");
            silent[0] = false;
            assertThat(bed.rcpt(ANNA)).isEmpty();
            assertThat(bed.dovecot.connections).isEqualTo(2);
        });
    }

    /** Who waits for nothing but this one answer is no reason to end what serves others. */
    @Test
    void oneThatOwesASingleAnswerIsNotLeft() throws Exception {
        BiConsumer<FakeDovecot, String> reaction = (dovecot, line) -> {
            if (!line.contains("slow@")) {
                DovecotBed.usual(dovecot, line);
            }
        };
        DovecotBed.with(1, reaction, CONFIG, bed -> {
            List<Optional<String>> slow = new ArrayList<>();
            Tasks.Task task = bed.world.tasks().start("slow", () -> slow.add(bed.rcpt("slow@here.example")));
            bed.pass(Duration.ofSeconds(20));
            assertThat(bed.rcpt(ANNA)).isEmpty();
            assertThat(task.join(Duration.ofMinutes(1))).isTrue();
            assertThat(slow).containsExactly(Optional.of("451 4.3.0"));
            List<Optional<String>> beside = new ArrayList<>();
            List<Tasks.Task> tasks = List.of(
                    bed.world.tasks().start("one", () -> beside.add(bed.rcpt("one@here.example"))),
                    bed.world.tasks().start("two", () -> beside.add(bed.rcpt("two@here.example"))));
            tasks.forEach(each -> assertThat(each.join(Duration.ofMinutes(1))).isTrue());
            assertThat(beside).hasSize(2).containsOnly(Optional.of("550 5.1.1"));
            assertThat(bed.dovecot.connections).isEqualTo(1);
        });
    }

    @Test
    void whileItIsSilentOneWaitsForIt() throws Exception {
        boolean[] silent = {true};
        BiConsumer<FakeDovecot, String> reaction = (dovecot, line) -> {
            if (!silent[0] || line.isEmpty()) {
                DovecotBed.usual(dovecot, line);
            }
        };
        DovecotBed.with(1, reaction, CONFIG, bed -> {
            assertThat(bed.rcpt("a@here.example")).contains("451 4.3.0");
            Tasks.Task trial = bed.world.tasks().start("trial", () -> bed.rcpt("b@here.example"));
            bed.pass(Duration.ofSeconds(1));
            for (int i = 0; i < 1_000; i++) {
                assertThat(bed.rcpt("c" + i + "@here.example")).contains("451 4.3.0");
            }
            assertThat(time(bed, () -> bed.rcpt("d@here.example"))).isLessThan(Duration.ofSeconds(1));
            assertThat(trial.join(Duration.ofMinutes(1))).isTrue();
            silent[0] = false;
            assertThat(bed.rcpt(ANNA)).isEmpty();
            assertThat(bed.rcpt("nobody@here.example")).contains("550 5.1.1");
        });
    }

    /** It is restarted, or its host is: mail for those whom it knew comes in. */
    @Test
    void whileItIsAwayAYesCountsThatIsOld() throws Exception {
        boolean[] away = {false};
        BiConsumer<FakeDovecot, String> reaction = (dovecot, line) -> {
            if (!away[0] || line.isEmpty()) {
                DovecotBed.usual(dovecot, line);
            }
        };
        DovecotBed.with(1, reaction, CONFIG, bed -> {
            assertThat(bed.rcpt(ANNA)).isEmpty();
            assertThat(bed.rcpt("nobody@here.example")).contains("550 5.1.1");
            away[0] = true;
            bed.pass(Duration.ofMinutes(50));
            assertThat(bed.rcpt(ANNA)).as("it is waited for once").isEmpty();
            assertThat(bed.rcpt("nobody@here.example")).as("a no is not kept").contains("451 4.3.0");
            bed.pass(Duration.ofMinutes(11));
            assertThat(bed.rcpt(ANNA)).as("an hour after it was said").contains("451 4.3.0");
            away[0] = false;
            assertThat(bed.rcpt(ANNA)).isEmpty();
        });
    }

    /** Policy lets a thousand wait, of which logins need some. */
    @Test
    void aBoundedNumberWaitsForIt() throws Exception {
        BiConsumer<FakeDovecot, String> reaction = (dovecot, line) -> {
            if (line.isEmpty()) {
                DovecotBed.usual(dovecot, line);
            }
        };
        DovecotBed.with(1, reaction, CONFIG, bed -> {
            List<Duration> took = new ArrayList<>();
            List<Tasks.Task> tasks = new ArrayList<>();
            for (int i = 0; i < 150; i++) {
                String name = "n" + i + "@here.example";
                tasks.add(bed.world.tasks().start("rcpt", () -> took.add(time(bed, () -> bed.rcpt(name)))));
            }
            for (Tasks.Task each : tasks) {
                assertThat(each.join(Duration.ofMinutes(2))).isTrue();
            }
            assertThat(took.stream().filter(one -> one.compareTo(Duration.ofSeconds(5)) > 0))
                    .hasSize(100);
        });
    }

    /** Names of nobody, as a guesser sends them, push out no user. */
    @Test
    void whatNobodyIsCalledPushesOutNobody() throws Exception {
        DovecotBed.with(1, DovecotBed::usual, DovecotBed.config("auth.dovecot_users_cache_for = 1h"), bed -> {
            assertThat(bed.rcpt(ANNA)).isEmpty();
            for (int i = 0; i < 60_000; i++) {
                bed.users.ask("\u00a0 " + i + "@here.example"); // is not asked for, and noted all the same
            }
            assertThat(bed.rcpt(ANNA)).isEmpty();
            assertThat(bed.asked()).containsExactly(ANNA);
        });
    }

    /** An answer that comes just when another is put in force says nothing of that one's users. */
    @Test
    void whatTheFormerOneSaidIsNotTheNewOnesWord() throws Exception {
        for (int seed = 1; seed <= 12; seed++) {
            long lost = 0;
            long answered = Duration.ofMillis(50).toNanos();
            while (answered - lost > 100) { // the nearer, the closer to the moment when the answer is there
                long middle = (lost + answered) / 2;
                if (isAnsweredBeforeAnotherIsInForce(seed, middle)) {
                    answered = middle;
                } else {
                    lost = middle;
                }
            }
            assertThat(answered).isLessThan(Duration.ofMillis(50).toNanos());
        }
    }

    private static boolean isAnsweredBeforeAnotherIsInForce(int seed, long nanos) throws Exception {
        Config other = DovecotBed.config("", "198.51.100.10:4567");
        boolean[] answered = {false};
        DovecotBed.with(seed, DovecotBed::usual, CONFIG, bed -> {
            bed.pass(Duration.ofSeconds(1));
            Tasks.Task asking =
                    bed.world.tasks().start("asks", () -> answered[0] = bed.users.ask(ANNA) == DovecotUsers.Told.THERE);
            bed.pass(Duration.ofNanos(nanos));
            bed.users.use(other.auth());
            assertThat(asking.join(Duration.ofMinutes(2))).isTrue();
            assertThat(bed.users.last(ANNA)).isEqualTo(DovecotUsers.Told.UNSURE);
        });
        return answered[0];
    }

    @Test
    void afterTheEndThereIsNoNewConnection() throws Exception {
        DovecotBed.with(1, DovecotBed::usual, CONFIG, bed -> {
            assertThat(bed.rcpt(ANNA)).isEmpty();
            bed.users.close();
            bed.pass(Duration.ofSeconds(5));
            assertThat(bed.rcpt("bert@here.example")).contains("451 4.3.0");
            bed.pass(Duration.ofSeconds(5));
            assertThat(bed.dovecot.connections).isEqualTo(1);
        });
    }
}
