package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.Account;
import org.hikyaku.operate.AccountKeeper;
import org.hikyaku.operate.Verb;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.Spool;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** Users whose mail is held, in the queue and at the door of it, over restarts and crashes. */
class FrozenUsersTest {
    private static final String EVE = "eve@a.example";
    private static final Origin OF_EVE = new Origin(Origin.Kind.SUBMISSION, "192.0.2.7", EVE, "s1");
    private static final Origin OF_ANN = new Origin(Origin.Kind.SUBMISSION, "192.0.2.7", "ann@a.example", "s2");

    private static OperatorBed open(World world) throws IOException {
        return open(world, op -> {});
    }

    /** @param first goes on before the queue is told of what is in the spool */
    private static OperatorBed open(World world, Consumer<OperatorBed> first) throws IOException {
        return open(world, UnaryOperator.identity(), first);
    }

    private static OperatorBed open(World world, UnaryOperator<Spool> through, Consumer<OperatorBed> first)
            throws IOException {
        JournalSpool spool = JournalSpool.open(
                world,
                Path.of("/spool"),
                new SpoolSettings(Optional.empty(), 64 << 10, 16 << 10, 0, Duration.ofMillis(5), 64 << 20),
                4 << 20);
        OperatorBed op = new OperatorBed(world, through.apply(spool), List.of());
        first.accept(op);
        spool.recover(message -> {
                    op.operations.recovered(message);
                    op.bed.queue.message(message);
                })
                .join(Duration.ofMinutes(10));
        return op;
    }

    /** Delivers all that is lent, and notes whose it was. */
    private static void deliver(OperatorBed op, List<String> users) {
        op.bed.world.tasks().start("deliverer", () -> {
            while (true) {
                Claim claim = op.bed.take();
                users.add(claim.message().origin().user());
                op.bed.settle(claim, QueueBed.delivered());
            }
        });
    }

    private static void send(OperatorBed op, Origin origin, int count) {
        for (int i = 0; i < count; i++) {
            op.bed.send(origin, "x" + i + "@a.example", "bob@b.example");
        }
    }

    @Test
    void whatWaitsAndWhatComesIsHeldOfThisUserAlone() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                OperatorBed op = open(world);
                AccountKeeper accounts = op.operations.accounts();
                send(op, OF_EVE, 3);
                send(op, OF_ANN, 2);
                assertThat(accounts.sweep("Eve@A.example", "ops", true).messages())
                        .isEqualTo(3);
                assertThat(op.list("state = frozen")).isEmpty();
                accounts.freeze("Eve@A.example", "ops", "spam");
                assertThat(accounts.sweep(EVE, "ops", false))
                        .isEqualTo(new AccountKeeper.Swept(3, 0, Optional.empty()));
                send(op, OF_EVE, 1);
                assertThat(op.list("state = frozen and user = " + EVE)).hasSize(4);
                assertThat(op.list("state = frozen")).hasSize(4);
                assertThat(accounts.isFrozen("EVE@a.example")).isTrue();
                assertThat(accounts.isFrozen("ann@a.example")).isFalse();
            });
        }
    }

    @Test
    void afterTheEndOfAFreezeWhatIsHeldWaitsForALook() throws IOException {
        try (SimWorld sim = new SimWorld(2)) {
            sim.run(world -> {
                OperatorBed op = open(world);
                AccountKeeper accounts = op.operations.accounts();
                send(op, OF_EVE, 4);
                accounts.freeze(EVE, "ops", "");
                accounts.sweep(EVE, "ops", false);
                SpoolId one = op.only("sender = x1@a.example").id();
                op.run(new Verb.Release(), one);
                assertThat(op.list("state = frozen")).hasSize(3);
                op.run(new Verb.Bounce("no spam", true), "sender = x2@a.example");
                assertThat(accounts.unfreeze(EVE)).isPresent();
                assertThat(accounts.unfreeze(EVE)).isEmpty();
                send(op, OF_EVE, 1);
                assertThat(op.list("state = frozen")).hasSize(2);
                assertThat(accounts.release(EVE, "ops", true).messages()).isEqualTo(2);
                assertThat(accounts.release(EVE, "ops", false).messages()).isEqualTo(2);
                assertThat(op.list("state = frozen")).isEmpty();
            });
        }
    }

    @Test
    void theFreezeOfAUserIsNotUndoneByHalf() throws IOException {
        try (SimWorld sim = new SimWorld(3)) {
            sim.run(world -> {
                OperatorBed op = open(world);
                send(op, OF_EVE, 1);
                op.operations.accounts().freeze(EVE, "ops", "");
                op.operations.accounts().sweep(EVE, "ops", false);
                assertThatThrownBy(() -> op.run(new Verb.Undo(1), new SpoolId[0]))
                        .hasMessageContaining("unfreeze");
            });
        }
    }

    @Test
    void whoIsSuspectedIsHeldAtOnceAndHisAccountStaysOpen() throws IOException {
        try (SimWorld sim = new SimWorld(4)) {
            sim.run(world -> {
                OperatorBed op = open(world);
                AccountKeeper accounts = op.operations.accounts();
                send(op, OF_EVE, 2);
                accounts.suspect(EVE, "too much");
                accounts.suspect(EVE, "too much");
                send(op, OF_EVE, 1);
                world.tasks().sleep(Duration.ofMinutes(1));
                assertThat(op.list("state = frozen")).hasSize(3);
                assertThat(accounts.isFrozen(EVE)).isFalse();
                assertThat(accounts.all()).extracting(Account::level).containsExactly(Account.Level.HELD);
                accounts.freeze(EVE, "ops", "seen");
                accounts.suspect(EVE, "still");
                world.tasks().sleep(Duration.ofMinutes(1));
                assertThat(accounts.isFrozen(EVE)).isTrue();
            });
            assertThat(sim.events().count(Event.ACCOUNT_HELD)).isEqualTo(1);
        }
    }

    /** The durable steps are the list, then the log and the holds, then the list again. */
    @Test
    void afterACrashAnywhereTheStartGoesOnWithTheFreeze() throws IOException {
        int halves = 0;
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed, SimFaults.none())) {
                sim.disk().settle();
                boolean[] frozen = {false};
                boolean[] told = {false};
                sim.run(world -> {
                    OperatorBed op = open(world);
                    send(op, OF_EVE, 6);
                    send(op, OF_ANN, 2);
                    sim.crashAfter(1 + (int) (sim.seed() * 7) % 200);
                    op.operations.accounts().freeze(EVE, "ops", "");
                    frozen[0] = true;
                    op.operations.accounts().sweep(EVE, "ops", false);
                    told[0] = true;
                    sim.crashNever();
                    sim.crash();
                });
                halves += frozen[0] && !told[0] ? 1 : 0;
                sim.crashNever();
                String as = "seed " + seed;
                assertThat(sim.run(world -> {
                            List<String> delivered = new ArrayList<>();
                            OperatorBed op = open(world, bed -> deliver(bed, delivered));
                            op.operations.accounts().resume();
                            world.tasks().sleep(Duration.ofMinutes(1));
                            boolean now = op.operations.accounts().isFrozen(EVE);
                            assertThat(now || !frozen[0]).as(as).isTrue();
                            assertThat(delivered).as(as).hasSize(now ? 2 : 8).contains(OF_ANN.user());
                            assertThat(delivered.contains(EVE)).as(as).isNotEqualTo(now);
                            assertThat(op.list("state = frozen")).as(as).hasSize(now ? 6 : 0);
                            send(op, OF_EVE, 1);
                            assertThat(op.list("state = frozen")).as(as).hasSize(now ? 7 : 0);
                        }))
                        .isTrue();
                assertThat(sim.events().count(Event.TASK_DIED)).as(as).isZero();
            }
        }
        assertThat(halves).isGreaterThan(5);
    }

    @Test
    void whatWasHeldInMemoryAloneGoesWhenTheFreezeEnds() throws IOException {
        try (SimWorld sim = new SimWorld(6)) {
            sim.disk().settle();
            sim.run(world -> {
                OperatorBed op = open(world);
                send(op, OF_EVE, 3);
                op.operations.accounts().freeze(EVE, "ops", "");
                sim.crash();
            });
            assertThat(sim.run(world -> {
                        List<String> delivered = new ArrayList<>();
                        OperatorBed op = open(world, bed -> deliver(bed, delivered));
                        world.tasks().sleep(Duration.ofMinutes(1));
                        op.run(new Verb.Retry(), "user = " + EVE);
                        world.tasks().sleep(Duration.ofMinutes(1));
                        assertThat(delivered).isEmpty();
                        assertThat(op.operations.accounts().unfreeze(EVE)).isPresent();
                        world.tasks().sleep(Duration.ofMinutes(1));
                        assertThat(delivered).containsExactly(EVE, EVE, EVE);
                    }))
                    .isTrue();
        }
    }

    @Test
    void mailOnItsWayToDiskIsHeldWhenItsSenderIsFrozenMeanwhile() throws IOException {
        try (SimWorld sim = new SimWorld(7)) {
            sim.run(world -> {
                MemorySpool.Store store = new MemorySpool.Store();
                OperatorBed op = new OperatorBed(world, store);
                AccountKeeper accounts = op.operations.accounts();
                Intake.Gate gate = op.bed.gate;
                accounts.freeze(EVE, "ops", "");
                accounts.sweep(EVE, "ops", false);
                int[] asked = {0};
                op.bed.gate = (sender, origin) -> {
                    // as if all of the freeze fell between the first question and the end of the commit
                    store.refuse = asked[0]; // the first try to store the hold
                    return asked[0]++ == 0 ? "" : gate.hold(sender, origin);
                };
                send(op, OF_EVE, 1);
                assertThat(op.bed.takeSoon()).isEmpty();
                world.tasks().sleep(Duration.ofMinutes(3));
                assertThat(op.list("state = frozen")).hasSize(1);
            });
            assertThat(sim.events().count(Event.TASK_DIED)).isZero();
        }
    }

    /** A body takes 20 seconds to disk, a hold another 20: the power goes at each moment of it. */
    @Test
    void aCrashLetsNothingGoThatWasOnItsWayToDiskWhenItsSenderWasFrozen() throws IOException {
        int wholly = 0;
        for (long seconds = 1; seconds < 60; seconds += 2) {
            try (SimWorld sim = new SimWorld(seconds)) {
                sim.disk().settle();
                long power = seconds;
                sim.run(world -> {
                    OperatorBed op = open(
                            world,
                            spool -> new LateSpool(
                                    world,
                                    spool,
                                    e -> e instanceof Change.Entry.Accept || e instanceof Change.Entry.Hold,
                                    Duration.ofSeconds(20)),
                            bed -> {});
                    world.tasks().start("mail", () -> send(op, OF_EVE, 1));
                    world.tasks().sleep(Duration.ofMillis(100));
                    op.operations.accounts().freeze(EVE, "ops", "");
                    world.tasks().start("sweep", () -> sweep(op));
                    world.tasks().sleep(Duration.ofSeconds(power));
                    sim.crash();
                });
                String as = "crash after " + seconds + " s";
                boolean[] swept = {false};
                assertThat(sim.run(world -> {
                            List<String> delivered = new ArrayList<>();
                            OperatorBed op = open(world, bed -> deliver(bed, delivered));
                            swept[0] = op.operations.accounts().all().getFirst().swept();
                            op.operations.accounts().resume();
                            world.tasks().sleep(Duration.ofMinutes(1));
                            assertThat(delivered).as(as).isEmpty();
                            assertThat(op.list("state = frozen")).as(as).hasSize(power < 20 ? 0 : 1);
                        }))
                        .isTrue();
                wholly += swept[0] ? 1 : 0;
            }
        }
        assertThat(wholly).as("crashes after the end of the sweep").isBetween(3, 25);
    }

    private static void sweep(OperatorBed op) {
        try {
            op.operations.accounts().sweep(EVE, "ops", false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aSweepThatWaitedInVainForMailOnItsWayIsNoWholeOne() throws IOException {
        try (SimWorld sim = new SimWorld(9)) {
            assertThat(sim.run(world -> {
                        OperatorBed op = open(
                                world,
                                spool -> new LateSpool(
                                        world, spool, e -> e instanceof Change.Entry.Accept, Duration.ofMinutes(10)),
                                bed -> {});
                        AccountKeeper accounts = op.operations.accounts();
                        world.tasks().start("mail", () -> send(op, OF_EVE, 1));
                        world.tasks().sleep(Duration.ofMillis(100));
                        accounts.freeze(EVE, "ops", "");
                        assertThat(accounts.sweep(EVE, "ops", false).failure().orElse(""))
                                .contains("on its way");
                        assertThat(accounts.all().getFirst().swept()).isFalse();
                        world.tasks().sleep(Duration.ofMinutes(30));
                        assertThat(accounts.all().getFirst().swept()).isTrue();
                        assertThat(op.list("state = frozen")).hasSize(1);
                    }))
                    .isTrue();
        }
    }

    @Test
    void whatIsTakenBackLetsNoMailGoOfWhoWasFrozenMeanwhile() throws IOException {
        try (SimWorld sim = new SimWorld(10)) {
            sim.run(world -> {
                OperatorBed op = open(world);
                AccountKeeper accounts = op.operations.accounts();
                send(op, OF_EVE, 1);
                send(op, OF_ANN, 1);
                long removal = op.run(new Verb.Remove(false), "all").operation();
                accounts.freeze(EVE, "ops", "");
                accounts.sweep(EVE, "ops", false);
                op.run(new Verb.Undo(removal), new SpoolId[0]);
                assertThat(op.list("state = frozen and user = " + EVE)).hasSize(1);
                assertThat(op.list("state = waiting")).hasSize(1);
                assertThat(op.list("all")).hasSize(2);
            });
        }
    }

    @Test
    void aSweepThatFailsIsTakenUpAgainUntilNothingIsLeft() throws IOException {
        try (SimWorld sim = new SimWorld(8)) {
            assertThat(sim.run(world -> {
                        MemorySpool.Store store = new MemorySpool.Store();
                        OperatorBed op = new OperatorBed(world, store);
                        AccountKeeper accounts = op.operations.accounts();
                        send(op, OF_EVE, 3);
                        store.refuse = 1;
                        accounts.suspect(EVE, "too much");
                        world.tasks().sleep(Duration.ofSeconds(10));
                        assertThat(accounts.all()).extracting(Account::swept).containsExactly(false);
                        store.unlisted = true;
                        world.tasks().sleep(Duration.ofMinutes(2));
                        assertThat(accounts.all()).extracting(Account::swept).containsExactly(false);
                        store.unlisted = false;
                        world.tasks().sleep(Duration.ofMinutes(10));
                        assertThat(op.list("state = frozen")).hasSize(3);
                        assertThat(accounts.all()).extracting(Account::swept).containsExactly(true);
                        assertThat(op.operations.operations()).hasSizeLessThan(5);
                    }))
                    .isTrue();
        }
    }

    @Test
    void aDamagedListStopsTheStart() throws IOException {
        try (SimWorld sim = new SimWorld(5)) {
            sim.run(world -> {
                Path directory = Path.of("/data/operations");
                world.disk().makeDirectories(directory);
                try (Disk.File file = world.disk().create(directory.resolve("accounts"))) {
                    file.write(0, ByteBuffer.wrap("00000000 eve frozen\n".getBytes(StandardCharsets.US_ASCII)));
                }
                assertThatThrownBy(() -> open(world)).hasMessageContaining("damaged");
            });
        }
    }
}
