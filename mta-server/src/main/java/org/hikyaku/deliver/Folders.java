package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.hikyaku.world.Disk;
import org.hikyaku.world.World;

/**
 * Directories of mailboxes: made when missing, their names forced, those above them too.
 *
 * <p><i>Failure:</i> {@link IOException}; what was made stays.
 */
final class Folders {
    /** Directories known to be durable. */
    private static final int KNOWN_MAX = 10_000;

    private final World world;
    private final Set<Path> known = new LinkedHashSet<>();

    Folders(World world) {
        this.world = world;
    }

    /**
     * Makes {@code directory}, below {@code root}, with {@code inner} ones; until we have forced their names once ourselves,
     * others may have only made them.
     */
    void prepare(Path root, Path directory, List<String> inner) throws IOException {
        if (isKnown(directory)) {
            return;
        }
        Disk disk = world.disk();
        disk.makeDirectories(directory);
        for (String folder : inner) {
            disk.makeDirectories(directory.resolve(folder));
        }
        for (Path made = directory; made != null && !made.equals(root); made = made.getParent()) {
            disk.forceDirectory(made);
        }
        disk.forceDirectory(root);
        if (!isKnown(root)) {
            forceAbove(root);
            remember(root);
        }
        remember(directory);
    }

    /** Somebody may have removed it. */
    void doubt(Path directory) {
        synchronized (known) {
            known.remove(directory);
        }
    }

    /** The root itself may be new, and directories above it. */
    private void forceAbove(Path root) throws IOException {
        for (Path above = root.getParent(); above != null; above = above.getParent()) {
            try {
                world.disk().forceDirectory(above);
            } catch (AccessDeniedException e) {
                return; // not ours to open: then it was not we who made names in it
            }
        }
    }

    private boolean isKnown(Path directory) {
        synchronized (known) {
            return known.contains(directory);
        }
    }

    private void remember(Path directory) {
        synchronized (known) {
            if (known.size() >= KNOWN_MAX) {
                known.clear();
            }
            known.add(directory);
        }
    }

    /** A domain or local part as a name on the disk: what could lead elsewhere is written as %XX. */
    static String fileName(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '/' || c == '%' || c == '\\' || c < 0x20 || c == 0x7f || (c == '.' && i == 0)) {
                out.append(String.format(Locale.ROOT, "%%%02X", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
