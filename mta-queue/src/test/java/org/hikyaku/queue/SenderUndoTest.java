package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.Operation;
import org.hikyaku.operate.Result;
import org.hikyaku.operate.Verb;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Change;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What takes back who was frozen and thawed: that, and no more. */
class SenderUndoTest {
    private static final String A = "@a.example";
    private static final String B = "@b.example";

    private final SimWorld sim = new SimWorld(1);
    private final MemorySpool.Store store = new MemorySpool.Store();

    @AfterEach
    void end() {
        assertThat(sim.events().count(Event.TASK_DIED)).isZero();
        sim.close();
    }

    private void run(OperatorBed.Story story) {
        OperatorBed.tell(sim, store, story);
    }

    private static Result freeze(OperatorBed op, String... senders) throws IOException {
        return op.run(new Verb.Freeze(List.of(senders)), "all");
    }

    private static Result thaw(OperatorBed op, String... senders) throws IOException {
        return op.run(new Verb.Thaw(List.of(senders)), "all");
    }

    private static Result undo(OperatorBed op, Result what) throws IOException {
        return op.run(new Verb.Undo(what.operation()), "all");
    }

    private static Operation operation(OperatorBed op, Result result) throws IOException {
        return op.operations.operations().stream()
                .filter(one -> one.number() == result.operation())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whoWasFrozenBeforeStaysSo() {
        run((op, bed) -> {
            freeze(op, A);
            Result both = freeze(op, A, B);
            bed.send("x@a.example", "joe@d.example");
            bed.send("x@b.example", "joe@d.example");
            undo(op, both);
            assertThat(op.operations.frozen()).containsExactly(A);
            assertThat(op.list("state = frozen")).hasSize(1);
            assertThat(bed.take().message().envelope().sender()).hasToString("x@b.example");
        });
    }

    @Test
    void aSenderOfTwoWordsIsOne() {
        run((op, bed) -> {
            bed.send("\"big deal\"@x.example", "joe@d.example");
            Result freeze = freeze(op, "\"big deal\"@x.example", B);
            assertThat(op.list("state = frozen")).hasSize(1);
            undo(op, freeze);
            assertThat(op.operations.frozen()).isEmpty();
            assertThat(op.list("state = frozen")).isEmpty();
        });
    }

    @Test
    void whoWasNeverFrozenIsNotByTheUndoOfAThaw() {
        run((op, bed) -> {
            freeze(op, "Anna@x.example");
            Result both = thaw(op, "ANNA@x.example", "bob@x.example");
            undo(op, both);
            assertThat(op.operations.frozen()).containsExactly("anna@x.example");
            assertThatThrownBy(() -> undo(op, thaw(op, "bob@x.example"))).hasMessageContaining("changed nothing");
        });
    }

    @Test
    void whatHasOnlySweptLateMailLeavesTheFreeze() {
        run((op, bed) -> {
            freeze(op, A);
            SpoolId late = bed.send("x@a.example", "joe@d.example");
            op.run(new Verb.Release(), late);
            bed.send("y@a.example", "joe@d.example");
            Result again = freeze(op, A);
            assertThat(again.done()).isEqualTo(1);
            assertThat(undo(op, again).done()).isEqualTo(1);
            assertThat(op.operations.frozen()).containsExactly(A);
            assertThat(op.list("state = frozen")).containsExactly("y");
            assertThat(op.list("state = waiting")).as("as it was before").containsExactly("x");
        });
    }

    @Test
    void afterAnotherHasDecidedTheFirstIsNotTakenBack() {
        run((op, bed) -> {
            Result first = freeze(op, A, B);
            thaw(op, A);
            freeze(op, A);
            undo(op, first);
            assertThat(op.operations.frozen()).containsExactly(A);
            Result alone = freeze(op, B);
            thaw(op, B);
            freeze(op, B);
            assertThatThrownBy(() -> undo(op, alone)).hasMessageContaining("others have changed who is frozen");
            assertThat(op.operations.frozen()).containsExactly(A, B);
        });
    }

    @Test
    void undoAfterUndoGoesBackToTheStart() {
        run((op, bed) -> {
            freeze(op, A);
            thaw(op, A);
            freeze(op, A, B);
            List<List<String>> frozen = new ArrayList<>();
            for (var last = op.operations.reversals().last();
                    last.isPresent();
                    last = op.operations.reversals().last()) {
                op.run(new Verb.Undo(last.get().number()), "all");
                frozen.add(op.operations.frozen());
            }
            assertThat(frozen).containsExactly(List.of(), List.of(A), List.of());
        });
    }

    /** Whatever was broken off when: who is frozen by a command that has answered is so until that is taken back. */
    @Test
    void aFreezeThatNeverCameTakesNoOthersBack() {
        int never = 0;
        int came = 0;
        for (int calls = 1; calls < 120; calls++) {
            String when = "crash after " + calls;
            MemorySpool.Store own = new MemorySpool.Store();
            AtomicLong changed = new AtomicLong(-1);
            try (SimWorld world = new SimWorld(calls)) {
                world.crashAfter(calls);
                if (OperatorBed.tell(world, own, (op, bed) -> freeze(op, A))) {
                    break;
                }
                world.crashNever();
                OperatorBed.tell(world, own, (op, bed) -> {
                    Result second = freeze(op, A);
                    if (second.operation() == 1) {
                        return; // the first left nothing
                    }
                    changed.set(second.senders().size());
                    try {
                        op.run(new Verb.Undo(1), "all");
                    } catch (IOException e) {
                        assertThat(e).as(when).hasMessageContaining("others have changed");
                    }
                    boolean stands = op.operations.frozen().contains(A);
                    assertThat(stands).as(when).isEqualTo(changed.get() == 1);
                });
            }
            never += changed.get() == 1 ? 1 : 0;
            came += changed.get() == 0 ? 1 : 0;
        }
        assertThat(never).isPositive();
        assertThat(came).isPositive();
    }

    @Test
    void aDryThawTellsWhatItWouldLetGo() {
        run((op, bed) -> {
            Result freeze = freeze(op, A);
            Result wide = freeze(op, "x@a.example");
            bed.send("x@a.example", "joe@d.example");
            bed.send("y@a.example", "joe@d.example");
            for (Verb verb : List.of(new Verb.Thaw(List.of(A)), new Verb.Undo(freeze.operation()))) {
                Result dry = op.dry(verb, "all");
                assertThat(dry.matched()).as(verb.label()).isEqualTo(2);
                assertThat(dry.done()).as(verb.label()).isEqualTo(1);
                assertThat(dry.senders()).containsExactly(A);
                assertThat(op.left).containsExactly("its sender is frozen by another rule");
            }
            assertThat(op.operations.frozen()).containsExactly(A, "x@a.example");
            assertThat(op.list("state = frozen")).hasSize(2);
            undo(op, wide);
            assertThat(op.dry(new Verb.Thaw(List.of(A)), "all").done()).isEqualTo(2);
        });
    }

    @Test
    void aThawWaitsForWhatIsOnItsWay() {
        run((_, none) -> {
            LateSpool late = new LateSpool(
                    none.world,
                    new MemorySpool(none.world, new MemorySpool.Store()),
                    e -> e instanceof Change.Entry.Accept,
                    Duration.ofSeconds(5));
            OperatorBed op = new OperatorBed(none.world, late, List.of());
            freeze(op, A);
            none.world.tasks().start("mail", () -> op.bed.send("x@a.example", "bob@b.example"));
            none.world.tasks().sleep(Duration.ofMillis(100));
            assertThat(thaw(op, A).failure()).isEmpty();
            assertThat(op.list("state = waiting")).containsExactly("x");
        });
    }

    @Test
    void aThawThatHasWaitedInVainSaysWhatToGive() {
        run((_, none) -> {
            LateSpool late = new LateSpool(
                    none.world,
                    new MemorySpool(none.world, new MemorySpool.Store()),
                    e -> e instanceof Change.Entry.Accept,
                    Duration.ofMinutes(1));
            OperatorBed op = new OperatorBed(none.world, late, List.of());
            freeze(op, A);
            none.world.tasks().start("mail", () -> op.bed.send("x@a.example", "bob@b.example"));
            none.world.tasks().sleep(Duration.ofMillis(100));
            assertThat(thaw(op, A).failure().orElse("")).contains("may be held", "then give thaw-sender " + A);
            none.world.tasks().sleep(Duration.ofMinutes(1));
            assertThat(op.list("state = frozen")).containsExactly("x");
            assertThat(thaw(op, A).done()).isEqualTo(1);
        });
    }

    @Test
    void aFreezeThatCouldNotBeStoredHasEnded() {
        run((op, bed) -> {
            Verb many = new Verb.Freeze(
                    IntStream.rangeClosed(0, 10_000).mapToObj(i -> "u" + i + A).toList());
            assertThatThrownBy(() -> op.run(many, "all")).hasMessageContaining("more than 10000");
            Operation failed = op.operations.operations().getLast();
            assertThat(failed.state()).isEqualTo("stopped");
            freeze(op, "u1" + A);
            assertThat(op.run(new Verb.Undo(failed.number()), "all").isSomething())
                    .isFalse();
            assertThat(op.operations.frozen()).containsExactly("u1" + A);
            bed.world.tasks().sleep(Duration.ofMinutes(61));
            assertThat(op.operations.operations()).isEmpty();
        });
    }

    @Test
    void whatCouldNotBeginDoesNotRun() {
        run((op, bed) -> {
            SpoolId id = bed.send("x@a.example", "joe@d.example");
            Result hold = op.run(new Verb.Hold("why"), id);
            sim.disk().capacity(0);
            assertThatThrownBy(() -> op.run(new Verb.Release(), id)).isInstanceOf(IOException.class);
            sim.disk().capacity(1 << 20);
            assertThat(op.operations.operations()).extracting(Operation::number).containsExactly(hold.operation());
            assertThat(op.run(new Verb.Release(), id).done()).isEqualTo(1);
        });
    }

    @Test
    void whatIsBeingDeliveredIsTakenBackByASecondUndo() {
        run((op, bed) -> {
            bed.send("x@a.example", "bob@d.example");
            bed.settle(bed.take(), QueueBed.retry());
            bed.send("y@a.example", "eve@e.example");
            bed.settle(bed.take(), QueueBed.retry());
            bed.world.tasks().sleep(Duration.ofSeconds(1));
            Result redirect = op.run(new Verb.Redirect(Address.of("new@n.example")), "all");
            assertThat(redirect.done()).isEqualTo(2);
            Claim claim = bed.take();
            assertThat(undo(op, redirect).done()).isEqualTo(1);
            assertThat(op.left).containsExactly("is being delivered right now");
            assertThat(operation(op, redirect).undoneBy()).isZero();
            assertThat(op.operations.reversals().last().orElseThrow().number()).isEqualTo(redirect.operation());
            bed.settle(claim, QueueBed.retry());
            bed.world.tasks().sleep(Duration.ofSeconds(1));
            Result second = undo(op, redirect);
            assertThat(second.done()).isEqualTo(1);
            assertThat(op.list("domain = n.example")).isEmpty();
            assertThat(operation(op, redirect).undoneBy()).isEqualTo(second.operation());
        });
    }

    @Test
    void aLogWhoseTimeIsOverWhileItIsTakenBackHindersNobody() {
        run((_, none) -> {
            LateSpool late = new LateSpool(
                    none.world,
                    new MemorySpool(none.world, new MemorySpool.Store()),
                    e -> e instanceof Change.Entry.Hold,
                    Duration.ofMinutes(2));
            OperatorBed op = new OperatorBed(none.world, late, List.of());
            op.bed.send("x@a.example", "bob@d.example");
            Result hold = op.run(new Verb.Hold("why"), "all");
            none.world.tasks().sleep(Duration.ofMinutes(57));
            none.world.tasks().start("operations", () -> {
                none.world.tasks().sleep(Duration.ofSeconds(90));
                assertThat(operations(op)).hasSize(1);
            });
            assertThat(undo(op, hold).done()).isEqualTo(1);
            assertThat(op.list("state = waiting")).containsExactly("x");
        });
    }

    private static List<Operation> operations(OperatorBed op) {
        try {
            return op.operations.operations();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoeverComesSecondToDeleteALogGoesOn() {
        for (long seed = 0; seed < 40; seed++) {
            try (SimWorld world = new SimWorld(seed)) {
                assertThat(OperatorBed.tell(world, new MemorySpool.Store(), (op, bed) -> {
                            for (int i = 0; i < 5; i++) {
                                freeze(op, "u" + i + A);
                            }
                            bed.world.tasks().sleep(Duration.ofMinutes(61));
                            for (int i = 0; i < 3; i++) {
                                bed.world.tasks().start("operations", () -> operations(op));
                            }
                            assertThat(freeze(op, B).senders()).containsExactly(B);
                            bed.world.tasks().sleep(Duration.ofMinutes(1));
                            assertThat(operations(op)).hasSize(1);
                        }))
                        .isTrue();
                assertThat(world.events().count(Event.TASK_DIED)).isZero();
            }
        }
    }
}
