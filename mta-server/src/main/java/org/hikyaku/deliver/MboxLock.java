package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.hikyaku.world.Disk;
import org.hikyaku.world.World;

/**
 * The locks of an mbox against all other programs: the file {@code mbox.lock}, and fcntl on the mbox itself; neither is
 * waited for while the other is held. For the one task whose turn it is.
 *
 * <p>A lock file that is older than {@link #STALE} was left by a dead program and is taken away; one of ours at once, for
 * whoever has the turn knows that no task of ours is at work. (It is not forced: after a power cut it may be known by its age
 * only.)
 *
 * <p><i>Failure:</i> {@link IOException}, with nothing locked; empty when others kept it for {@link #LIMIT}.
 */
final class MboxLock {
    static final Duration LIMIT = Duration.ofSeconds(20);
    static final Duration STALE = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofMillis(250);
    private static final int OWN_MAX = 4096;

    private final World world;
    private final byte[] own;

    /** @param own what tells lock files of this server from those of all others */
    MboxLock(World world, String own) {
        this.world = world;
        // programs that look for a process number in it find none, and go by its age
        this.own = ("hikyaku " + own + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** What is done under the locks. */
    interface Work {
        Mailboxes.Stored with(Disk.File mbox) throws IOException;
    }

    Optional<Mailboxes.Stored> run(Path mbox, Work work) throws IOException {
        long end = world.clock().nanos() + LIMIT.toNanos();
        Path lock = mbox.resolveSibling(mbox.getFileName() + ".lock");
        while (true) {
            if (take(lock)) {
                try {
                    Optional<Disk.File> file = open(mbox);
                    if (file.isPresent()) {
                        try (Disk.File open = file.get()) {
                            return Optional.of(work.with(open));
                        }
                    }
                } finally {
                    give(lock);
                }
            }
            if (world.clock().nanos() >= end) {
                return Optional.empty();
            }
            world.tasks().sleep(PAUSE);
        }
    }

    private boolean take(Path lock) throws IOException {
        for (int tries = 0; tries < 2; tries++) {
            try (Disk.File file = world.disk().create(lock)) {
                write(lock, file);
                return true;
            } catch (FileAlreadyExistsException taken) {
                if (!isStale(lock)) {
                    return false;
                }
                give(lock);
            }
        }
        return false;
    }

    private void write(Path lock, Disk.File file) throws IOException {
        try {
            file.write(0, ByteBuffer.wrap(own));
        } catch (IOException e) {
            give(lock);
            throw e;
        }
    }

    private boolean isStale(Path lock) throws IOException {
        try {
            Disk.Facts facts = world.disk().facts(lock);
            boolean old = facts.modified().plus(STALE).isBefore(world.clock().now());
            return old
                    || (facts.kind() == Disk.Kind.FILE
                            && facts.size() == own.length
                            && Arrays.equals(world.disk().readAll(lock, OWN_MAX), own));
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    private void give(Path lock) {
        try {
            world.disk().delete(lock);
        } catch (IOException e) {
            return; // it is known as ours by the next delivery, and by its age to all others
        }
    }

    /** The mbox, made if it is missing. */
    private Optional<Disk.File> open(Path mbox) throws IOException {
        try {
            if (world.disk().facts(mbox).links() != 1) {
                throw new IOException(mbox + " has more than one name");
            }
        } catch (NoSuchFileException missing) {
            world.disk().create(mbox).close();
            world.disk().forceDirectory(Objects.requireNonNull(mbox.getParent()));
        }
        return world.disk().openLocked(mbox);
    }
}
