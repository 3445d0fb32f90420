package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/**
 * When a power cut leads to a second copy (docs/queue.md): only between the next hop's 250 and the force of the mark that
 * says so, which begins with the next batch, and {@code spool.marks_wait} later when no other traffic comes.
 */
class SecondCopyTest {
    private static final Duration MARKS_WAIT = Duration.ofMillis(50);

    /** What the next hop and the log saw. */
    private static final class Seen {
        int copies;
        boolean marked;
        Duration markedAfter = Duration.ZERO;
    }

    private static QueueBed open(World world) throws IOException {
        JournalSpool spool = JournalSpool.open(
                world,
                Path.of("/spool"),
                new SpoolSettings(Optional.empty(), 64 << 10, 16 << 10, 0, MARKS_WAIT, 64 << 20),
                4 << 20);
        return new QueueBed(
                world, spool, QueueBed.directory(world, QueueBed.CONFIG.local()), queue -> spool.recover(queue));
    }

    /** Cuts the power {@code calls} world calls after the next hop's 250 (never, if negative), starts again, counts copies. */
    private static Seen history(long seed, int calls) {
        Seen seen = new Seen();
        try (SimWorld sim = new SimWorld(seed)) {
            sim.disk().settle();
            boolean ended = sim.run(world -> {
                QueueBed bed = open(world);
                bed.send("ann@c.example", "bob@b.example");
                Claim claim = bed.take();
                seen.copies++; // here the next hop says 250
                if (calls >= 0) {
                    sim.crashAfter(calls);
                }
                var at = world.clock().now();
                bed.settle(claim, QueueBed.delivered());
                while (sim.events().count(Event.MESSAGE_DONE) == 0) {
                    world.tasks().sleep(Duration.ofMillis(1));
                }
                seen.marked = true;
                seen.markedAfter = Duration.between(at, world.clock().now());
                for (int i = 0; i < 50; i++) {
                    world.tasks().sleep(Duration.ofMillis(1));
                }
            });
            assertThat(ended).isEqualTo(calls < 0);
            seen.marked |= sim.events().count(Event.MESSAGE_DONE) > 0;
            if (!ended) {
                sim.run(world -> {
                    QueueBed bed = open(world);
                    for (Optional<Claim> c = bed.takeSoon(); c.isPresent(); c = bed.takeSoon()) {
                        seen.copies++;
                        bed.settle(c.get(), QueueBed.delivered());
                    }
                    world.tasks().sleep(Duration.ofMinutes(10));
                    assertThat(bed.queue.admin().counts().messages()).isZero();
                });
            }
        }
        return seen;
    }

    @Test
    void aPowerCutAtEachCallAfterThe250LeadsToASecondCopyOnlyBeforeTheMarkIsForced() {
        int second = 0;
        int single = 0;
        int afterMark = 0;
        for (int calls = 1; afterMark < 12; calls++) {
            Seen seen = history(calls % 5, calls);
            assertThat(seen.copies).as("cut after " + calls + " calls").isBetween(1, 2);
            if (seen.marked) {
                afterMark++;
                assertThat(seen.copies)
                        .as("marked, and cut after " + calls + " calls")
                        .isEqualTo(1);
            } else if (seen.copies == 2) {
                second++;
            } else {
                single++; // forced, not told yet
            }
            assertThat(calls).isLessThan(500);
        }
        assertThat(second).as("the window is there").isPositive();
        assertThat(second + single).as("and it is short").isLessThan(200);
    }

    @Test
    void withoutAnyOtherTrafficTheMarkIsForcedAfterTheSetTime() {
        for (long seed = 0; seed < 10; seed++) {
            assertThat(history(seed, -1).markedAfter).isBetween(MARKS_WAIT, MARKS_WAIT.plusMillis(100));
        }
    }
}
