package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.Account;
import org.hikyaku.operate.AccountKeeper;
import org.hikyaku.operate.Importer;
import org.hikyaku.operate.Result;
import org.hikyaku.operate.Verb;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The end of a user's freeze lets him log in again; what it has held waits for its release, whatever else is done or taken back. */
class UnfrozenTest {
    private static final String EVE = "eve@a.example";
    private static final List<String> DOMAIN = List.of("@a.example");
    private static final Step NOTHING = (op, accounts) -> {};
    private static final Origin OF_EVE = new Origin(Origin.Kind.SUBMISSION, "192.0.2.7", EVE, "s1");

    /** What is done with her mail before she is frozen, while she is, and after that. */
    record Story(String name, Step before, Step frozen, Step after) {
        Story(String name, Step frozen, Step after) {
            this(name, NOTHING, frozen, after);
        }

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
                new Story("nothing", NOTHING, NOTHING),
                new Story(
                        "removed and taken back",
                        NOTHING,
                        (op, accounts) ->
                                undo(op, op.run(new Verb.Remove(false), "all").operation())),
                new Story(
                        "a bounce taken back",
                        (op, accounts) -> kept.add(op.run(new Verb.Bounce("no", false), "all")),
                        (op, accounts) -> undo(op, kept.removeLast().operation())),
                new Story(
                        "a bounce of some",
                        (op, accounts) -> op.run(new Verb.Bounce("no", false), "domain = b.example"),
                        NOTHING),
                new Story(
                        "a move broken off, then released",
                        (op, accounts) -> op.run(new Verb.Take(), "all"),
                        (op, accounts) -> op.run(new Verb.Release(), "all")),
                new Story(
                        "a move taken back",
                        (op, accounts) -> kept.add(op.run(new Verb.Take(), "all")),
                        (op, accounts) -> undo(op, kept.removeLast().operation())),
                new Story("a release taken back", NOTHING, (op, accounts) -> {
                    accounts.release(EVE, "ops", false);
                    undo(op, op.operations.operations().getLast().number());
                }));
    }

    /** Whose domain was never frozen, or after her and for a while. */
    static Stream<Story> storiesOfHerDomain() {
        return Stream.of(
                new Story("thawed, though never frozen", NOTHING, UnfrozenTest::thaw),
                new Story("frozen and thawed", NOTHING, (op, accounts) -> {
                    freeze(op);
                    thaw(op, accounts);
                }),
                new Story("frozen, which is taken back", NOTHING, (op, accounts) -> undo(op, freeze(op))),
                new Story("frozen while she is, and thawed", (op, accounts) -> freeze(op), UnfrozenTest::thaw),
                new Story("thawed before some are given up", UnfrozenTest::bounceSome, UnfrozenTest::thaw),
                new Story("thawed while it is being moved", UnfrozenTest::take, (op, accounts) -> {
                    thaw(op, accounts);
                    op.run(new Verb.Release(), "all");
                }));
    }

    /** Whose domain was frozen before her. */
    static Stream<Story> storiesOfHerDomainBefore() {
        List<Result> kept = new ArrayList<>();
        return Stream.of(
                new Story("thawed before her", (op, accounts) -> freeze(op), UnfrozenTest::thaw, NOTHING),
                new Story("thawed after her", (op, accounts) -> freeze(op), NOTHING, UnfrozenTest::thaw),
                new Story(
                        "thawed before her, some given up",
                        (op, accounts) -> {
                            freeze(op);
                            bounceSome(op, accounts);
                        },
                        UnfrozenTest::thaw,
                        NOTHING),
                new Story(
                        "thawed after her, some given up, which is taken back",
                        (op, accounts) -> {
                            freeze(op);
                            kept.add(op.run(new Verb.Bounce("no", false), "domain = b.example"));
                        },
                        NOTHING,
                        (op, accounts) -> {
                            thaw(op, accounts);
                            undo(op, kept.removeLast().operation());
                        }),
                new Story(
                        "thawed after her, while it is being moved",
                        (op, accounts) -> {
                            freeze(op);
                            take(op, accounts);
                        },
                        NOTHING,
                        (op, accounts) -> {
                            thaw(op, accounts);
                            op.run(new Verb.Release(), "all");
                        }),
                new Story(
                        "thawed after her, a removal taken back",
                        (op, accounts) -> {
                            freeze(op);
                            kept.add(op.run(new Verb.Remove(false), "all"));
                        },
                        (op, accounts) -> undo(op, kept.removeLast().operation()),
                        UnfrozenTest::thaw));
    }

    private static long freeze(OperatorBed op) throws IOException {
        return op.run(new Verb.Freeze(DOMAIN), "all").operation();
    }

    private static void thaw(OperatorBed op, AccountKeeper accounts) throws IOException {
        assertThat(op.run(new Verb.Thaw(DOMAIN), "all").failure()).isEmpty();
        assertThat(op.left).isEmpty();
    }

    private static void bounceSome(OperatorBed op, AccountKeeper accounts) throws IOException {
        op.run(new Verb.Bounce("no", false), "domain = b.example");
    }

    private static void take(OperatorBed op, AccountKeeper accounts) throws IOException {
        op.run(new Verb.Take(), "all");
    }

    @ParameterizedTest
    @MethodSource({"stories", "storiesOfHerDomain", "storiesOfHerDomainBefore"})
    void whatWasHeldStaysUntilItIsReleased(Story story) {
        MemorySpool.Store store = new MemorySpool.Store();
        try (SimWorld sim = new SimWorld(1)) {
            assertThat(OperatorBed.tell(sim, store, (op, bed) -> {
                        AccountKeeper accounts = op.operations.accounts();
                        bed.send("", letter(), "", OF_EVE);
                        story.before.give(op, accounts);
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

    /** In whatever order they end, what both held goes when both are over and it was released. */
    @Test
    void whatAFreezeOfHerDomainHoldsTooGoesWhenThatEnds() {
        run((op, bed, accounts) -> {
            bed.send("", letter(), "", OF_EVE);
            freeze(op);
            accounts.freeze(EVE, "ops", "");
            assertThat(accounts.sweep(EVE, "ops", false))
                    .as("it holds that now")
                    .isEqualTo(new AccountKeeper.Swept(1, 0, Optional.empty()));
            assertThat(accounts.sweep(EVE, "ops", false).messages()).isZero();
            accounts.unfreeze(EVE);
            AccountKeeper.Swept still = new AccountKeeper.Swept(0, 1, Optional.empty());
            assertThat(accounts.release(EVE, "ops", true)).isEqualTo(still);
            assertThat(accounts.release(EVE, "ops", false)).isEqualTo(still);
            assertThat(bed.takeSoon()).isEmpty();
            assertThat(op.list("state = frozen")).hasSize(1);
            assertThat(op.run(new Verb.Thaw(DOMAIN), "all").done()).isEqualTo(1);
            assertThat(bed.takeSoon()).isPresent();
        });
    }

    @Test
    void aReleaseTakenBackHoldsForHerWhatItHadLeftToHerDomain() {
        run((op, bed, accounts) -> {
            bed.send("", letter(), "", OF_EVE);
            bed.send(OF_EVE, "y@d.example", "bob@b.example");
            freeze(op);
            accounts.freeze(EVE, "ops", "");
            accounts.sweep(EVE, "ops", false);
            accounts.unfreeze(EVE);
            assertThat(accounts.release(EVE, "ops", false)).isEqualTo(new AccountKeeper.Swept(1, 1, Optional.empty()));
            undo(op, op.operations.operations().getLast().number());
            thaw(op, accounts);
            assertThat(op.list("state = frozen")).containsExactly("x", "y");
            assertThat(accounts.release(EVE, "ops", false).messages()).isEqualTo(2);
        });
    }

    @Test
    void theReleaseOfWhoIsFrozenAgainEnds() {
        try (SimWorld sim = new SimWorld(2)) {
            assertThat(sim.run(world -> {
                        LateSpool late = new LateSpool(
                                world,
                                new MemorySpool(world, new MemorySpool.Store()),
                                e -> e instanceof Change.Entry.Hold,
                                Duration.ofSeconds(20));
                        OperatorBed op = new OperatorBed(world, late, List.of());
                        AccountKeeper accounts = op.operations.accounts();
                        accounts.freeze(EVE, "ops", "");
                        for (int i = 0; i < 250; i++) {
                            op.bed.send(OF_EVE, "x@a.example", "bob@b.example");
                        }
                        accounts.sweep(EVE, "ops", false);
                        accounts.unfreeze(EVE);
                        List<AccountKeeper.Swept> released = new ArrayList<>();
                        world.tasks().start("release", () -> released.add(released(accounts)));
                        world.tasks().sleep(Duration.ofSeconds(10));
                        accounts.freeze(EVE, "ops", "");
                        assertThat(accounts.sweep(EVE, "ops", false).failure()).isEmpty();
                        world.tasks().sleep(Duration.ofMinutes(5));
                        assertThat(released).containsExactly(new AccountKeeper.Swept(100, 150, Optional.empty()));
                        assertThat(op.list("state = frozen")).hasSize(250);
                        assertThat(accounts.all()).extracting(Account::swept).containsExactly(true);
                    }))
                    .isTrue();
        }
    }

    private static AccountKeeper.Swept released(AccountKeeper accounts) {
        try {
            return accounts.release(EVE, "ops", false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Was frozen on another host: the others of a bounce too. */
    @Test
    void whatABounceWillLeaveStaysHeldOnAnotherHost() {
        String[] held = {""};
        run((op, bed, accounts) -> {
            freeze(op);
            bed.send("", letter(), "", OF_EVE);
            bounceSome(op, accounts);
            held[0] = op.only("all").held();
        });
        run((op, bed, accounts) -> {
            byte[] body = "hi\r\n".getBytes(StandardCharsets.US_ASCII);
            Instant now = bed.world.clock().now();
            try (Importer importer = op.operations.importer("ops", false, op.watcher(row -> {}))) {
                importer.message(new Importer.Given(
                        new SpoolId(1_000),
                        body.length,
                        now,
                        letter(),
                        OF_EVE,
                        List.of(RecipientState.fresh(now), RecipientState.fresh(now)),
                        held[0]));
                importer.data(body);
                importer.whole();
                importer.end();
            }
            bed.world.tasks().sleep(Duration.ofHours(2));
            assertThat(bed.takeSoon()).isEmpty();
            assertThat(op.list("state = frozen")).containsExactly("x");
            thaw(op, accounts);
            assertThat(bed.takeSoon()).isEmpty();
            op.run(new Verb.Release(), "all");
            assertThat(bed.takeSoon()).isPresent();
        });
    }

    /** What is done in a queue without mail. */
    private interface Told {
        void tell(OperatorBed op, QueueBed bed, AccountKeeper accounts) throws Exception;
    }

    private static void run(Told told) {
        try (SimWorld sim = new SimWorld(3)) {
            MemorySpool.Store store = new MemorySpool.Store();
            assertThat(OperatorBed.tell(sim, store, (op, bed) -> told.tell(op, bed, op.operations.accounts())))
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
