package org.hikyaku.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
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
        Envelope envelope = new Envelope(Address.NULL, to, false, false);
        return new StoredMessage(new SpoolId(1), NOW, envelope, Origin.ownNotice(), states, held, EMPTY);
    }

    private static Planner.Plan bounced(StoredMessage message, Integer... places) {
        AtomicReference<Planner.Plan> plan = new AtomicReference<>();
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                world.disk().makeDirectories(Path.of("/data"));
                Order order = new Order(
                        new Verb.Bounce("no", false),
                        1,
                        "ops",
                        NOW,
                        new Verb.Times(Duration.ofHours(1), Duration.ofDays(1)));
                plan.set(new Planner(order, Freezes.load(world, Path.of("/data"))).plan(message, List.of(places)));
            });
        }
        return Objects.requireNonNull(plan.get());
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
}
