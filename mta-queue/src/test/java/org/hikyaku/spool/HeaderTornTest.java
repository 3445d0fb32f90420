package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;

/** Crash state 3 by power cuts: a header of more than one sector, cut while it is forced. */
class HeaderTornTest {
    @Test
    void aPowerCutWhileAHeaderIsForcedLosesNothingInAFreshSlotNorInARecycledOne() {
        TreeMap<Integer, Integer> states = new TreeMap<>();
        for (long seed = 0; seed < 60; seed++) {
            List<SpoolId> stored = new ArrayList<>();
            boolean recycled = seed % 2 == 0;
            try (SimWorld sim = new SimWorld(seed)) {
                sim.events().listen((event, values) -> {
                    if (event == Event.SPOOL_CRASH_STATE) {
                        states.merge((Integer) values[0], 1, Integer::sum);
                    }
                });
                sim.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    for (int i = 0; i < 64; i++) { // 16 segments: their header takes two sectors
                        stored.add(SpoolHand.store(world, spool, SpoolHand.large(i, 14_000), 1));
                    }
                    for (int i = 0; recycled && i < 8; i++) {
                        SpoolHand.finish(world, spool, stored.removeLast()); // of segments with long headers
                    }
                    sim.crashInOverwrite(recycled ? 3 : 1);
                    for (int i = 100; i < 140; i++) {
                        stored.add(SpoolHand.store(world, spool, SpoolHand.large(i, 14_000), 1));
                    }
                });
                sim.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    assertThat(SpoolHand.recovered(spool))
                            .extracting(StoredMessage::id)
                            .containsAll(stored)
                            .hasSizeLessThan(stored.size() + 3);
                    SpoolHand.store(world, spool, "more", 1);
                    spool.close();
                });
                assertThat(sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isZero();
            }
        }
        assertThat(states).containsKey(3); // 4 is met in the town (seed 5)
    }
}
