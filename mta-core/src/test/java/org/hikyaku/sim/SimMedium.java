package org.hikyaku.sim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The file tree of a host, which outlives its processes. Every change of a name is pending until its directory is
 * forced; at a crash each pending change is kept or lost by seed. A rename is one change: the file is under its old or
 * its new name, and only forcing the directory of the new one settles it.
 */
final class SimMedium {
    private final SimDirectory root = new SimDirectory();
    private final List<Change> pending = new ArrayList<>();
    private final SimRoom room = new SimRoom();
    private final CRC32C crc = new CRC32C();
    private byte[] scratch = new byte[8192];
    private long capacity = 1L << 40;

    /** {@code node} null: deleted. */
    private record Change(
            SimDirectory directory, String name, @Nullable SimNode node, boolean renamed) {}

    void capacity(long octets) {
        capacity = octets;
    }

    long free() {
        return Math.max(0, capacity - room.octets());
    }

    boolean hasCapacityFor(long more) {
        return capacity >= 1L << 40 || more == 0 || free() >= more;
    }

    boolean hasCapacityFor(SimInode file, long position, int length) {
        return capacity >= 1L << 40 || hasCapacityFor(file.growth(position, length));
    }

    /** Puts {@code sources} together in {@link #gathered}; how many octets. */
    int gather(ByteBuffer[] sources) {
        int length = 0;
        for (ByteBuffer source : sources) {
            length += source.remaining();
        }
        if (length > scratch.length) {
            scratch = new byte[length];
        }
        int at = 0;
        for (ByteBuffer source : sources) {
            int some = source.remaining();
            source.get(scratch, at, some);
            at += some;
        }
        return length;
    }

    byte[] gathered() {
        return scratch;
    }

    /** Of what was gathered last. */
    long checksum(int length) {
        crc.reset();
        crc.update(scratch, 0, length);
        return crc.getValue();
    }

    @Nullable
    SimNode find(Path path) {
        String text = path.toString();
        if (text.contains("/.") || text.startsWith(".")) {
            text = path.normalize().toString();
        }
        SimNode node = root;
        int end;
        for (int from = 0; from < text.length() && node != null; from = end + 1) {
            int slash = text.indexOf('/', from);
            end = slash < 0 ? text.length() : slash;
            if (end > from) {
                node = node instanceof SimDirectory directory ? directory.seen.get(text.substring(from, end)) : null;
            }
        }
        return node;
    }

    SimInode file(Path path) throws IOException {
        SimNode node = find(path);
        if (node == null) {
            throw new NoSuchFileException(path.toString());
        }
        if (!(node instanceof SimInode file)) {
            throw new FileSystemException(path.toString(), null, "Is a directory");
        }
        return file;
    }

    SimDirectory directory(Path path) throws IOException {
        SimNode node = find(path);
        if (node == null) {
            throw new NoSuchFileException(path.toString());
        }
        if (!(node instanceof SimDirectory directory)) {
            throw new NotDirectoryException(path.toString());
        }
        return directory;
    }

    SimInode create(Path path) throws IOException {
        SimDirectory directory = directory(parent(path));
        if (directory.seen.containsKey(name(path))) {
            throw new FileAlreadyExistsException(path.toString());
        }
        SimInode file = new SimInode(room);
        change(directory, name(path), file, false);
        return file;
    }

    void rename(Path from, Path to) throws IOException {
        SimDirectory source = directory(parent(from));
        SimDirectory target = directory(parent(to));
        SimNode node = source.seen.get(name(from));
        if (node == null) {
            throw new NoSuchFileException(from.toString());
        }
        SimNode replaced = target.seen.get(name(to));
        if (replaced == node) {
            return;
        }
        if (replaced instanceof SimDirectory || (node instanceof SimDirectory && replaced != null)) {
            throw new FileSystemException(from.toString(), to.toString(), "a directory is in the way");
        }
        source.seen.remove(name(from));
        change(target, name(to), node, true);
    }

    void delete(Path path) throws IOException {
        SimDirectory directory = directory(parent(path));
        SimNode node = directory.seen.get(name(path));
        if (node == null) {
            throw new NoSuchFileException(path.toString());
        }
        if (node instanceof SimDirectory inner && !inner.seen.isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        change(directory, name(path), null, false);
        if (node instanceof SimInode file && file.open == 0) {
            file.dropUnforced();
        }
    }

    void makeDirectories(Path path) throws IOException {
        SimDirectory directory = root;
        for (Path part : path.normalize()) {
            SimNode next = directory.seen.get(part.toString());
            if (next == null) {
                next = new SimDirectory();
                change(directory, part.toString(), next, false);
            }
            if (!(next instanceof SimDirectory inner)) {
                throw new FileAlreadyExistsException(path.toString());
            }
            directory = inner;
        }
    }

    private void change(SimDirectory directory, String name, @Nullable SimNode node, boolean renamed) {
        SimNode before = node == null ? directory.seen.remove(name) : directory.seen.put(name, node);
        if (before instanceof SimInode file) {
            file.counts(false);
        }
        if (node instanceof SimInode file) {
            file.counts(true);
        }
        pending.add(new Change(directory, name, node, renamed));
    }

    void forceDirectory(SimDirectory directory) {
        List<Change> rest = new ArrayList<>();
        for (Change change : pending) {
            if (change.directory == directory) {
                hold(change);
            } else {
                rest.add(change);
            }
        }
        pending.clear();
        pending.addAll(rest);
        // what moved on and was forced at its new place is no more at the places in between
        pending.removeIf(change -> change.node != null && change.node.heldIn() == directory && isPast(change));
    }

    private static boolean isPast(Change change) {
        SimDirectory holder = change.node == null ? null : change.node.heldIn();
        String name = change.node == null ? null : change.node.heldName();
        return holder != null
                && name != null
                && holder.seen.get(name) == change.node
                && change.directory.seen.get(change.name) != change.node;
    }

    private static void hold(Change change) {
        SimNode before = change.directory.held.remove(change.name);
        if (before != null) {
            before.heldAs(null, null);
        }
        SimNode node = change.node;
        if (node != null) {
            SimDirectory old = node.heldIn();
            String oldName = node.heldName();
            if (old != null && oldName != null) {
                old.held.remove(oldName);
            }
            change.directory.held.put(change.name, node);
            node.heldAs(change.directory, change.name);
        }
    }

    /** All that is seen lasts: for the image of a host before a test. */
    void settle() {
        pending.forEach(SimMedium::hold);
        pending.clear();
        eachFile(root, file -> file.force(file.beginForce()));
    }

    /** The machine stops. */
    void crash(SimRandom random, SimTally tally) {
        int mode = random.below(4);
        int prefix = random.below(pending.size() + 1);
        for (int i = 0; i < pending.size(); i++) {
            boolean keep = switch (mode) {
                case 0 -> false;
                case 1 -> true;
                case 2 -> i < prefix;
                default -> random.chance(0.5);
            };
            Change change = pending.get(i);
            if (keep) {
                hold(change);
                tally.add(SimFault.NAME_KEPT);
            } else {
                tally.add(change.renamed ? SimFault.RENAME_UNDONE : SimFault.NAME_LOST);
            }
        }
        pending.clear();
        eachFile(root, file -> file.counts(false));
        showHeld(root);
        eachFile(root, file -> {
            file.counts(true);
            file.crash(random, tally);
        });
    }

    /** The process ends but the machine goes on: nothing is lost, handles and locks are gone. */
    void processEnded() {
        eachFile(root, file -> {
            file.open = 0;
            file.locked = false;
        });
    }

    private static void showHeld(SimDirectory directory) {
        directory.seen.clear();
        directory.seen.putAll(directory.held);
        for (SimNode node : directory.held.values()) {
            if (node instanceof SimDirectory inner) {
                showHeld(inner);
            }
        }
    }

    private static void eachFile(SimDirectory directory, Consumer<SimInode> action) {
        for (SimNode node : new TreeMap<>(directory.seen).values()) {
            if (node instanceof SimInode file) {
                action.accept(file);
            } else if (node instanceof SimDirectory inner) {
                eachFile(inner, action);
            }
        }
    }

    private static Path parent(Path path) {
        Path parent = path.normalize().getParent();
        return parent == null ? path.normalize() : parent;
    }

    private static String name(Path path) {
        Path name = path.normalize().getFileName();
        return name == null ? "" : name.toString();
    }
}
