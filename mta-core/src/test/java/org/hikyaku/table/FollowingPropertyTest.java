package org.hikyaku.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.hikyaku.config.AddressSettings;
import org.hikyaku.config.LocalSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.table.LocalDirectory.Resolution;
import org.junit.jupiter.api.Test;

/** What holds of any tables, however senseless: here they are drawn by lot, loops and all. */
class FollowingPropertyTest {
    private static final List<Domain> LOCAL = List.of(Domain.of("a.example"), Domain.of("b.example"));
    private static final String[] NAMES = {"n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"};
    private static final Set<String> USERS = Set.of("n0", "n1@a.example", "n5@b.example", "n6");
    private static final int MOST = 6;

    private final Random lot = new Random(20261122);

    private String name() {
        return NAMES[lot.nextInt(NAMES.length)];
    }

    private String local() {
        return name() + "@" + LOCAL.get(lot.nextInt(LOCAL.size()));
    }

    private String target() {
        return switch (lot.nextInt(5)) {
            case 0 -> name();
            case 1 -> "out" + lot.nextInt(3) + "@fwd.example";
            default -> local();
        };
    }

    private String targets() {
        List<String> targets = new ArrayList<>();
        for (int i = lot.nextInt(3); i >= 0; i--) {
            targets.add(target());
        }
        return String.join(", ", targets);
    }

    /** Lines with keys that occur once. */
    private List<String> lines(boolean bare) {
        Set<String> keys = new TreeSet<>();
        for (int i = 0; i < 8; i++) {
            keys.add(lot.nextBoolean() && bare ? name() : local());
        }
        return new ArrayList<>(keys.stream().map(key -> key + ": " + targets()).toList());
    }

    private static LocalDirectory directory(List<String> aliases, List<String> virtual, String patterns) {
        AliasDisk disk = new AliasDisk()
                .with("/aliases", String.join("\n", aliases) + "\n")
                .with("/virtual", String.join("\n", virtual) + "\n" + patterns);
        LocalSettings local = new LocalSettings(
                LOCAL,
                Optional.of(Address.of("n0@a.example")),
                Optional.of(Path.of("/aliases")),
                "+-",
                Map.of(),
                LocalSettings.LocalDelivery.MAILDIR,
                Optional.empty(),
                Optional.empty(),
                MOST);
        return LocalDirectory.load(
                        Domain.of("mx.example"),
                        local,
                        AddressSettings.ofVirtual(List.of(Path.of("/virtual"))),
                        USERS::contains,
                        disk)
                .directory(); // with the loops that a server would refuse
    }

    /** The ends by what identifies a mailbox. */
    private static Set<String> ends(LocalDirectory directory, Address asked) {
        Set<String> ends = new TreeSet<>();
        switch (directory.resolve(asked)) {
            case Resolution.Expanded e -> e.to().forEach(to -> ends.add(directory.keyOf(to)));
            case Resolution.Mailbox m -> ends.add(m.home().localKey());
            case Resolution.Unknown u -> ends.add("unknown");
            case Resolution.NotLocal n -> ends.add("elsewhere");
        }
        return ends;
    }

    @Test
    void theOrderOfLinesChangesNothing() {
        for (int i = 0; i < 200; i++) {
            List<String> aliases = lines(true);
            List<String> virtual = lines(false);
            LocalDirectory before = directory(aliases, virtual, "");
            Collections.shuffle(aliases, lot);
            Collections.shuffle(virtual, lot);
            LocalDirectory after = directory(reversed(aliases), reversed(virtual), "");
            for (String name : NAMES) {
                Address asked = Address.of(name + "@a.example");
                assertThat(ends(after, asked))
                        .as("%s in %s and %s", asked, aliases, virtual)
                        .isEqualTo(ends(before, asked));
            }
        }
    }

    /** The targets of each line the other way round. */
    private static List<String> reversed(List<String> lines) {
        return lines.stream()
                .map(line -> {
                    int colon = line.indexOf(": ");
                    List<String> targets =
                            new ArrayList<>(List.of(line.substring(colon + 2).split(", ")));
                    Collections.reverse(targets);
                    return line.substring(0, colon) + ": " + String.join(", ", targets);
                })
                .toList();
    }

    /** No open relay, RFC 5321 3.6.1: elsewhere only what a line names leads, with what a stranger wrote as a name at the most. */
    @Test
    void whateverIsAskedEndsAreFewValidAndNamedByALine() {
        String letters = "n0123x+-=%!@.\"\\ é𐀀/$*";
        String patterns =
                "/(.*)=(.*)@a\\.example/: $1@$2\n/x(.*)@(.*)/: $1@fwd.example, $1@$2\n/(.*)\\+(.*)@.*/: $2@b.example\n";
        for (int i = 0; i < 400; i++) {
            LocalDirectory directory = directory(lines(true), lines(false), patterns + "@b.example: @fwd.example\n");
            StringBuilder local = new StringBuilder();
            for (int j = lot.nextInt(12); j >= 0; j--) {
                int at = lot.nextInt(letters.codePointCount(0, letters.length()));
                local.appendCodePoint(letters.codePointAt(letters.offsetByCodePoints(0, at)));
            }
            if (lot.nextInt(3) == 0) {
                local.append("=victim.example");
            }
            Address asked = Address.of(local.toString(), LOCAL.get(lot.nextInt(LOCAL.size())));
            if (directory.resolve(asked) instanceof Resolution.Expanded(List<Address> to, var owner)) {
                assertThat(to).hasSizeBetween(1, MOST);
                assertThat(to).allSatisfy(end -> {
                    assertThat(Address.parse(end.toString())).contains(end);
                    assertThat(end.requireDomain().ascii()).isIn("a.example", "b.example", "fwd.example");
                    if (!directory.isLocal(end.requireDomain())) {
                        assertThat(end.local()).doesNotContain("@", "%", "!");
                    }
                });
            }
        }
    }

    @Test
    void aLongRowOfAliasesEnds() {
        List<String> aliases = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            aliases.add("row" + i + ": row" + (i + 1) + ", row" + (i * 7 % 500));
        }
        aliases.add("row500: n0");
        assertThat(ends(directory(aliases, List.of(), ""), Address.of("row0@a.example")))
                .containsExactly("unknown");
    }
}
