package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.Operation;
import org.hikyaku.operate.Result;
import org.hikyaku.operate.Verb;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An operator's commands and what takes them back. */
class OperationsTest {
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

    private static void sleep(QueueBed bed, Duration time) {
        bed.world.tasks().sleep(time);
    }

    @Test
    void aHeldMessageWaitsUntilItIsReleasedAlsoOverARestart() {
        run((op, bed) -> {
            SpoolId id = bed.send("ann@c.example", "bob@b.example");
            assertThat(op.run(new Verb.Hold("why"), id).done()).isEqualTo(1);
            assertThat(bed.takeSoon()).isEmpty();
            assertThat(bed.queue.admin().counts().held()).isEqualTo(1);
            assertThat(op.run(new Verb.Hold("why"), id).done()).isZero();
            assertThat(op.left).containsExactly("held already");
            sim.crash();
        });
        run((op, bed) -> {
            assertThat(bed.takeSoon()).isEmpty();
            assertThat(op.run(new Verb.Release(), "state = held").done()).isEqualTo(1);
            bed.settle(bed.take(), QueueBed.delivered());
            assertThat(bed.queue.admin().counts().held()).isZero();
        });
        assertThat(sim.events().count(Event.MESSAGE_HELD)).isEqualTo(1);
        assertThat(sim.events().count(Event.MESSAGE_RELEASED)).isEqualTo(1);
    }

    @Test
    void whatIsHeldWhileItIsBeingDeliveredIsNotTriedAgain() {
        run((op, bed) -> {
            SpoolId id = bed.send("ann@c.example", "bob@b.example");
            Claim claim = bed.take();
            op.run(new Verb.Hold(""), id);
            bed.settle(claim, QueueBed.retry());
            sleep(bed, Duration.ofHours(1));
            assertThat(bed.takeSoon()).isEmpty();
            op.run(new Verb.Release(), id);
            assertThat(bed.takeSoon()).isPresent();
        });
    }

    @Test
    void aRemovedMessageLiesInTheTrashCanBeRestoredAndIsGoneWhenItsTimeIsOver() {
        run((op, bed) -> {
            SpoolId one = bed.send("one@c.example", "bob@b.example");
            bed.send("two@c.example", "bob@b.example");
            assertThat(op.run(new Verb.Remove(false), "all").done()).isEqualTo(2);
            assertThat(op.list("all")).isEmpty();
            assertThat(op.list("state = trash")).containsExactly("one", "two");
            assertThat(op.run(new Verb.Remove(false), one).done()).isZero();
            assertThat(op.left).containsExactly("in the trash already");
            assertThat(op.run(new Verb.Release(), one).done()).isEqualTo(1);
            assertThat(bed.takeSoon()).isPresent();
            sim.crash();
        });
        run((op, bed) -> {
            sleep(bed, Duration.ofDays(6));
            assertThat(op.list("state = trash")).containsExactly("two");
            sleep(bed, Duration.ofDays(2));
            assertThat(op.list("state = trash")).isEmpty();
            assertThat(store.messages).hasSize(1);
        });
        assertThat(sim.events().count(Event.BOUNCE_QUEUED)).isZero();
    }

    @Test
    void removedAtOnceIsGoneAndCannotBeUndone() {
        run((op, bed) -> {
            bed.send("one@c.example", "bob@b.example");
            Result gone = op.run(new Verb.Remove(true), "all");
            assertThat(gone.done()).isEqualTo(1);
            assertThat(gone.undoUntil()).isEmpty();
            assertThat(store.messages).isEmpty();
            assertThatThrownBy(() -> op.run(new Verb.Undo(gone.operation()), "all"))
                    .hasMessage("operation 1 (remove --now) was carried out for good: it cannot be undone");
            assertThat(op.operations.operations())
                    .as("nothing says that it was undone")
                    .singleElement()
                    .satisfies(one -> {
                        assertThat(one.isFinal()).isTrue();
                        assertThat(one.undoneBy()).isZero();
                    });
        });
    }

    @Test
    void theTrashIsEmptiedWhenTheDiskIsDownToItsReserve() {
        run((op, bed) -> {
            bed.send("one@c.example", "bob@b.example");
            bed.send("two@c.example", "bob@b.example");
            op.run(new Verb.Remove(false), "sender ~ one");
            store.full = true;
            sleep(bed, Duration.ofMinutes(3));
            assertThat(op.list("all or state = trash")).containsExactly("two");
            assertThat(sim.events().count(Event.TRASH_EMPTIED)).isEqualTo(1);
        });
    }

    @Test
    void aDryRunTellsHowManyAndTouchesNothing() {
        run((op, bed) -> {
            for (int i = 0; i < 250; i++) {
                bed.send("u" + i + "@c.example", "bob@b.example");
            }
            for (Verb verb : List.of(
                    new Verb.Hold(""),
                    new Verb.Remove(false),
                    new Verb.Remove(true),
                    new Verb.Bounce("x", true),
                    new Verb.Redirect(Address.of("new@b.example")))) {
                Result dry = op.dry(verb, "sender ~ u1");
                assertThat(dry.done()).as(verb.label()).isEqualTo(111);
                assertThat(dry.operation()).isZero();
            }
            assertThat(op.dry(new Verb.Freeze(List.of("@c.example")), "all").done())
                    .isEqualTo(250);
            assertThat(store.changes).hasSize(250);
            assertThat(op.operations.operations()).isEmpty();
            assertThat(op.operations.frozen()).isEmpty();
        });
    }

    @Test
    void retryIsStoredAndUndone() {
        run((op, bed) -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.retry());
            sleep(bed, Duration.ofSeconds(1));
            Result first = op.run(new Verb.Retry(), "state = deferred");
            assertThat(first.done()).isEqualTo(1);
            assertThat(op.run(new Verb.Undo(first.operation()), "all").done()).isEqualTo(1);
            assertThat(bed.takeSoon()).isEmpty();
            op.run(new Verb.Retry(), "all");
            sim.crash();
        });
        run((op, bed) -> {
            StoredMessage message = store.messages.firstEntry().getValue();
            assertThat(message.states().getFirst().due())
                    .isBeforeOrEqualTo(bed.world.clock().now());
            Claim claim = bed.take();
            assertThat(op.run(new Verb.Retry(), "all").done()).isZero();
            assertThat(op.left).containsExactly("is being delivered right now");
            bed.settle(claim, QueueBed.retry());
            sleep(bed, Duration.ofSeconds(1));
            assertThat(bed.takeSoon()).isEmpty();
        });
    }

    @Test
    void aRetryInVainLeavesTheWaitsAsTheyWereAndTheAttemptAtItsTimeLengthensThem() {
        run((op, bed) -> {
            Duration first = QueueBed.CONFIG.queue().retry().getFirst();
            bed.send("ann@c.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.retry());
            for (int i = 0; i < 4; i++) {
                sleep(bed, Duration.ofSeconds(1));
                assertThat(op.run(new Verb.Retry(), "state = deferred").done()).isEqualTo(1);
                bed.settle(bed.take(), QueueBed.retry());
            }
            sleep(bed, Duration.ofSeconds(1));
            RecipientState state = op.only("all").states().getFirst();
            assertThat(state.attempts()).isEqualTo(1);
            assertThat(state.due())
                    .isBefore(bed.world.clock().now().plus(first.multipliedBy(3).dividedBy(2)));
            Result undone = op.run(new Verb.Retry(), "all");
            op.run(new Verb.Undo(undone.operation()), "all");
            bed.settle(bed.take(), QueueBed.retry());
            sleep(bed, Duration.ofSeconds(1));
            assertThat(op.only("all").states().getFirst().attempts())
                    .as("at its time, as if no operator had been there")
                    .isEqualTo(2);
        });
    }

    @Test
    void aBounceIsSentWhenTheTimeToUndoItIsOver() {
        run((op, bed) -> {
            bed.send("ann@a.example", "bob@b.example", "eve@e.example");
            bed.send("joe@a.example", "bob@b.example");
            Result result = op.run(new Verb.Bounce("This host is closed", false), "recipient ~ bob");
            assertThat(result.done()).isEqualTo(2);
            assertThat(op.list("state = bouncing")).containsExactly("ann", "joe");
            op.run(new Verb.Release(), "sender ~ joe");
            bed.settle(bed.take(), QueueBed.delivered());
            assertThat(bed.takeSoon()).isEmpty();
            sleep(bed, Duration.ofMinutes(50));
            sim.crash();
        });
        run((op, bed) -> {
            assertThat(op.list("all")).containsExactly("ann");
            sleep(bed, Duration.ofMinutes(11));
            assertThat(op.only("sender ~ ann").states().getFirst().status()).isEqualTo(RecipientState.Status.FAILED);
            StoredMessage notice = op.only("sender = <>");
            assertThat(notice.envelope().recipients().getFirst().address()).isEqualTo(Address.of("ann@a.example"));
            String text = new String(store.bodies.get(notice.id()), StandardCharsets.UTF_8);
            assertThat(text)
                    .contains("This host is closed")
                    .contains("The operator of this mail system has given it up")
                    .contains("X-Hikyaku-Class: operator")
                    .doesNotContain("receiving side")
                    .contains("bob@b.example")
                    .doesNotContain("eve@e.example");
            assertThat(bed.take().recipients()).hasSize(1);
        });
        assertThat(sim.events().count(Event.BOUNCE_QUEUED)).isEqualTo(1);
    }

    @Test
    void aBounceAtOnceIsOneChange() {
        run((op, bed) -> {
            bed.send("ann@a.example", "bob@b.example");
            int before = store.changes.size();
            assertThat(op.run(new Verb.Bounce("no", true), "all").done()).isEqualTo(1);
            assertThat(store.changes).hasSize(before + 1);
            assertThat(op.list("all")).containsExactly("");
        });
    }

    @Test
    void redirectTouchesTheRecipientsThatMatchAndIsUndone() {
        run((op, bed) -> {
            bed.send("ann@c.example", "bob@b.example", "rob@b.example", "eve@e.example");
            Result result = op.run(new Verb.Redirect(Address.of("new@n.example")), "domain = b.example");
            assertThat(result.done()).isEqualTo(1);
            assertThat(pending(op)).containsExactly("eve@e.example", "new@n.example");
            assertThat(op.run(new Verb.Redirect(Address.of("new@n.example")), "recipient = new@n.example")
                            .done())
                    .isZero();
            op.run(new Verb.Undo(result.operation()), "all");
            assertThat(pending(op)).containsExactly("eve@e.example", "bob@b.example", "rob@b.example");
            List<String> sent = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Claim claim = bed.take();
                claim.recipients().forEach(r -> sent.add(r.address().toString()));
                bed.settle(claim, QueueBed.delivered());
            }
            assertThat(sent).containsExactlyInAnyOrder("eve@e.example", "bob@b.example", "rob@b.example");
        });
    }

    private static List<String> pending(OperatorBed op) {
        StoredMessage message = op.only("all");
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < message.states().size(); i++) {
            if (!message.states().get(i).status().isFinished()) {
                addresses.add(message.envelope().recipients().get(i).address().toString());
            }
        }
        return addresses;
    }

    @Test
    void aFrozenSendersMailWaitsWhatIsQueuedAndWhatComesAlsoOverARestart() {
        run((op, bed) -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.send("joe@d.example", "bob@b.example");
            assertThat(op.run(new Verb.Freeze(List.of("Ann@C.example")), "all").done())
                    .isEqualTo(1);
            bed.send("ann@c.example", "eve@e.example");
            assertThat(op.list("state = frozen")).containsExactly("ann", "ann");
            sim.crash();
        });
        run((op, bed) -> {
            assertThat(op.operations.frozen()).containsExactly("ann@c.example");
            bed.send("ann@c.example", "zoe@z.example");
            assertThat(op.list("state = frozen")).hasSize(3);
            // a hold that is released gives way to the freeze
            bed.sendHeld("odd", "ann@c.example", "bob@b.example");
            op.run(new Verb.Release(), "state = held");
            assertThat(op.list("state = frozen")).hasSize(4);
            assertThat(op.run(new Verb.Thaw(List.of("ann@c.example")), "all").done())
                    .isEqualTo(4);
            assertThat(op.list("state = frozen")).isEmpty();
            bed.send("ann@c.example", "zoe@z.example");
            assertThat(op.list("state = waiting")).hasSize(6);
        });
    }

    @Test
    void aFreezeIsUndoneByAThawWithWhatCameMeanwhile() {
        run((op, bed) -> {
            Result freeze = op.run(new Verb.Freeze(List.of("@c.example", "x@y.example")), "all");
            bed.send("ann@c.example", "bob@b.example");
            assertThat(bed.takeSoon()).isEmpty();
            op.run(new Verb.Undo(freeze.operation()), "all");
            assertThat(op.operations.frozen()).isEmpty();
            assertThat(bed.takeSoon()).isPresent();
        });
    }

    @Test
    void anUndoLeavesWhatHasChangedSinceAndCanItselfBeUndoneButNotTwice() {
        run((op, bed) -> {
            for (int i = 0; i < 230; i++) {
                bed.send("u" + i + "@c.example", "bob@b.example");
            }
            Result hold = op.run(new Verb.Hold("x"), "all");
            op.run(new Verb.Remove(true), "sender = u7@c.example");
            op.run(new Verb.Release(), "sender = u8@c.example");
            Result undo = op.run(new Verb.Undo(hold.operation()), "all");
            assertThat(undo.done()).isEqualTo(228);
            assertThat(op.left).containsExactly("no such message in the queue", "it has changed since");
            assertThat(op.list("state = held")).isEmpty();
            assertThatThrownBy(() -> op.run(new Verb.Undo(hold.operation()), "all"))
                    .hasMessageContaining("was undone by operation " + undo.operation());
            op.run(new Verb.Undo(undo.operation()), "all");
            assertThat(op.list("state = held")).hasSize(228);
            assertThatThrownBy(() -> op.run(new Verb.Undo(99), "all")).hasMessageContaining("no operation 99");
        });
    }

    @Test
    void whatChangedNothingCannotBeUndoneAndAnUndoThatChangedNothingUndoesNothing() {
        run((op, bed) -> {
            SpoolId id = bed.send("ann@c.example", "bob@b.example");
            Result hold = op.run(new Verb.Hold("x"), id);
            assertThat(hold.undoUntil()).isPresent();
            Result again = op.run(new Verb.Hold("x"), id);
            assertThat(again.undoUntil()).isEmpty();
            assertThatThrownBy(() -> op.run(new Verb.Undo(again.operation()), "all"))
                    .hasMessage("operation 2 (hold) changed nothing: there is nothing to undo");
            op.run(new Verb.Hold("y"), id);
            op.run(new Verb.Release(), id);
            assertThat(op.run(new Verb.Undo(hold.operation()), "all").done()).isZero();
            assertThat(op.left).containsExactly("it has changed since");
            assertThat(op.operations.operations().getFirst().undoneBy()).isZero();
        });
    }

    @Test
    void aFreezeIsSomethingEvenIfNoMailWaits() {
        run((op, bed) -> {
            Result freeze = op.run(new Verb.Freeze(List.of("@c.example")), "all");
            assertThat(freeze.undoUntil()).isPresent();
            Result again = op.run(new Verb.Freeze(List.of("@c.example")), "all");
            assertThat(again.undoUntil()).isEmpty();
            assertThatThrownBy(() -> op.run(new Verb.Undo(again.operation()), "all"))
                    .hasMessage("operation 2 (freeze-sender) changed nothing: there is nothing to undo");
            assertThat(op.run(new Verb.Thaw(List.of("nobody@d.example")), "all").undoUntil())
                    .isEmpty();
            Result undo = op.run(new Verb.Undo(freeze.operation()), "all");
            assertThat(op.operations.frozen()).isEmpty();
            assertThat(op.operations.operations().getFirst().undoneBy()).isEqualTo(undo.operation());
        });
    }

    @Test
    void operationsAreListedUntilTheirTimeIsOver() {
        run((op, bed) -> {
            bed.send("ann@c.example", "bob@b.example");
            op.run(new Verb.Hold("x"), "all");
            assertThat(op.operations.operations()).singleElement().satisfies(one -> {
                assertThat(one)
                        .extracting(Operation::number, Operation::by, Operation::command, Operation::state)
                        .containsExactly(1L, "ops", "hold", "done");
                assertThat(one.done()).isEqualTo(1);
            });
            sleep(bed, Duration.ofMinutes(61));
            assertThat(op.operations.operations()).isEmpty();
            assertThat(op.run(new Verb.Release(), "all").operation()).isEqualTo(2);
        });
    }

    @Test
    void aStoreThatRefusesStopsTheCommandAfterItsChunk() {
        run((op, bed) -> {
            for (int i = 0; i < 250; i++) {
                bed.send("u" + i + "@c.example", "bob@b.example");
            }
            store.refuse = 1;
            Result result = op.run(new Verb.Hold("x"), "all");
            assertThat(result.failure())
                    .hasValueSatisfying(why -> assertThat(why).contains("full"));
            assertThat(result.done()).isEqualTo(99);
            assertThat(op.list("state = held")).hasSize(99);
        });
    }

    @Test
    void listsComeInOrderAndTellOfWhatIsMissing() {
        run((op, bed) -> {
            bed.send("one@c.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.retry());
            sleep(bed, Duration.ofSeconds(1));
            bed.send("two@c.example", "eve@e.example");
            bed.sendHeld("odd", "three@c.example", "Bob@e.example");
            assertThat(op.list("all")).containsExactly("one", "two", "three");
            bed.take();
            assertThat(op.list("state = active")).containsExactly("two*");
            assertThat(op.run(new Verb.Hold("x"), new SpoolId(999)).matched()).isZero();
            assertThat(op.left).containsExactly("no such message in the queue");
        });
    }

    /** However long the queue is: a list keeps a page of ids, and one message at a time. */
    @Test
    void theFirstRowsComeBeforeTheRestIsLookedAt() {
        run((op, bed) -> {
            for (int i = 0; i < 3_000; i++) {
                bed.send("u" + i + "@c.example", "bob@b.example");
            }
            store.peeks = 0;
            List<Integer> peeksAt = new ArrayList<>();
            op.operations.list(OperatorBed.by("sender ~ u"), op.watcher(row -> peeksAt.add(store.peeks)));
            assertThat(peeksAt).hasSize(3_000).startsWith(1, 2, 3).endsWith(3_000);
        });
    }

    /** No deliverer gets a message that is being changed, and all come back. */
    @Test
    void redirectsAndDeliveriesAtTheSameTimeGiveNoSecondCopy() {
        for (long seed = 0; seed < 30; seed++) {
            MemorySpool.Store own = new MemorySpool.Store();
            Map<String, Integer> copies = new java.util.TreeMap<>();
            try (SimWorld world = new SimWorld(seed)) {
                world.run(w -> {
                    OperatorBed op = new OperatorBed(w, own);
                    for (int i = 0; i < 20; i++) {
                        op.bed.send("u" + i + "@c.example", "bob" + i + "@b" + i % 3 + ".example");
                    }
                    for (int d = 0; d < 3; d++) {
                        w.tasks().start("deliverer", () -> {
                            for (var c = op.bed.queue.take(); c.isPresent(); c = op.bed.queue.take()) {
                                w.tasks().sleep(Duration.ofMillis(w.entropy().below(30)));
                                c.get().message().envelope().sender();
                                copies.merge(c.get().message().id().toString(), 1, Integer::sum);
                                op.bed.settle(c.get(), QueueBed.delivered());
                            }
                        });
                    }
                    w.tasks().sleep(Duration.ofMillis(w.entropy().below(60)));
                    op.run(new Verb.Redirect(Address.of("new@n.example")), "all");
                    w.tasks().sleep(Duration.ofMinutes(5));
                    assertThat(op.bed.queue.admin().counts().messages()).isZero();
                });
                assertThat(copies).as("seed %s", seed).hasSize(20);
                assertThat(copies.values()).as("seed %s", seed).containsOnly(1);
            }
        }
    }
}
