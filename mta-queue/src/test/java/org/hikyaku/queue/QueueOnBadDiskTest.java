package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** The queue over a spool whose disk is full for hours, or takes nothing at all. */
class QueueOnBadDiskTest {
    private final List<String> delivered = new ArrayList<>();
    private final Map<String, Integer> lent = new LinkedHashMap<>();

    private static QueueBed open(World world) throws IOException {
        JournalSpool spool = JournalSpool.open(
                world,
                Path.of("/spool"),
                new SpoolSettings(Optional.empty(), 64 << 10, 16 << 10, 0, Duration.ofMillis(50), 64 << 20),
                4 << 20);
        return new QueueBed(
                world, spool, QueueBed.directory(world, QueueBed.CONFIG.local()), queue -> spool.recover(queue));
    }

    /** Every address with an x fails for good, every other is delivered at the third attempt. */
    private void deliverers(QueueBed bed) {
        bed.world.tasks().start("deliverer", () -> {
            for (Optional<Claim> c = bed.queue.take(); c.isPresent(); c = bed.queue.take()) {
                Claim claim = c.get();
                bed.world.tasks().sleep(Duration.ofMillis(200));
                String to = claim.recipients().getFirst().address().toString();
                int times = lent.merge(to, 1, Integer::sum);
                if (to.startsWith("x")) {
                    bed.settle(claim, QueueBed.failed());
                } else if (times < 3 && !to.startsWith("joe")) {
                    bed.settle(claim, QueueBed.retry());
                } else {
                    delivered.add(to);
                    bed.settle(claim, QueueBed.delivered());
                }
            }
        });
    }

    @Test
    void onADiskFullForHoursMessagesAreTriedDeliveredAndBouncedAsEver() {
        for (long seed = 0; seed < 4; seed++) {
            delivered.clear();
            lent.clear();
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> {
                    QueueBed bed = open(world);
                    for (int i = 0; i < 40; i++) {
                        bed.sendHeld("for the test", "joe@a.example", "y" + i + "@b.example", "x" + i + "@c.example");
                    }
                    world.tasks().sleep(Duration.ofSeconds(1));
                    sim.disk().capacity(0);
                    sim.crash();
                });
                sim.run(world -> {
                    QueueBed bed = open(world);
                    world.tasks().sleep(Duration.ofSeconds(5));
                    deliverers(bed);
                    bed.spool.ids(null, 100).forEach(bed::release);
                    world.tasks().sleep(Duration.ofHours(5));
                    assertThat(bed.spool.ids(null, 100)).isEmpty();
                    bed.spool.close();
                });
                assertThat(delivered.stream().filter(to -> to.startsWith("y"))).hasSize(40);
                assertThat(delivered.stream().filter("joe@a.example"::equals))
                        .as("bounces")
                        .hasSize(40);
                assertThat(sim.events().count(Event.QUEUE_STALLED)).isZero();
                assertThat(sim.events().count(Event.TASK_DIED)).isZero();
            }
        }
    }

    @Test
    void nothingIsLentWhileNothingCanBeRecordedAndAllGoesOnAlone() {
        try (SimWorld sim = new SimWorld(3, SimFaults.none().with(SimFault.WRITE_FAILED, 1))) {
            sim.calm();
            sim.run(world -> {
                QueueBed bed = open(world);
                for (int i = 0; i < 30; i++) {
                    bed.sendHeld("for the test", "joe@a.example", "y" + i + "@b.example");
                }
                bed.spool.ids(null, 100).forEach(bed::release);
                sim.storm(); // a disk that was remounted read-only
                deliverers(bed);
                world.tasks().sleep(Duration.ofMinutes(40));
                assertThat(lent.values().stream().mapToInt(n -> n).sum())
                        .as("what was under way when it broke")
                        .isLessThan(10);
                assertThat(bed.queue.admin().counts().unstored()).isPositive();
                sim.calm();
                world.tasks().sleep(Duration.ofHours(2));
                assertThat(bed.spool.ids(null, 100)).isEmpty();
                bed.spool.close();
            });
            assertThat(delivered).hasSize(30).doesNotHaveDuplicates();
            assertThat(sim.events().count(Event.QUEUE_STALLED)).isBetween(1L, 10L);
            assertThat(sim.events().count(Event.QUEUE_RESUMED)).isPositive();
            assertThat(sim.events().count(Event.TASK_DIED)).isZero();
        }
    }
}
