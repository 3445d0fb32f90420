package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.hikyaku.mail.Address;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What waits outlives crashes, restarts and clocks that are set. */
class QueueRestartTest {
    private final QueueStories queue = new QueueStories();

    @AfterEach
    void end() {
        queue.close();
    }

    @Test
    void aCrashBetweenDeliveryAndSettlingLeadsToASecondCopyAndNothingElse() {
        boolean ended = queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.take();
            queue.sim.crash();
        });
        assertThat(ended).isFalse();
        queue.run(bed -> {
            Claim again = bed.take();
            assertThat(QueueStories.to(again)).containsExactly(Address.of("bob@b.example"));
            bed.settle(again, QueueBed.delivered());
            assertThat(bed.takeSoon()).isEmpty();
        });
        assertThat(queue.store.messages).isEmpty();
    }

    @Test
    void whatFellDueWhileWeWereDownDoesNotAllGoAtOnce() {
        queue.run(bed -> {
            for (int i = 0; i < 300; i++) {
                bed.send("ann@c.example", "u@d" + i + ".example");
                bed.settle(bed.take(), QueueBed.retry());
            }
            bed.world.tasks().sleep(Duration.ofSeconds(1));
            queue.sim.crash();
        });
        queue.sim.runFor(Duration.ofHours(1));
        queue.run(bed -> {
            Instant start = bed.world.clock().now();
            int[] perMinute = new int[6];
            for (int i = 0; i < 300; i++) {
                Claim claim = bed.take();
                perMinute[(int) Duration.between(start, bed.world.clock().now()).toMinutes()]++;
                bed.settle(claim, QueueBed.delivered());
            }
            for (int minute = 0; minute < 5; minute++) {
                assertThat(perMinute[minute]).isBetween(30, 90);
            }
        });
    }

    @Test
    void aClockThatIsSetAYearForwardOrBackMovesNothingThatWaits() {
        for (int direction : new int[] {1, -1}) {
            queue.run(bed -> {
                for (int i = 0; i < 100; i++) {
                    bed.send("ann@c.example", "u@d" + i + ".example");
                    bed.settle(bed.take(), QueueBed.retry());
                }
                queue.sim.clock().jump(Duration.ofDays(365).multipliedBy(direction));
                assertThat(bed.takeSoon()).as("no stampede").isEmpty();
                long began = bed.world.clock().nanos();
                for (int i = 0; i < 100; i++) {
                    bed.settle(bed.take(), QueueBed.delivered());
                }
                Duration took = Duration.ofNanos(bed.world.clock().nanos() - began);
                assertThat(took).as("none starves").isBetween(Duration.ofMinutes(4), Duration.ofMinutes(6));
                assertThat(bed.queue.stop(Duration.ofSeconds(5))).isTrue();
            });
            assertThat(queue.store.messages).isEmpty();
        }
    }

    @Test
    void aClockThatWasPutBackAYearWhileWeWereDownStarvesNothing() {
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.retry());
            bed.world.tasks().sleep(Duration.ofSeconds(1));
            queue.sim.crash();
        });
        queue.sim.clock().jump(Duration.ofDays(-365));
        queue.run(bed -> {
            long began = bed.world.clock().nanos();
            bed.settle(bed.take(), QueueBed.retry());
            bed.settle(bed.take(), QueueBed.delivered());
            assertThat(Duration.ofNanos(bed.world.clock().nanos() - began)).isLessThan(Duration.ofMinutes(20));
            assertThat(bed.queue.stop(Duration.ofSeconds(5))).isTrue();
        });
        assertThat(queue.store.messages).isEmpty();
    }

    @Test
    void dueTimesOutliveARestart() {
        Instant[] due = new Instant[1];
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.retry());
            bed.world.tasks().sleep(Duration.ofSeconds(1));
            due[0] = queue.store
                    .messages
                    .firstEntry()
                    .getValue()
                    .states()
                    .getFirst()
                    .due();
            queue.sim.crash();
        });
        queue.run(bed -> {
            bed.take();
            assertThat(Duration.between(due[0], bed.world.clock().now()))
                    .isBetween(Duration.ZERO, Duration.ofSeconds(1));
        });
    }
}
