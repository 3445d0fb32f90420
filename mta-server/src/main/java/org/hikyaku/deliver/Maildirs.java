package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.world.Disk;
import org.hikyaku.world.World;

/**
 * The files of Maildirs. A message is written in {@code tmp}, forced, renamed into {@code new}, and both directories are
 * forced; a mailbox that is not there is made, its names forced, the root's own too.
 *
 * <p><i>Failure:</i> {@link Stored.No}, with nothing left in {@code new}, as far as the disk lets us.
 */
final class Maildirs {
    private static final String[] FOLDERS = {"tmp", "new", "cur"};
    /** Directories known to be durable. */
    private static final int KNOWN_MAX = 10_000;

    private final World world;
    private final Set<Path> known = new LinkedHashSet<>();

    /** What became of a message. */
    sealed interface Stored {
        record Yes(String name) implements Stored {}

        record No(String text) implements Stored {}

        /** The message could not be read from the spool. */
        record Unreadable() implements Stored {}
    }

    /** Wraps a failure of the spool, to be told from one of the mailbox. */
    private static final class SpoolException extends IOException {
        private static final long serialVersionUID = 1;

        SpoolException(IOException cause) {
            super(cause);
        }
    }

    Maildirs(World world) {
        this.world = world;
    }

    Stored store(Path root, Address home, Domain hostname, Outgoing message) {
        Path mailbox = root.resolve(fileName(home.requireDomain().ascii())).resolve(fileName(home.local()));
        String name = uniqueName(hostname);
        try {
            prepare(root, mailbox);
            long size = write(mailbox.resolve("tmp").resolve(name), message);
            return publish(mailbox, name, name + ",S=" + size);
        } catch (SpoolException e) {
            forget(mailbox.resolve("tmp").resolve(name));
            return new Stored.Unreadable();
        } catch (IOException e) {
            forget(mailbox.resolve("tmp").resolve(name));
            synchronized (known) {
                known.remove(mailbox); // somebody may have removed it
            }
            return new Stored.No(String.valueOf(e.getMessage()));
        }
    }

    private Stored publish(Path mailbox, String name, String finalName) throws IOException {
        Disk disk = world.disk();
        Path target = mailbox.resolve("new").resolve(finalName);
        disk.rename(mailbox.resolve("tmp").resolve(name), target);
        try {
            disk.forceDirectory(mailbox.resolve("new"));
            disk.forceDirectory(mailbox.resolve("tmp"));
        } catch (IOException e) {
            forget(target);
            throw e;
        }
        return new Stored.Yes(finalName);
    }

    private long write(Path file, Outgoing message) throws IOException {
        try (Disk.File open = world.disk().create(file)) {
            long position = 0;
            while (!message.isFinished()) {
                byte[] part;
                try {
                    part = message.next();
                } catch (IOException e) {
                    throw new SpoolException(e);
                }
                open.write(position, ByteBuffer.wrap(part));
                position += part.length;
            }
            open.force();
            return position;
        }
    }

    /** Makes the mailbox if it is missing; until we have forced its names once ourselves, others may have only made them. */
    private void prepare(Path root, Path mailbox) throws IOException {
        if (isKnown(mailbox)) {
            return;
        }
        Disk disk = world.disk();
        for (String folder : FOLDERS) {
            disk.makeDirectories(mailbox.resolve(folder));
        }
        for (Path made = mailbox; made != null && !made.equals(root); made = made.getParent()) {
            disk.forceDirectory(made);
        }
        disk.forceDirectory(root);
        if (!isKnown(root)) {
            forceAbove(root);
            remember(root);
        }
        remember(mailbox);
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

    private void forget(Path file) {
        Disk disk = world.disk();
        try {
            if (disk.exists(file)) {
                disk.delete(file);
            }
        } catch (IOException e) {
            // it stays in tmp, where readers of Maildirs delete what is old; the message itself is still in the spool
            return;
        }
    }

    /** Never the same twice: time, chance, host. */
    private String uniqueName(Domain hostname) {
        Instant now = world.clock().now();
        String chance = String.format(Locale.ROOT, "%016x", world.entropy().nextLong());
        return now.getEpochSecond() + ".M" + now.getNano() / 1000 + "R" + chance + "." + hostname.ascii();
    }

    /** A domain or local part as the name of a directory: what could lead elsewhere is written as %XX. */
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
