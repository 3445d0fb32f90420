package org.hikyaku.it.dialog;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The result of the conformance suite as a table: how much of each RFC holds. */
final class ConformanceTable {
    private ConformanceTable() {}

    static String text(List<Conformance.Line> lines) {
        StringBuilder text = new StringBuilder(String.format(
                "%n%-6s | %-22s | %-22s | %-22s%n",
                "RFC", "MUST ok/fail/n-a", "SHOULD ok/fail/n-a", "MAY does/not/n-a"));
        Map<String, List<Conformance.Line>> byRfc = new TreeMap<>(
                Comparator.comparingInt(ConformanceTable::number).thenComparing(Comparator.naturalOrder()));
        for (Conformance.Line line : lines) {
            byRfc.merge(line.claim().rfc(), List.of(line), ConformanceTable::joined);
        }
        byRfc.forEach((rfc, own) -> text.append(row(rfc, own)));
        return text.append(row("all", lines)).toString();
    }

    /** What has a name in place of a number comes last. */
    private static int number(String rfc) {
        return Character.isDigit(rfc.charAt(0)) ? Integer.parseInt(rfc) : Integer.MAX_VALUE;
    }

    private static List<Conformance.Line> joined(List<Conformance.Line> one, List<Conformance.Line> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }

    private static String row(String name, List<Conformance.Line> lines) {
        return String.format(
                "%-6s | %-22s | %-22s | %-22s%n",
                name,
                counts(lines, Dialog.Level.MUST),
                counts(lines, Dialog.Level.SHOULD),
                counts(lines, Dialog.Level.MAY));
    }

    private static String counts(List<Conformance.Line> lines, Dialog.Level level) {
        return count(lines, level, Conformance.Result.PASS)
                + " / " + count(lines, level, Conformance.Result.FAIL)
                + " / " + count(lines, level, Conformance.Result.NOT_APPLICABLE);
    }

    private static long count(List<Conformance.Line> lines, Dialog.Level level, Conformance.Result result) {
        return lines.stream()
                .filter(line -> line.claim().level() == level && line.result() == result)
                .count();
    }
}
