package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.operate.AccountKeeper;
import org.hikyaku.operate.Result;
import org.hikyaku.operate.Verb;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.spool.Origin;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** What is on its way to disk, and who waits for it. */
class UnderwayTest {
    private final MemorySpool.Store store = new MemorySpool.Store();

    private static QueueBed onJournal(World world) throws IOException {
        SpoolSettings settings =
                new SpoolSettings(Optional.empty(), 64 << 10, 16 << 10, 0, Duration.ofMillis(5), 64 << 20);
        JournalSpool spool = JournalSpool.open(world, Path.of("/spool"), settings, 4 << 20);
        spool.recover(message -> {}).join(Duration.ofMinutes(1));
        return new QueueBed(world, spool, QueueBed.directory(world, QueueBed.CONFIG.local()), queue -> {});
    }

    private static boolean hasAllArrived(QueueBed bed) {
        return bed.queue.admin().awaitUnderway(Duration.ofSeconds(1));
    }

    @Test
    void aBugBeforeItIsStoredIsNotWaitedForForEver() {
        try (SimWorld sim = new SimWorld(1)) {
            assertThat(sim.run(world -> {
                        QueueBed bed = new QueueBed(world, store);
                        bed.gate = (sender, origin) -> {
                            throw new IllegalStateException("a bug");
                        };
                        assertThatThrownBy(() -> bed.send("x@a.example", "bob@b.example"))
                                .hasMessage("a bug");
                        assertThat(hasAllArrived(bed)).isTrue();
                    }))
                    .isTrue();
        }
    }

    /** It is stored, so the client must not send it again. */
    @Test
    void aBugAfterItIsStoredIsNotWaitedForForEverAndTheClientHearsThatItIsTaken() {
        try (SimWorld sim = new SimWorld(2)) {
            assertThat(sim.run(world -> {
                        QueueBed bed = onJournal(world);
                        bed.queue.homing((message, place) -> {
                            throw new IllegalStateException("a bug");
                        });
                        assertThat(bed.spool.peek(bed.send("x@a.example", "bob@b.example")))
                                .isPresent();
                        assertThat(hasAllArrived(bed)).isTrue();
                    }))
                    .isTrue();
            assertThat(sim.events().count(Event.TASK_DIED)).isEqualTo(1);
        }
    }

    @Test
    void aFreezeOfSendersThatHasWaitedInVainSaysSo() throws IOException {
        try (SimWorld sim = new SimWorld(3)) {
            assertThat(sim.run(world -> {
                        LateSpool late = new LateSpool(
                                world,
                                new MemorySpool(world, store),
                                e -> e instanceof Change.Entry.Accept,
                                Duration.ofMinutes(1));
                        OperatorBed op = new OperatorBed(world, late, List.of());
                        world.tasks().start("mail", () -> op.bed.send("x@c.example", "bob@b.example"));
                        world.tasks().sleep(Duration.ofMillis(100));
                        Result result = op.run(new Verb.Freeze(List.of("@c.example")), "all");
                        assertThat(result.failure().orElse("")).contains("on its way");
                        world.tasks().sleep(Duration.ofMinutes(1));
                        assertThat(op.list("state = frozen")).containsExactly("x");
                        Result again = op.run(new Verb.Freeze(List.of("@c.example")), "all");
                        assertThat(again.failure()).isEmpty();
                        assertThat(op.run(new Verb.Thaw(List.of("@c.example")), "all")
                                        .done())
                                .isEqualTo(1);
                        assertThat(op.bed.take().message().envelope().sender()).isEqualTo(Address.of("x@c.example"));
                    }))
                    .isTrue();
        }
    }

    @Test
    void anUndoOfAThawThatHasWaitedInVainSaysWhatToGive() throws IOException {
        try (SimWorld sim = new SimWorld(4)) {
            assertThat(sim.run(world -> {
                        LateSpool late = new LateSpool(
                                world,
                                new MemorySpool(world, store),
                                e -> e instanceof Change.Entry.Accept,
                                Duration.ofMinutes(1));
                        OperatorBed op = new OperatorBed(world, late, List.of());
                        op.run(new Verb.Freeze(List.of("@c.example")), "all");
                        Result thaw = op.run(new Verb.Thaw(List.of("@c.example")), "all");
                        world.tasks().start("mail", () -> op.bed.send("x@c.example", "bob@b.example"));
                        world.tasks().sleep(Duration.ofMillis(100));
                        Result undo = op.run(new Verb.Undo(thaw.operation()), "all");
                        assertThat(undo.failure().orElse(""))
                                .contains("on its way", "then give freeze-sender @c.example");
                        world.tasks().sleep(Duration.ofMinutes(1));
                        Result again = op.run(new Verb.Freeze(List.of("@c.example")), "all");
                        assertThat(again.failure()).isEmpty();
                        assertThat(op.list("state = frozen")).containsExactly("x");
                    }))
                    .isTrue();
        }
    }

    /** It was decided to hold it as long as she was frozen. */
    @Test
    void theReleaseOfAUserWaitsForMailOnItsWay() throws IOException {
        Origin eve = new Origin(Origin.Kind.SUBMISSION, "192.0.2.7", "eve@c.example", "s1");
        for (int seconds : List.of(10, 60)) {
            try (SimWorld sim = new SimWorld(5)) {
                assertThat(sim.run(world -> {
                            LateSpool late = new LateSpool(
                                    world,
                                    new MemorySpool(world, new MemorySpool.Store()),
                                    e -> e instanceof Change.Entry.Accept,
                                    Duration.ofSeconds(seconds));
                            OperatorBed op = new OperatorBed(world, late, List.of());
                            AccountKeeper accounts = op.operations.accounts();
                            accounts.freeze(eve.user(), "ops", "");
                            accounts.sweep(eve.user(), "ops", false);
                            world.tasks().start("mail", () -> op.bed.send(eve, "x@c.example", "bob@b.example"));
                            world.tasks().sleep(Duration.ofMillis(100));
                            accounts.unfreeze(eve.user());
                            assertThat(accounts.release(eve.user(), "ops", true).failure())
                                    .isEmpty();
                            AccountKeeper.Swept released = accounts.release(eve.user(), "ops", false);
                            assertThat(released.messages()).isEqualTo(seconds < 30 ? 1 : 0);
                            assertThat(released.failure().orElse(""))
                                    .contains(seconds < 30 ? "" : "then give unfreeze --release");
                            world.tasks().sleep(Duration.ofMinutes(1));
                            assertThat(op.list("state = frozen")).hasSize(seconds < 30 ? 0 : 1);
                            accounts.release(eve.user(), "ops", false);
                            assertThat(op.bed.takeSoon()).isPresent();
                        }))
                        .isTrue();
            }
        }
    }
}
