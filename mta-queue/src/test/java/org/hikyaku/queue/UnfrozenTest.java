package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The end of a user's freeze lets him log in again; what it has held waits for its release, whatever else is done or taken back. */
class UnfrozenTest {
    private static final String EVE = "eve@a.example";
    private static final Origin OF_EVE = new Origin(Origin.Kind.SUBMISSION, "192.0.2.7", EVE, "s1");

    /** What is done with her mail while she is frozen, and after that. */
    record Story(String name, Step frozen, Step after) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Commands. */
    interface Step {
        void give(OperatorBed op, AccountKeeper accounts) throws IOException;
    }

    private static void undo(OperatorBed op, long operation) throws IOException {
        assertThat(op.run(new Verb.Undo(operation), "all").failure()).isEmpty();
    }

    static Stream<Story> stories() {
        List<Result> kept = new ArrayList<>();
        return Stream.of(
                new Story("nothing", (op, accounts) -> {}, (op, accounts) -> {}),
                new Story(
                        "removed and taken back",
                        (op, accounts) -> {},
                        (op, accounts) ->
                                undo(op, op.run(new Verb.Remove(false), "all").operation())),
                new Story(
                        "a bounce taken back",
                        (op, accounts) -> kept.add(op.run(new Verb.Bounce("no", false), "all")),
                        (op, accounts) -> undo(op, kept.removeLast().operation())),
                new Story(
                        "a bounce of some",
                        (op, accounts) -> op.run(new Verb.Bounce("no", false), "domain = b.example"),
                        (op, accounts) -> {}),
                new Story(
                        "a move broken off, then released",
                        (op, accounts) -> op.run(new Verb.Take(), "all"),
                        (op, accounts) -> op.run(new Verb.Release(), "all")),
                new Story(
                        "a move taken back",
                        (op, accounts) -> kept.add(op.run(new Verb.Take(), "all")),
                        (op, accounts) -> undo(op, kept.removeLast().operation())),
                new Story("a release taken back", (op, accounts) -> {}, (op, accounts) -> {
                    accounts.release(EVE, "ops", false);
                    undo(op, op.operations.operations().getLast().number());
                }));
    }

    @ParameterizedTest
    @MethodSource("stories")
    void whatWasHeldStaysUntilItIsReleased(Story story) {
        MemorySpool.Store store = new MemorySpool.Store();
        try (SimWorld sim = new SimWorld(1)) {
            assertThat(OperatorBed.tell(sim, store, (op, bed) -> {
                        AccountKeeper accounts = op.operations.accounts();
                        bed.send("", letter(), "", OF_EVE);
                        accounts.freeze(EVE, "ops", "");
                        accounts.sweep(EVE, "ops", false);
                        story.frozen.give(op, accounts);
                        accounts.unfreeze(EVE);
                        story.after.give(op, accounts);
                        bed.world.tasks().sleep(Duration.ofHours(2));
                        assertThat(bed.takeSoon()).isEmpty();
                        assertThat(op.list("state = frozen")).containsExactly("x");
                        assertThat(accounts.release(EVE, "ops", false).messages())
                                .isEqualTo(1);
                        assertThat(bed.takeSoon()).isPresent();
                    }))
                    .isTrue();
        }
    }

    private static Envelope letter() {
        List<Recipient> recipients = Stream.of("bob@b.example", "joe@c.example")
                .map(each -> Recipient.of(Address.of(each)))
                .toList();
        return new Envelope(Address.of("x@a.example"), recipients, false, false);
    }
}
