package org.hikyaku.kill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 of the real process in mid-load: nothing that got its 250 is lost. {@code -Dkill.rounds=50} by default; {@code
 * -Dkill.seed} chooses when it dies.
 *
 * <p>A killed process loses nothing the kernel has taken, so this shows the order of acknowledging, recovery and
 * redelivery on the real thing; power cuts are the simulator's.
 */
class KillIT {
    @TempDir
    Path home;

    @Test
    void nothingAcknowledgedIsLost() throws IOException, InterruptedException {
        int rounds = Integer.getInteger("kill.rounds", 50);
        KillRounds.Result result = new KillRounds(home, Long.getLong("kill.seed", 20261121)).run(rounds);
        System.out.printf(
                "kill -9: %d rounds, %d acknowledged, %d arrived, %d with a second copy, %d lost%n",
                rounds,
                result.acknowledged(),
                result.arrived(),
                result.again(),
                result.lost().size());
        assertThat(result.exit()).as("exit code of a stop by SIGTERM").isIn(0, 143);
        assertThat(result.acknowledged()).as("the load got through").isGreaterThan(rounds * 10);
        assertThat(result.lost()).as("acknowledged and lost").isEmpty();
        assertThat(result.half()).as("files that are not whole messages").isEmpty();
    }
}
