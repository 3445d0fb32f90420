package org.hikyaku.powercut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
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
    private final Random chance = new Random(seed);

    @Test
    void everyDiskThatAPowerCutMayLeaveKeepsWhatWasPromised() throws IOException, InterruptedException {
        Path home = recorded();
        System.out.println("powercut: seed " + seed + ", recording " + home);
        Recording recording = Recorder.read(home);
        try (Ledger ledger = Ledger.read(home.resolve("ledger"));
                Laboratory laboratory = new Laboratory(recording, ledger)) {
            System.out.println("powercut: " + laboratory.summary());

            Map<String, Integer> blind = mutilated(laboratory, recording);
            List<String> problems = images(laboratory, recording);
            for (int i = 0; i < Integer.getInteger("powercut.boots", 2); i++) {
                problems.addAll(Boot.of(home, i, recording, ledger, chance).problems());
            }

            System.out.println("powercut: " + laboratory.tally());
            assertThat(problems).as("seed " + seed + ", recording " + home).isEmpty();
            assertThat(blind).as("losses seen in mutilated records").doesNotContainValue(0);
            assertThat(laboratory.promises()).as("letters promised").isGreaterThan(100);
        }
    }

    private Path recorded() throws IOException, InterruptedException {
        String replay = System.getProperty("powercut.replay", "");
        if (!replay.isEmpty()) {
            return Path.of(replay).toAbsolutePath().normalize();
        }
        Path home = root.resolve("src-it/target/powercut");
        Recorder.clear(home);
        Files.createDirectories(home);
        Recorder.record(home, Integer.getInteger("powercut.letters", 400), chance);
        return home;
    }

    /** What the judge finds in mutilated records: how many losses of each kind. */
    private static Map<String, Integer> mutilated(Laboratory laboratory, Recording recording) throws IOException {
        Map<String, Integer> seen = new LinkedHashMap<>();
        for (Mutilation mutilation : Mutilation.all(recording)) {
            int before = seen.getOrDefault(mutilation.what(), 0);
            if (before < 2) {
                List<Op> ops = recording.ops().stream()
                        .filter(op -> !mutilation.without().contains(op))
                        .toList();
                List<String> found = laboratory.judge(ops, mutilation.cut());
                if (!found.isEmpty()) {
                    assertThat(laboratory.judge(recording.ops(), mutilation.cut()))
                            .as("the whole record, at the same line")
                            .isEmpty();
                }
                seen.put(mutilation.what(), before + (found.isEmpty() ? 0 : 1));
                if (!found.isEmpty() && before == 0) {
                    System.out.println("powercut: without " + mutilation.what() + ": " + found.getFirst());
                }
            }
        }
        return seen;
    }

    private List<String> images(Laboratory laboratory, Recording recording) throws IOException {
        List<String> problems = new ArrayList<>();
        SortedMap<Integer, List<String>> cuts =
                new Cuts(recording).draw(Integer.getInteger("powercut.images", 1_200), chance);
        PowerModel model = new PowerModel(recording.ops());
        for (Map.Entry<Integer, List<String>> cut : cuts.entrySet()) {
            model.advance(cut.getKey());
            for (String kind : cut.getValue()) {
                Loss loss = Loss.any(chance, cut.getKey(), model.lastUnforced());
                Optional<String> problem = laboratory.open(model, loss, chance, kind);
                problem.ifPresent(problems::add);
                if (problems.size() > 10) {
                    return problems;
                }
            }
        }
        return problems;
    }
}
