package org.hikyaku.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.Test;

class DecoySecretTest {
    private static final Path FILE = Path.of("/decoy");

    @Test
    void onceReadItIsTheSameForEverThoughThePowerFails() {
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                byte[][] secrets = new byte[2][];
                sim.run(world -> secrets[0] = DecoySecret.readOrMake(world.disk(), world.entropy(), FILE));
                sim.crash();
                sim.run(world -> secrets[1] = DecoySecret.readOrMake(world.disk(), world.entropy(), FILE));
                assertThat(secrets[1]).as("seed " + seed).isEqualTo(secrets[0]);
            }
        }
    }
}
