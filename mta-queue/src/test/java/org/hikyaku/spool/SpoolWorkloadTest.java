package org.hikyaku.spool;

import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.junit.jupiter.api.Test;

/** Random work and crashes by seed: {@code -Dspool.seeds=N} for more, {@code -Dspool.seed=N} for that one. */
class SpoolWorkloadTest {
    private static final long SEEDS = Long.getLong("spool.seeds", 100);

    @Test
    void whatWasToldStoredIsThereAfterACrashAtAnyCallAndNothingElse() {
        seeds(SimFaults.none());
    }

    @Test
    void soItIsWhenTheDiskFailsToo() {
        seeds(SimFaults.hostile().with(SimFault.FORCE_FAILED, 0.02).with(SimFault.WRITE_FAILED, 0.005));
    }

    private static void seeds(SimFaults faults) {
        Long one = Long.getLong("spool.seed");
        if (one != null) {
            new SpoolWorkload(one, faults).run();
            return;
        }
        for (long seed = 0; seed < SEEDS; seed++) {
            new SpoolWorkload(seed, faults).run();
        }
    }
}
