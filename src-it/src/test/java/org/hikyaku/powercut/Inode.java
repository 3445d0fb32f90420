package org.hikyaku.powercut;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.powercut.Op.Span;
import org.jspecify.annotations.Nullable;

/** A file or directory, whatever its name: what of it was forced, and what was done to it since. */
final class Inode {
    final boolean directory;
    /** Of a directory: the names that last. */
    final Map<String, Inode> forcedNames = new LinkedHashMap<>();
    /** Of a directory: what was done to names since. */
    final List<Naming> namings = new ArrayList<>();
    /** Of a file: what was written since. */
    final List<Change> changes = new ArrayList<>();

    private byte[] forced = new byte[0];
    private int forcedSize;
    /** An image holds the array. */
    private boolean shared;

    /**
     * Octets written, or only a size set.
     *
     * @param octets null when only the size was set
     * @param end the size is this, at least when octets were written
     */
    record Change(Span span, int offset, byte @Nullable [] octets, int end) {}

    /**
     * A name given, or taken away.
     *
     * @param inode null when taken away
     * @param act the same for both halves of a rename
     */
    record Naming(Span span, String name, @Nullable Inode inode, int act) {}

    Inode(boolean directory) {
        this.directory = directory;
    }

    /** fsync that began at this line: all that ended before lasts. Tells of namings that do now. */
    List<Naming> force(int begin) {
        List<Change> covered =
                changes.stream().filter(change -> change.span().isBefore(begin)).toList();
        if (!covered.isEmpty()) {
            int end = covered.stream().mapToInt(Change::end).max().orElse(0);
            if (shared || end > forced.length) {
                forced = Arrays.copyOf(forced, Math.max(end, forced.length));
                shared = false;
            }
            covered.forEach(this::apply);
            changes.removeAll(covered);
        }
        List<Naming> settled =
                namings.stream().filter(naming -> naming.span().isBefore(begin)).toList();
        settled.forEach(naming -> apply(forcedNames, naming));
        namings.removeAll(settled);
        return settled;
    }

    private void apply(Change change) {
        byte[] octets = change.octets();
        if (octets == null) {
            Arrays.fill(forced, Math.min(change.end(), forcedSize), forced.length, (byte) 0);
            forcedSize = change.end();
        } else {
            System.arraycopy(octets, 0, forced, change.offset(), octets.length);
            forcedSize = Math.max(forcedSize, change.end());
        }
    }

    static void apply(Map<String, Inode> names, Naming naming) {
        Inode inode = naming.inode();
        if (inode == null) {
            names.remove(naming.name());
        } else {
            names.put(naming.name(), inode);
        }
    }

    int forcedSize() {
        return forcedSize;
    }

    /** What lasts, not to be changed; the same array until something more does. */
    byte[] settled() {
        if (forced.length != forcedSize) {
            forced = Arrays.copyOf(forced, forcedSize);
        }
        shared = true;
        return forced;
    }

    /** A copy of what lasts, cut or filled with zeros to this size. */
    byte[] forced(int size) {
        byte[] copy = Arrays.copyOf(forced, size);
        if (size > forcedSize) {
            Arrays.fill(copy, Math.min(forcedSize, size), size, (byte) 0);
        }
        return copy;
    }
}
