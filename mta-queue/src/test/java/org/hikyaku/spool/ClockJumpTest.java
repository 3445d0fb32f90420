package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.Test;

/** Whatever the clock does, ids only grow, across crashes too. */
class ClockJumpTest {
    @Test
    void idsGrowThroughEveryJumpOfTheClockAndEveryCrash() {
        List<Duration> jumps = List.of(
                Duration.ofDays(400),
                Duration.ofDays(-800),
                Duration.ofSeconds(-1),
                Duration.ofDays(36_500),
                Duration.ofDays(-40_000),
                Duration.ofDays(4_000));
        try (SimWorld sim = new SimWorld(1)) {
            List<SpoolId> all = new ArrayList<>();
            for (Duration jump : jumps) {
                sim.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    all.add(SpoolHand.store(world, spool, "before", 1));
                    sim.clock().jump(jump);
                    all.add(SpoolHand.store(world, spool, "after", 1));
                    world.tasks().sleep(Duration.ofMinutes(3));
                    all.add(SpoolHand.store(world, spool, "later", 1));
                    all.add(spool.draft().id()); // never stored
                    sim.crash();
                });
            }
            assertThat(all).isSorted().doesNotHaveDuplicates();
            sim.run(world -> assertThat(SpoolHand.recovered(SpoolHand.open(world)))
                    .extracting(StoredMessage::id)
                    .hasSize(3 * jumps.size())
                    .isSubsetOf(all));
        }
    }
}
