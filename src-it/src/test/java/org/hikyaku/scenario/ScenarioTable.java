package org.hikyaku.scenario;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A result as tables of Markdown. */
final class ScenarioTable {
    private ScenarioTable() {}

    static void print(Result result, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "delivered: 50%% after %s, 90%% after %s, 99%% after %s, 100%% after %s%n%n",
                time(result.until(0.5)),
                time(result.until(0.9)),
                time(result.until(0.99)),
                time(result.until(1)));
        out.println(
                "| kind | sites | taken | 50% | 99% | 100% | Jain | connections | of these in vain | open at most | refused | twice |");
        out.println("|---|---|---|---|---|---|---|---|---|---|---|---|");
        for (Kind kind : Kind.values()) {
            if (result.sites().stream().anyMatch(site -> site.kind() == kind)) {
                row(result, kind, out);
            }
        }
    }

    static void printFailed(Map<String, Long> failed, PrintStream out) {
        out.println();
        out.println("| failed attempts | |");
        out.println("|---|---|");
        failed.forEach((row, count) -> out.println("| " + row + " | " + count + " |"));
    }

    private static void row(Result result, Kind kind, PrintStream out) {
        List<Receiver> sites = new ArrayList<>();
        List<Double> means = new ArrayList<>();
        long[] times = new long[0];
        for (int i = 0; i < result.sites().size(); i++) {
            if (result.sites().get(i).kind() == kind) {
                sites.add(result.sites().get(i));
                long[] own = result.of(i);
                means.add(Arrays.stream(own).average().orElse(0));
                times = join(times, own);
            }
        }
        Arrays.sort(times);
        out.printf(
                Locale.ROOT,
                "| %s | %d | %d | %s | %s | %s | %.3f | %d | %d | %d | %d | %d |%n",
                kind.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                sites.size(),
                sites.stream().mapToInt(Receiver::taken).sum(),
                at(times, 0.5),
                at(times, 0.99),
                at(times, 1),
                jain(means),
                sites.stream().mapToInt(Receiver::connections).sum(),
                sites.stream().mapToInt(Receiver::fruitless).sum(),
                sites.stream().mapToInt(Receiver::openMax).max().orElse(0),
                sites.stream().mapToInt(Receiver::refused).sum(),
                sites.stream().mapToInt(Receiver::twice).sum());
    }

    /** 1 when all are served alike, 1/n when one has all. */
    static double jain(List<Double> values) {
        double sum = values.stream().mapToDouble(Double::doubleValue).sum();
        double squares = values.stream().mapToDouble(x -> x * x).sum();
        return squares == 0 ? 1 : sum * sum / (values.size() * squares);
    }

    private static long[] join(long[] a, long[] b) {
        long[] out = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, out, a.length, b.length);
        return out;
    }

    private static String at(long[] sorted, double part) {
        return sorted.length == 0 ? "-" : time(sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)]);
    }

    private static String time(long millis) {
        if (millis < 0) {
            return "never";
        }
        if (millis < 60_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
        }
        return String.format(Locale.ROOT, "%d min %02d s", millis / 60_000, millis / 1000 % 60);
    }
}
