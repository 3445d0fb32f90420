package org.hikyaku.it.dialog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/rfc.tsv}, the dialogs and the tests equal. */
class RfcListTest {
    private static final Path ROOT = DialogsTest.directory().resolve("../..").normalize();

    private record Row(String rfc, String section, String keyword, String claim, String state, String proof) {
        /** Names of dialogs and tests, cut at the first word of an explanation. */
        List<String> names() {
            return Stream.of(proof.split(";", -1))
                    .map(part -> part.strip().split("[ :]", 2)[0])
                    .toList();
        }
    }

    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(ROOT.resolve("docs/rfc.tsv"))) {
            String[] cells = line.split("\t", -1);
            assertThat(cells).as(line).hasSize(6);
            if (!cells[0].equals("rfc")) {
                rows.add(new Row(cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]));
            }
        }
        return rows;
    }

    private static Set<String> dialogs() throws IOException {
        return PlayDialogs.load(DialogsTest.directory()).stream()
                .filter(dialog -> dialog.claim().isEmpty())
                .map(dialog -> dialog.name().replaceAll("\\.smtp$", ""))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    @Test
    void everyRowIsWellFormedAndHasAProofOrAReason() throws IOException {
        assertThat(rows()).hasSizeGreaterThan(100).allSatisfy(row -> {
            assertThat(row.rfc()).matches("[0-9]{3,4}|PROXY|XCLIENT|XFORWARD");
            assertThat(row.section()).matches("[0-9]+(\\.[0-9]+)*|[A-Z][a-z]+");
            assertThat(row.keyword()).matches("MUST|MUST NOT|SHOULD|SHOULD NOT|MAY");
            assertThat(row.state()).matches("yes|partial|no");
            assertThat(row.proof()).isNotBlank();
        });
    }

    /** What looks like the name of a dialog is one, and each dialog proves something. */
    @Test
    void dialogsAndListNameEachOther() throws IOException {
        Set<String> known = dialogs();
        Set<String> named = rows().stream()
                .flatMap(row -> row.names().stream())
                .filter(name -> name.contains("-"))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        assertThat(known).containsAll(named);
        assertThat(named).containsAll(known);
    }

    /** Every section of RFC 5321 that asks something is asked of any server by the suite, or it is said why it cannot be. */
    @Test
    void theSuiteAsksAllOfRfc5321ThatAClientCanSee() throws IOException {
        Set<String> asked = PlayDialogs.load(DialogsTest.directory()).stream()
                .flatMap(dialog -> dialog.claim().stream())
                .filter(claim -> claim.rfc().equals("5321"))
                .map(Dialog.Claim::section)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        List<String> reasons = Files.readAllLines(DialogsTest.directory().resolve("suite/not-asked.tsv"));
        assertThat(reasons).allSatisfy(line -> assertThat(line).matches("[0-9.]+\t[^\t]{10,}"));
        Set<String> excused = reasons.stream()
                .map(line -> line.split("\t", -1)[0])
                .collect(Collectors.toCollection(LinkedHashSet::new));
        assertThat(excused).doesNotContainAnyElementsOf(asked);
        asked.addAll(excused);
        assertThat(rows().stream().filter(row -> row.rfc().equals("5321")).map(Row::section))
                .allSatisfy(section -> assertThat(asked).contains(section));
    }

    @Test
    void testsThatAreNamedExist() throws IOException {
        Set<String> classes = new LinkedHashSet<>();
        try (Stream<Path> files = Files.walk(ROOT, 16)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Test.java") || name.endsWith("IT.java"))
                    .forEach(name -> classes.add(name.substring(0, name.length() - ".java".length())));
        }
        List<String> named = rows().stream()
                .flatMap(row -> row.names().stream())
                .filter(name -> name.endsWith("Test") || name.endsWith("IT"))
                .distinct()
                .toList();
        assertThat(named).isNotEmpty();
        assertThat(classes).containsAll(named);
    }

    /** {@code docs/conformance.md} counts the list and names all that is not kept whole. */
    @Test
    void thePageTellsTheSameAsTheList() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/conformance.md"));
        assertThat(rows().stream().map(Row::rfc).distinct())
                .allSatisfy(rfc -> assertThat(page)
                        .contains("| " + rfc + " | " + count(rfc, "yes") + " | " + count(rfc, "partial") + " | "
                                + count(rfc, "no") + " |"));
        assertThat(rows().stream().filter(row -> !row.state().equals("yes")))
                .allSatisfy(row -> assertThat(page)
                        .contains("- " + row.rfc() + " " + row.section() + ", " + row.state() + ": " + row.claim()));
    }

    private static long count(String rfc, String state) throws IOException {
        return rows().stream()
                .filter(row -> row.rfc().equals(rfc) && row.state().equals(state))
                .count();
    }
}
