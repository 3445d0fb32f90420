package org.hikyaku.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.RecipientState.Status;
import org.hikyaku.spool.StoredMessage;
import org.junit.jupiter.api.Test;

/** What was chosen may have changed before it is carried out. */
class PlannerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Content EMPTY = new Content() {
        @Override
        public long size() {
            return 0;
        }

        @Override
        public int read(ByteBuffer target, long position) {
            return -1;
        }
    };

    private static StoredMessage message(String held, Status... statuses) {
        List<Recipient> to = Stream.of(statuses)
                .map(each -> Recipient.of(Address.of("joe@b.example")))
                .toList();
        List<RecipientState> states = Stream.of(statuses)
                .map(each -> each.isFinished() ? RecipientState.fresh(NOW).finished(each) : RecipientState.fresh(NOW))
                .toList();
        Envelope envelope = new Envelope(Address.of("x@c.example"), to, false, false);
        return new StoredMessage(new SpoolId(1), NOW, envelope, Origin.ownNotice(), states, held, EMPTY);
    }

    private static Planner.Plan bounced(StoredMessage message, Integer... places) {
        return with(List.of(), new Verb.Bounce("no", false), planner -> planner.plan(message, List.of(places)));
    }

    /** What {@code asks} says while {@code frozen} are frozen. */
    private static <T> T with(List<String> frozen, Verb verb, Function<Planner, T> asks) {
        AtomicReference<T> plan = new AtomicReference<>();
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                world.disk().makeDirectories(Path.of("/data"));
                Order order = new Order(verb, 1, "ops", NOW, new Verb.Times(Duration.ofHours(1), Duration.ofDays(1)));
                Freezes freezes = Freezes.load(world, Path.of("/data"));
                freezes.set(frozen, true);
                plan.set(asks.apply(new Planner(order, freezes)));
            });
        }
        return Objects.requireNonNull(plan.get());
    }

    private static String to(Planner.Plan plan) {
        return ((Move.Held) ((Planner.Plan.Carry) plan).move()).to();
    }

    private static Mark mark(Planner.Plan plan) {
        Move.Held move = (Move.Held) ((Planner.Plan.Carry) plan).move();
        return Mark.parse(move.to()).orElseThrow();
    }

    /** In a mark no places mean all. */
    @Test
    void aBounceOfWhoIsFinishedIsNoneOfTheOthers() {
        assertThat(bounced(message("", Status.DELIVERED, Status.PENDING), 0)).isInstanceOf(Planner.Plan.Leave.class);
        assertThat(bounced(message("", Status.PENDING, Status.PENDING, Status.DELIVERED), 0, 2))
                .extracting(PlannerTest::mark)
                .extracting(Mark::places)
                .isEqualTo(List.of(0));
        assertThat(bounced(message("", Status.DELIVERED, Status.PENDING), 1))
                .extracting(PlannerTest::mark)
                .extracting(Mark::places)
                .as("all that is left")
                .isEqualTo(List.of());
    }

    @Test
    void aSecondBounceOfWhoIsFinishedLeavesTheFirstAsItIs() {
        Mark first = mark(bounced(message("seen to", Status.PENDING, Status.PENDING, Status.PENDING), 1));
        assertThat(first.places()).containsExactly(1);
        assertThat(first.before()).isEqualTo("seen to");
        StoredMessage marked = message(first.held(), Status.DELIVERED, Status.PENDING, Status.PENDING);
        assertThat(bounced(marked, 0)).isInstanceOf(Planner.Plan.Leave.class);
        assertThat(mark(bounced(marked, 2)).places()).as("and so all").isEmpty();
    }

    /** Between the taking and its end the sender may have been thawed, or frozen. */
    @Test
    void whatWasTakenFallsBackToAFreezeOnlyWhileThereIsOne() {
        String frozen = Mark.frozen(7, "ops", false).held();
        List<String> nobody = List.of();
        List<String> him = List.of("@c.example");
        Verb release = new Verb.Release();
        for (String former : List.of("", frozen, "seen to")) {
            StoredMessage moving = message(Mark.moving(8, "ops", former).held(), Status.PENDING);
            Move back = new Move.Held(moving.id(), moving.held(), former);
            for (List<String> now : List.of(nobody, him)) {
                String held = with(now, release, planner -> to(planner.plan(moving, List.of(0))));
                String taken = with(now, release, planner -> to(new Planner.Plan.Carry(planner.back(back, moving))));
                assertThat(taken).isEqualTo(held);
                assertThat(held.isEmpty()).isEqualTo(now.isEmpty() && !former.equals("seen to"));
                assertThat(Mark.isFrozen(held)).isEqualTo(!now.isEmpty() && !former.equals("seen to"));
                assertThat(held.equals(frozen)).as("as it was").isEqualTo(!now.isEmpty() && former.equals(frozen));
            }
        }
    }
}
