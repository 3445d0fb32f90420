package org.hikyaku.powercut;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.hikyaku.powercut.Op.Span;
import org.junit.jupiter.api.Test;

class PowerModelTest {
    private final List<Op> ops = new ArrayList<>();
    private int line;

    private Span now() {
        return new Span(line, line++);
    }

    private void write(String path, int offset, String text) {
        ops.add(new Op.Write(now(), path, offset, text.getBytes(StandardCharsets.US_ASCII)));
    }

    /** All trees that 300 cuts at the end leave, by chance. */
    private Set<Map<String, String>> trees() {
        Set<Map<String, String>> all = new HashSet<>();
        Random chance = new Random(1);
        PowerModel model = new PowerModel(ops);
        model.advance(line);
        for (int i = 0; i < 300; i++) {
            Loss loss = Loss.any(chance, Math.max(1, line), model.lastUnforced());
            TreeMap<String, String> tree = new TreeMap<>();
            model.image(loss, chance)
                    .files()
                    .forEach((path, octets) -> tree.put(path, new String(octets, StandardCharsets.US_ASCII)));
            all.add(tree);
        }
        return all;
    }

    private static Map<String, String> tree(String... pathsAndTexts) {
        TreeMap<String, String> tree = new TreeMap<>();
        for (int i = 0; i < pathsAndTexts.length; i += 2) {
            tree.put(pathsAndTexts[i], pathsAndTexts[i + 1]);
        }
        return tree;
    }

    @Test
    void whatWasForcedWithItsNameIsInEachImage() {
        ops.add(new Op.Make(now(), "a", false));
        write("a", 0, "kept");
        ops.add(new Op.Force(now(), "a"));
        ops.add(new Op.Force(now(), ""));

        assertThat(trees()).containsExactly(tree("a", "kept"));
    }

    @Test
    void aForcedFileWithoutAForcedNameMayBeMissing() {
        ops.add(new Op.Make(now(), "a", false));
        write("a", 0, "kept");
        ops.add(new Op.Force(now(), "a"));

        assertThat(trees()).containsExactlyInAnyOrder(tree(), tree("a", "kept"));
    }

    @Test
    void aForceCoversOnlyWhatEndedBeforeItBegan() {
        ops.add(new Op.Make(now(), "a", false));
        ops.add(new Op.Force(now(), ""));
        ops.add(new Op.Write(new Span(2, 4), "a", 0, new byte[] {'x'}));
        ops.add(new Op.Force(new Span(3, 5), "a"));
        line = 6;

        assertThat(trees()).contains(tree("a", ""), tree("a", "x"));
    }

    @Test
    void aBatchMayBeTornAtItsSectors() {
        ops.add(new Op.Make(now(), "a", false));
        write("a", 0, "-".repeat(1024));
        ops.add(new Op.Force(now(), "a"));
        ops.add(new Op.Force(now(), ""));
        write("a", 0, "+".repeat(1024));

        assertThat(trees())
                .contains(
                        tree("a", "+".repeat(512) + "-".repeat(512)),
                        tree("a", "-".repeat(512) + "+".repeat(512)),
                        tree("a", "-".repeat(1024)),
                        tree("a", "+".repeat(1024)));
    }

    @Test
    void aRenameIsThereOnceTheNewDirectoryIsForcedWhateverTheOldOneSays() {
        ops.add(new Op.Make(now(), "tmp", true));
        ops.add(new Op.Make(now(), "new", true));
        ops.add(new Op.Make(now(), "tmp/a", false));
        write("tmp/a", 0, "x");
        ops.add(new Op.Force(now(), "tmp/a"));
        ops.add(new Op.Force(now(), "tmp"));
        ops.add(new Op.Force(now(), "new"));
        ops.add(new Op.Force(now(), ""));
        ops.add(new Op.Rename(now(), "tmp/a", "new/a"));
        assertThat(trees()).contains(tree("tmp/a", "x"), tree("new/a", "x"), tree());

        ops.add(new Op.Force(now(), "new"));
        assertThat(trees()).containsExactlyInAnyOrder(tree("new/a", "x"), tree("new/a", "x", "tmp/a", "x"));
    }

    @Test
    void aDirectoryWhoseNameWasNotForcedMayBeMissingWithAllInIt() {
        ops.add(new Op.Make(now(), "d", true));
        ops.add(new Op.Make(now(), "d/a", false));
        ops.add(new Op.Force(now(), "d/a"));
        ops.add(new Op.Force(now(), "d"));

        assertThat(trees()).containsExactlyInAnyOrder(tree(), tree("d/a", ""));
    }

    @Test
    void aDeletedNameMayComeBackUntilItsDirectoryIsForced() {
        ops.add(new Op.Make(now(), "a", false));
        ops.add(new Op.Force(now(), ""));
        ops.add(new Op.Remove(now(), "a"));
        assertThat(trees()).containsExactlyInAnyOrder(tree(), tree("a", ""));

        ops.add(new Op.Force(now(), ""));
        assertThat(trees()).containsExactly(tree());
    }
}
