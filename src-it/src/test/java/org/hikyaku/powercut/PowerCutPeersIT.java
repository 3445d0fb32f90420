package org.hikyaku.powercut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The built server on a real disk, its system calls recorded from outside; then the power is cut, on paper, at drawn
 * places of the record, and each disk that this may leave is opened: nothing promised is lost, nothing is half.
 *
 * <p>{@code -Dpowercut.images=1200} by default, {@code -Dpowercut.letters=400} promised in each of two
 * runs, {@code -Dpowercut.boots=2} images on which the server itself is started, {@code -Dpowercut.seed}; with
 * {@code -Dpowercut.replay=DIRECTORY} a former recording is judged again. The recording stays in {@code target/powercut}.
 */
class PowerCutPeersIT {
    private final Path root =
            Path.of(System.getProperty("hikyaku.root", "..")).toAbsolutePath().normalize();
    private final long seed = Long.getLong("powercut.seed", System.nanoTime());

    @Test
    void everyDiskThatAPowerCutMayLeaveKeepsWhatWasPromised() throws IOException, InterruptedException {
        String replay = System.getProperty("powercut.replay", "");
        Path home = replay.isEmpty()
                ? root.resolve("src-it/target/powercut")
                : Path.of(replay).toAbsolutePath().normalize();
        PowerCuts cuts = new PowerCuts(home, new Random(seed));
        if (replay.isEmpty()) {
            cuts.record(Integer.getInteger("powercut.letters", 400));
        }
        System.out.println("powercut: seed " + seed + ", recording " + home);
        PowerCuts.Result result =
                cuts.judge(Integer.getInteger("powercut.images", 1_200), Integer.getInteger("powercut.boots", 2));
        assertThat(result.problems()).as("seed " + seed + ", recording " + home).isEmpty();
        assertThat(result.noticed()).as("losses seen in mutilated records").doesNotContainValue(0);
        assertThat(result.promised()).as("letters promised").isGreaterThan(100);
    }
}
