package org.hikyaku.powercut;

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

/**
 * A recording, and power cuts at drawn places of it: each disk that this may leave is opened and judged.
 *
 * <p>For {@code src-it/long/powercut.sh} also a program: {@code PowerCuts IMAGES SEED LETTERS BOOTS DIRECTORY} records anew in the
 * directory, says what it does, prints a line of its {@link Result}, and ends with 1 when anything is wrong.
 */
final class PowerCuts {
    private static final int PROBLEMS_MAX = 10;
    private static final int PROMISES_MIN = 100;

    private final Path home;
    private final Random chance;

    /**
     * What came of it.
     *
     * @param noticed how many losses were seen for each force that was left out of the record: none may be 0
     * @param promised letters
     * @param messages found in all images
     */
    record Result(
            List<String> problems,
            Map<String, Integer> noticed,
            int lines,
            int forces,
            int promised,
            int images,
            long messages) {
        boolean isGood() {
            return problems.isEmpty() && !noticed.containsValue(0) && promised > PROMISES_MIN;
        }
    }

    /** @param home where a recording is or will be */
    PowerCuts(Path home, Random chance) {
        this.home = home;
        this.chance = chance;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        PowerCuts cuts =
                new PowerCuts(Path.of(args[4]).toAbsolutePath().normalize(), new Random(Long.parseLong(args[1])));
        cuts.record(Integer.parseInt(args[2]));
        Result result = cuts.judge(Integer.parseInt(args[0]), Integer.parseInt(args[3]));
        result.problems().forEach(problem -> System.out.println("wrong: " + problem));
        System.out.printf(
                "cuts\t%d\t%d\t%d\t%d\t%d\t%d\t%d%n",
                result.images(),
                result.messages(),
                result.lines(),
                result.forces(),
                result.promised(),
                result.problems().size(),
                result.noticed().values().stream().filter(seen -> seen > 0).count());
        System.exit(result.isGood() ? 0 : 1);
    }

    /** Makes the recording anew, with so many letters promised in each of two runs. */
    void record(int letters) throws IOException, InterruptedException {
        Recorder.clear(home);
        Files.createDirectories(home);
        Recorder.record(home, letters, chance);
    }

    /** Draws and judges so many images of the recording, and starts the server on {@code boots} more. */
    Result judge(int images, int boots) throws IOException, InterruptedException {
        Recording recording = Recorder.read(home);
        try (Ledger ledger = Ledger.read(home.resolve("ledger"));
                Laboratory laboratory = new Laboratory(recording, ledger)) {
            System.out.println("powercut: " + laboratory.summary());
            List<String> problems = new ArrayList<>();
            Map<String, Integer> noticed = mutilated(laboratory, recording, problems);
            problems.addAll(images(laboratory, recording, images));
            for (int i = 0; i < boots; i++) {
                problems.addAll(Boot.of(home, i, recording, ledger, chance).problems());
            }
            System.out.println("powercut: " + laboratory.tally());
            int forces = (int)
                    recording.ops().stream().filter(Op.Force.class::isInstance).count();
            return new Result(
                    problems,
                    noticed,
                    recording.lines(),
                    forces,
                    laboratory.promises(),
                    laboratory.images(),
                    laboratory.messages());
        }
    }

    /** What the judge finds in mutilated records: how many losses of each kind. */
    private static Map<String, Integer> mutilated(Laboratory laboratory, Recording recording, List<String> problems)
            throws IOException {
        Map<String, Integer> seen = new LinkedHashMap<>();
        for (Mutilation mutilation : Mutilation.all(recording)) {
            int before = seen.getOrDefault(mutilation.what(), 0);
            if (before < 2) {
                List<Op> ops = recording.ops().stream()
                        .filter(op -> !mutilation.without().contains(op))
                        .toList();
                List<String> found = laboratory.judge(ops, mutilation.cut());
                seen.put(mutilation.what(), before + (found.isEmpty() ? 0 : 1));
                if (!found.isEmpty()) {
                    laboratory
                            .judge(recording.ops(), mutilation.cut())
                            .forEach(loss ->
                                    problems.add("the whole record, cut at line " + mutilation.cut() + ": " + loss));
                    System.out.println("powercut: without " + mutilation.what() + ": " + found.getFirst());
                }
            }
        }
        return seen;
    }

    private List<String> images(Laboratory laboratory, Recording recording, int count) throws IOException {
        List<String> problems = new ArrayList<>();
        SortedMap<Integer, List<String>> cuts = new Cuts(recording).draw(count, chance);
        PowerModel model = new PowerModel(recording.ops());
        for (Map.Entry<Integer, List<String>> cut : cuts.entrySet()) {
            model.advance(cut.getKey());
            for (String kind : cut.getValue()) {
                Loss loss = Loss.any(chance, cut.getKey(), model.lastUnforced());
                Optional<String> problem = laboratory.open(model, loss, chance, kind);
                problem.ifPresent(problems::add);
                if (problems.size() > PROBLEMS_MAX) {
                    return problems;
                }
            }
        }
        return problems;
    }
}
