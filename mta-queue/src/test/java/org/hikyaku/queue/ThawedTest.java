package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.operate.AccountKeeper;
import org.hikyaku.operate.Result;
import org.hikyaku.operate.Verb;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A freeze ends while its mail is being moved or is to be bounced in part: what is taken back then, and what becomes of it else. */
class ThawedTest {
    private static final String EVE = "eve@a.example";
    private static final Origin OF_EVE = new Origin(Origin.Kind.SUBMISSION, "192.0.2.7", EVE, "s1");
    private static final List<String> DOMAIN = List.of("@a.example");

    private interface Story {
        void tell(OperatorBed op, QueueBed bed, AccountKeeper accounts) throws Exception;
    }

    /** With a message of eve's to bob at b and joe at c. */
    private static void run(Story story) {
        try (SimWorld sim = new SimWorld(1)) {
            assertThat(OperatorBed.tell(sim, new MemorySpool.Store(), (op, bed) -> {
                        List<Recipient> recipients = Stream.of("bob@b.example", "joe@c.example")
                                .map(each -> Recipient.of(Address.of(each)))
                                .toList();
                        bed.send("", new Envelope(Address.of("x@a.example"), recipients, false, false), "", OF_EVE);
                        story.tell(op, bed, op.operations.accounts());
                    }))
                    .isTrue();
        }
    }

    private static void undo(OperatorBed op, Result result) throws IOException {
        assertThat(op.run(new Verb.Undo(result.operation()), "all").done()).isEqualTo(1);
        assertThat(op.left).isEmpty();
    }

    /** Takes all that is lent, and says to whom it goes. */
    private static List<String> leaving(QueueBed bed) {
        List<String> to = new ArrayList<>();
        for (var claim = bed.takeSoon(); claim.isPresent(); claim = bed.takeSoon()) {
            claim.get().recipients().forEach(each -> to.add(each.address().toString()));
            bed.settle(claim.get(), QueueBed.delivered());
        }
        return to;
    }

    private static Result some(OperatorBed op, boolean moves) throws IOException {
        return moves ? op.run(new Verb.Take(), "all") : op.run(new Verb.Bounce("no", false), "domain = b.example");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatWasBegunBeforeTheThawOfASenderIsTakenBack(boolean moves) {
        run((op, bed, accounts) -> {
            op.run(new Verb.Freeze(DOMAIN), "all");
            Result begun = some(op, moves);
            assertThat(op.dry(new Verb.Thaw(DOMAIN), "all").done()).isEqualTo(1);
            assertThat(op.run(new Verb.Thaw(DOMAIN), "all").done()).isEqualTo(1);
            assertThat(leaving(bed)).isEmpty();
            undo(op, begun);
            assertThat(leaving(bed)).containsExactlyInAnyOrder("bob@b.example", "joe@c.example");
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatWasBegunBeforeTheReleaseOfAUserIsTakenBack(boolean moves) {
        run((op, bed, accounts) -> {
            accounts.freeze(EVE, "ops", "");
            accounts.sweep(EVE, "ops", false);
            Result begun = some(op, moves);
            accounts.unfreeze(EVE);
            assertThat(accounts.release(EVE, "ops", false).messages()).isEqualTo(1);
            undo(op, begun);
            assertThat(leaving(bed)).containsExactlyInAnyOrder("bob@b.example", "joe@c.example");
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsTakenBackIsHeldForWhoWasFrozenAgain(boolean moves) {
        run((op, bed, accounts) -> {
            op.run(new Verb.Freeze(DOMAIN), "all");
            Result begun = some(op, moves);
            op.run(new Verb.Thaw(DOMAIN), "all");
            op.run(new Verb.Freeze(DOMAIN), "all");
            undo(op, begun);
            assertThat(op.list("state = frozen")).hasSize(1);
            assertThat(leaving(bed)).isEmpty();
        });
    }

    @Test
    void aBounceInAMoveOutlastsTheThaw() {
        run((op, bed, accounts) -> {
            op.run(new Verb.Freeze(DOMAIN), "all");
            some(op, false);
            Result taken = some(op, true);
            op.run(new Verb.Thaw(DOMAIN), "all");
            undo(op, taken);
            assertThat(op.list("state = bouncing")).hasSize(1);
            bed.world.tasks().sleep(Duration.ofMinutes(61));
            assertThat(leaving(bed)).containsExactly("joe@c.example");
            assertThat(op.list("all")).isEmpty();
        });
    }

    /** What is listed may be in the trash before it is its turn. */
    @Test
    void whatWasRemovedWhileTheThawLookedStaysRemoved() {
        MemorySpool.Store store = new MemorySpool.Store();
        try (SimWorld sim = new SimWorld(2)) {
            assertThat(OperatorBed.tell(sim, store, (op, bed) -> {
                        op.run(new Verb.Freeze(DOMAIN), "all");
                        bed.send("x@a.example", "bob@b.example");
                        boolean[] done = {false};
                        store.afterPeek = () -> {
                            store.afterPeek = () -> {};
                            done[0] = remove(op);
                        };
                        op.run(new Verb.Thaw(DOMAIN), "all");
                        assertThat(done[0]).isTrue();
                        assertThat(op.list("state = trash")).hasSize(1);
                    }))
                    .isTrue();
        }
    }

    private static boolean remove(OperatorBed op) {
        try {
            return op.operations
                            .run(
                                    new Verb.Remove(false),
                                    OperatorBed.by("all"),
                                    "ops",
                                    "remove",
                                    false,
                                    op.watcher(row -> {}))
                            .done()
                    == 1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
