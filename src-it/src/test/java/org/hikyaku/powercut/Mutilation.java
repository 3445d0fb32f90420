package org.hikyaku.powercut;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.hikyaku.powercut.Op.Force;
import org.hikyaku.powercut.Op.Make;
import org.hikyaku.powercut.Op.Promise;
import org.hikyaku.powercut.Op.Rename;

/**
 * A record with forces taken out, and a line where a power cut then loses something: shows that the judge can see.
 *
 * @param what was left out
 */
record Mutilation(String what, Set<Op> without, int cut) {
    static final String JOURNAL = "data/spool/journal";
    static final String BODIES = "data/spool/bodies";
    static final String BOX = "mail/" + Letter.LOCAL + "/box" + (Letter.BOXES - 1);

    private static final int EACH_MAX = 12;

    /** Of each kind some, where a letter is promised while the force that was left out is not made good by a later one. */
    static List<Mutilation> all(Recording recording) {
        List<Mutilation> all = new ArrayList<>();
        List<Force> forces = some(recording, Force.class, force -> true);
        all.addAll(before(
                recording,
                "one force of a segment",
                forces,
                (force, op) -> force.path().startsWith(JOURNAL + "/")));
        all.addAll(before(
                recording,
                "one force of a body",
                forces,
                (force, promise) -> force.path().equals(BODIES + "/" + promise.id())));
        all.addAll(named(recording, "one force of the bodies' directory", BODIES, forces));
        all.addAll(mailbox(recording, forces));
        return all;
    }

    private static <T extends Op> List<T> some(Recording recording, Class<T> type, Predicate<T> wanted) {
        return recording.ops().stream()
                .filter(type::isInstance)
                .map(type::cast)
                .filter(wanted)
                .toList();
    }

    /** The line where a later force of the same makes good what {@code force} did. */
    private static int madeGood(Force force, List<Force> forces, Recording recording) {
        return forces.stream()
                .filter(later -> later.path().equals(force.path())
                        && later.span().begin() > force.span().begin())
                .mapToInt(later -> later.span().end())
                .min()
                .orElse(recording.lines());
    }

    private static List<Mutilation> before(
            Recording recording, String what, List<Force> forces, BiPredicate<Force, Promise> fits) {
        List<Mutilation> found = new ArrayList<>();
        for (Promise promise : some(recording, Promise.class, promise -> true)) {
            int at = promise.span().begin();
            for (Force force : forces) {
                if (found.size() < EACH_MAX
                        && force.span().isBefore(at)
                        && fits.test(force, promise)
                        && madeGood(force, forces, recording) > at) {
                    found.add(new Mutilation(what, Set.of(force), at + 1));
                }
            }
        }
        return found;
    }

    /** The first force of a directory after a file was made in it, and the last promise before the next one. */
    private static List<Mutilation> named(Recording recording, String what, String directory, List<Force> forces) {
        List<Mutilation> found = new ArrayList<>();
        for (Make make : some(recording, Make.class, make -> make.path().startsWith(directory + "/"))) {
            forces.stream()
                    .filter(force -> force.path().equals(directory)
                            && force.span().begin() > make.span().end())
                    .findFirst()
                    .ifPresent(force -> {
                        int good = madeGood(force, forces, recording);
                        some(
                                        recording,
                                        Promise.class,
                                        promise -> promise.span().begin()
                                                        > force.span().end()
                                                && promise.span().begin() < good)
                                .stream()
                                .reduce((first, second) -> second)
                                .ifPresent(promise -> found.add(new Mutilation(
                                        what, Set.of(force), promise.span().begin() + 1)));
                    });
        }
        return found;
    }

    private static List<Mutilation> mailbox(Recording recording, List<Force> forces) {
        List<Mutilation> found = new ArrayList<>();
        for (Rename rename : some(recording, Rename.class, rename -> rename.to().startsWith(BOX + "/new/"))) {
            for (Force force : forces) {
                if (force.path().equals(rename.from())) {
                    found.add(new Mutilation("one force of a mailbox's file", Set.of(force), recording.lines()));
                }
                if (force.path().equals(BOX + "/new")
                        && force.span().begin() > rename.span().end()) {
                    found.add(new Mutilation(
                            "one force of a mailbox's `new`", Set.of(force), madeGood(force, forces, recording)));
                }
            }
        }
        for (String directory : List.of(JOURNAL, BOX, "mail/" + Letter.LOCAL, "mail", "")) {
            Set<Op> out = Set.copyOf(forces.stream()
                    .filter(force -> force.path().equals(directory))
                    .toList());
            found.add(new Mutilation("all forces of '" + directory + "'", out, recording.lines()));
        }
        return found;
    }
}
