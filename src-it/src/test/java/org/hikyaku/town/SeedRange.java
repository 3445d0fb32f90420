package org.hikyaku.town;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A range of seeds without a test frame around it, for {@code src-it/long/seeds.sh}: lines of {@code kind name count} on
 * standard output; the exit code is 1 when a seed is wrong, and its line {@code wrong SEED what} is there.
 */
final class SeedRange {
    private final AtomicLong next;
    private final long last;
    private final Map<String, Long> counts = new TreeMap<>();
    private final List<String> wrong = new ArrayList<>();

    private SeedRange(long first, long last) {
        this.next = new AtomicLong(first);
        this.last = last;
    }

    /** FIRST LAST [THREADS] */
    public static void main(String[] args) throws InterruptedException {
        SeedRange range = new SeedRange(Long.parseLong(args[0]), Long.parseLong(args[1]));
        int threads = args.length > 2
                ? Integer.parseInt(args[2])
                : Runtime.getRuntime().availableProcessors();
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            running.add(Thread.ofPlatform().name("seeds-" + i).start(range::work));
        }
        for (Thread each : running) {
            each.join();
        }
        range.counts.forEach((name, count) -> System.out.println(name + "\t" + count));
        range.wrong.forEach(System.out::println);
        System.exit(range.wrong.isEmpty() ? 0 : 1);
    }

    private void work() {
        for (long seed = next.getAndIncrement(); seed <= last; seed = next.getAndIncrement()) {
            try (Town town = new Town(seed, Plant.NONE)) {
                note(town.live());
            } catch (RuntimeException | Error e) {
                noteWrong(seed, e.toString());
            }
        }
    }

    private synchronized void note(Town.Report report) {
        report.faults().forEach((fault, count) -> counts.merge("fault\t" + fault, count, Long::sum));
        report.crashStates().forEach((state, count) -> counts.merge("crash-state\t" + state, count, Long::sum));
        report.rows().forEach((row, count) -> counts.merge("row\t" + row, count, Long::sum));
        report.commands().forEach((command, count) -> counts.merge("command\t" + command, count, Long::sum));
        report.wrong().forEach(each -> noteWrong(report.seed(), each));
    }

    private synchronized void noteWrong(long seed, String what) {
        wrong.add("wrong\t" + seed + "\t" + what.replaceAll("\\s+", " "));
    }
}
