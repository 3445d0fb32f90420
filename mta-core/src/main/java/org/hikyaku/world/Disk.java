package org.hikyaku.world;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Files and directories, with the two facts that durability rests on: bytes last only after {@link File#force}, names
 * (created, renamed, deleted) only after {@link #forceDirectory} of the directory that holds them.
 *
 * <p>Every call may block its task and may throw {@link IOException}; nothing is retried here. Paths are absolute.
 * Not for use on a loop.
 */
public interface Disk {
    /** Opens an existing file for reading. */
    File openRead(Path file) throws IOException;

    /** Opens an existing file for reading and writing. */
    File openWrite(Path file) throws IOException;

    /** Creates a file that must not exist yet, mode 0640, for reading and writing. */
    File create(Path file) throws IOException;

    /** As {@link #create}, for what no group may read, mode 0600. Where there are no modes it is the same. */
    default File createSecret(Path file) throws IOException {
        return create(file);
    }

    /** Renames within a directory or between two of one file system; replaces the target, in one step. */
    void rename(Path from, Path to) throws IOException;

    void delete(Path file) throws IOException;

    /** Makes the names in {@code directory} last. */
    void forceDirectory(Path directory) throws IOException;

    /** Creates a directory (mode 0750) and those above it that are missing; no error when it is there. */
    void makeDirectories(Path directory) throws IOException;

    boolean exists(Path file);

    /** Names of what {@code directory} holds, sorted. */
    List<String> list(Path directory) throws IOException;

    /** The whole of a small file; an error when it is over {@code limit} octets. */
    byte[] readAll(Path file, int limit) throws IOException;

    /** Octets free for us on the file system of {@code directory}. */
    long freeBytes(Path directory) throws IOException;

    /** What {@code file} itself is; of a link nothing is followed. */
    Facts facts(Path file) throws IOException;

    /**
     * Opens an existing plain file, no link, for reading and writing, and locks it whole (fcntl) against other processes
     * until it is closed. Empty when another holds such a lock. In this process nobody else may have it open meanwhile:
     * whoever closes it gives the lock away.
     */
    Optional<File> openLocked(Path file) throws IOException;

    /** Locks {@code file} (created when missing) against other processes until closed or the process ends. */
    Closeable lock(Path file) throws IOException;

    /** What a name stands for. */
    enum Kind {
        FILE,
        DIRECTORY,
        LINK,
        OTHER
    }

    /**
     * Facts of one file.
     *
     * @param modified when it was last written to
     * @param links how many names it has
     * @param uid its owner's number
     */
    record Facts(Kind kind, long size, Instant modified, int links, int uid) {}

    /** An open file. Reads at different positions may run at once; writes are the business of one task. */
    interface File extends Closeable {
        long size() throws IOException;

        /** As {@link java.nio.channels.FileChannel#read(ByteBuffer, long)}: -1 at the end. */
        int read(ByteBuffer target, long position) throws IOException;

        /** Writes all of {@code sources}, one after the other, from {@code position} on. */
        void write(long position, ByteBuffer... sources) throws IOException;

        /** Makes the bytes and the size last. After a failure nothing written since the last success is to be trusted. */
        void force() throws IOException;

        /** Cuts the file to {@code size} octets, or extends it with zeros. */
        void setSize(long size) throws IOException;

        @Override
        void close() throws IOException;
    }
}
