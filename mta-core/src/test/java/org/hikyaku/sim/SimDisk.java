package org.hikyaku.sim;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hikyaku.world.Disk;

/**
 * The disk of one process on a {@link SimMedium}: faults by seed, time for what takes time. The tests' side
 * ({@link #settle}, {@link #capacity}) makes no world call.
 */
public final class SimDisk implements Disk {
    private final SimProcess process;
    private final SimMedium medium;
    private final SimLuck luck;
    private final SimRandom random;
    private int openFiles;
    private int overwritesToCrash;

    SimDisk(SimProcess process, SimMedium medium, SimLuck luck, SimRandom random) {
        this.process = process;
        this.medium = medium;
        this.luck = luck;
        this.random = random;
    }

    /** All bytes and names that are seen last from now on. */
    public void settle() {
        medium.settle();
    }

    /** The size of the disk from now on, in octets; below what is used it is full. */
    public void capacity(long octets) {
        medium.capacity(octets);
    }

    /** Has the {@code nth} force of a file whose forced beginning was written over be cut short by a crash of the host. */
    void crashInOverwrite(int nth) {
        overwritesToCrash = nth;
    }

    /** From now on what is at {@code position} of {@code file} cannot be read, until it is written again: a sector gone bad. */
    public void unreadable(Path file, long position) throws IOException {
        medium.file(file).bad(position);
    }

    /** Files that were opened and not closed. */
    public int openFiles() {
        return openFiles;
    }

    @Override
    public File openRead(Path file) throws IOException {
        begin("openRead", file);
        return new SimFile(medium.file(file), file, false);
    }

    @Override
    public File openWrite(Path file) throws IOException {
        begin("openWrite", file);
        mayFail(SimFault.NAME_FAILED, file, "Input/output error");
        return new SimFile(medium.file(file), file, true);
    }

    @Override
    public File create(Path file) throws IOException {
        begin("create", file);
        mayFail(SimFault.NAME_FAILED, file, "Input/output error");
        if (!medium.hasCapacityFor(SimInode.PAGE)) {
            throw full(file);
        }
        SimInode made = medium.create(file);
        made.modified = process.host().clock().stamp();
        return new SimFile(made, file, true);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        begin("rename", from);
        begin("rename to", to);
        mayFail(SimFault.NAME_FAILED, from, "Input/output error");
        medium.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        begin("delete", file);
        mayFail(SimFault.NAME_FAILED, file, "Input/output error");
        medium.delete(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        begin("forceDirectory", directory);
        SimDirectory forced = medium.directory(directory);
        process.scheduler().busy(process, "forceDirectory", random.between(50_000, 2_000_000));
        mayFail(SimFault.DIRECTORY_FORCE_FAILED, directory, "Input/output error");
        medium.forceDirectory(forced);
    }

    @Override
    public void makeDirectories(Path directory) throws IOException {
        begin("makeDirectories", directory);
        medium.makeDirectories(directory);
    }

    @Override
    public boolean exists(Path file) {
        begin("exists", file);
        return medium.find(file) != null;
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        begin("list", directory);
        return List.copyOf(medium.directory(directory).seen.keySet());
    }

    @Override
    public byte[] readAll(Path file, int limit) throws IOException {
        begin("readAll", file);
        SimInode inode = medium.file(file);
        mayFail(SimFault.READ_FAILED, file, "Input/output error");
        if (inode.size() > limit) {
            throw new FileSystemException(file.toString(), null, "larger than " + limit + " octets");
        }
        ByteBuffer all = ByteBuffer.allocate((int) inode.size());
        int count = inode.read(all, 0);
        return count <= 0 ? new byte[0] : all.array();
    }

    @Override
    public long freeBytes(Path directory) throws IOException {
        begin("freeBytes", directory);
        medium.directory(directory);
        return medium.free();
    }

    @Override
    public Facts facts(Path file) throws IOException {
        begin("facts", file);
        SimNode node = medium.find(file);
        if (node == null) {
            throw new NoSuchFileException(file.toString());
        }
        return node instanceof SimInode inode
                ? new Facts(Kind.FILE, inode.size(), inode.modified, 1, inode.uid)
                : new Facts(Kind.DIRECTORY, 0, Instant.EPOCH, 2, 0);
    }

    /** Gives a file to a user of the host, as if he had made it. */
    public void own(Path file, int uid) throws IOException {
        SimInode inode = medium.file(file);
        inode.uid = uid;
    }

    @Override
    public Optional<File> openLocked(Path file) throws IOException {
        begin("openLocked", file);
        mayFail(SimFault.NAME_FAILED, file, "Input/output error");
        SimInode inode = medium.file(file);
        if (inode.locked) {
            return Optional.empty();
        }
        inode.locked = true;
        return Optional.of(new SimFile(inode, file, true));
    }

    @Override
    public Closeable lock(Path file) throws IOException {
        begin("lock", file);
        SimInode inode;
        try {
            inode = medium.file(file);
        } catch (NoSuchFileException missing) {
            inode = medium.create(file);
        }
        if (inode.locked) {
            throw new FileSystemException(file.toString(), null, "locked by another process");
        }
        inode.locked = true;
        SimInode held = inode;
        return () -> {
            begin("unlock", file);
            held.locked = false;
        };
    }

    private void begin(String what, Path path) {
        process.point(what);
        process.scheduler().history().add(process.scheduler().now(), what, path.toString());
    }

    /** No fault befalls the test that looks on from outside. */
    private boolean strikes(SimFault fault) {
        return process.scheduler().isRunning() && luck.strikes(fault);
    }

    private void mayFail(SimFault fault, Path path, String why) throws IOException {
        if (strikes(fault)) {
            throw new FileSystemException(path.toString(), null, why);
        }
    }

    private static IOException full(Path path) {
        return new FileSystemException(path.toString(), null, "No space left on device");
    }

    private final class SimFile implements File {
        private final SimInode inode;
        private final Path path;
        private final boolean writable;
        private boolean closed;

        SimFile(SimInode inode, Path path, boolean writable) {
            this.inode = inode;
            this.path = path;
            this.writable = writable;
            inode.open++;
            openFiles++;
        }

        @Override
        public long size() throws IOException {
            enter("size", 0, 0);
            return inode.size();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            enter("read", position, target.remaining());
            mayFail(SimFault.READ_FAILED, path, "Input/output error");
            if (inode.isBad(position, target.remaining())) {
                throw new FileSystemException(path.toString(), null, "Input/output error");
            }
            if (inode.size() > position && strikes(SimFault.BIT_ROT)) {
                inode.rot(random.between(position, inode.size() - 1), random.below(8));
            }
            return inode.read(target, position);
        }

        @Override
        public void write(long position, ByteBuffer... sources) throws IOException {
            process.point("write");
            int length = medium.gather(sources);
            byte[] octets = medium.gathered(); // nobody else runs until it is written
            note("write", position, medium.checksum(length));
            mustWrite();
            if (strikes(SimFault.WRITE_FAILED)) {
                inode.write(position, octets, random.below(length + 1));
                throw new FileSystemException(path.toString(), null, "Input/output error");
            }
            // as most file systems do: what is written over takes no room
            if (strikes(SimFault.DISK_FULL) || !medium.hasCapacityFor(inode, position, length)) {
                inode.write(position, octets, random.below(length + 1) / SimInode.SECTOR * SimInode.SECTOR);
                throw full(path);
            }
            inode.write(position, octets, length);
            inode.modified = process.host().clock().stamp();
            if (strikes(SimFault.WRITEBACK_EARLY)) {
                inode.writeBack(random);
            }
        }

        @Override
        public void force() throws IOException {
            enter("force", 0, 0);
            if (overwritesToCrash > 0 && inode.isBeginningOverwritten() && --overwritesToCrash == 0) {
                process.scheduler().crash(process);
            }
            SimInode.Forcing forcing = inode.beginForce();
            if (random.chance(0.3)) {
                inode.writeBack(random);
            }
            boolean slow = strikes(SimFault.FORCE_SLOW);
            long nanos = slow ? random.between(500_000_000, 8_000_000_000L) : random.between(100_000, 4_000_000);
            process.scheduler().busy(process, "force", nanos);
            if (strikes(SimFault.FORCE_FAILED)) {
                inode.drop(random);
                throw new FileSystemException(path.toString(), null, "Input/output error at force");
            }
            inode.force(forcing);
        }

        @Override
        public void setSize(long size) throws IOException {
            enter("setSize", size, 0);
            mustWrite();
            if (size < 0) {
                throw new IllegalArgumentException("size " + size);
            }
            mayFail(SimFault.WRITE_FAILED, path, "Input/output error");
            inode.setSize(size);
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                process.point("close");
                closed = true;
                inode.locked = false; // as fcntl: whoever closes it gives the lock away
                inode.open--;
                openFiles--;
            }
        }

        private void enter(String what, long a, long b) throws IOException {
            process.point(what);
            note(what, a, b);
        }

        private void note(String what, long a, long b) throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
            process.scheduler().history().add(process.scheduler().now(), what, path.toString());
            process.scheduler().history().add(process.scheduler().now(), what, a, b);
        }

        private void mustWrite() throws IOException {
            if (!writable) {
                throw new FileSystemException(path.toString(), null, "opened for reading");
            }
        }
    }
}
