package org.hikyaku.real;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.world.Disk;
import org.hikyaku.world.FileTrouble;

/**
 * The host's file system. Files are made with mode 0640, secret ones 0600, directories with 0750, less what the umask takes.
 *
 * <p>Nothing here may be interrupted: an interrupt would close the channel under everybody. {@link RealTasks} never does.
 *
 * <p><i>Failure:</i> every error of the kernel comes as {@link IOException} that names the path; nothing is retried.
 */
public final class RealDisk implements Disk {
    /** Octets handed to the kernel in one call at most: the JDK copies what lies in the heap into a buffer as large. */
    private static final int WRITE_MAX = 1 << 20;

    private final FileAttribute<Set<PosixFilePermission>> fileMode = mode("rw-r-----");
    private final FileAttribute<Set<PosixFilePermission>> secretMode = mode("rw-------");
    private final FileAttribute<Set<PosixFilePermission>> directoryMode = mode("rwxr-x---");

    private static FileAttribute<Set<PosixFilePermission>> mode(String text) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
    }

    @Override
    public File openRead(Path file) throws IOException {
        return new RealFile(FileChannel.open(file, StandardOpenOption.READ));
    }

    @Override
    public File openWrite(Path file) throws IOException {
        return new RealFile(FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public File create(Path file) throws IOException {
        return new RealFile(
                open(file, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)));
    }

    @Override
    public File createSecret(Path file) throws IOException {
        return new RealFile(FileChannel.open(
                file,
                Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                secretMode));
    }

    private FileChannel open(Path file, Set<? extends OpenOption> options) throws IOException {
        return FileChannel.open(file, options, fileMode);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.delete(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void makeDirectories(Path directory) throws IOException {
        Files.createDirectories(directory, directoryMode);
    }

    @Override
    public boolean exists(Path file) {
        return Files.exists(file);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                names.add(String.valueOf(entry.getFileName()));
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public byte[] readAll(Path file, int limit) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() > limit) {
                throw tooLarge(file, limit);
            }
            // read to the end, not to the size: files of /proc say 0, others may grow
            ByteBuffer some = ByteBuffer.allocate(Math.clamp(channel.size() + 1, 512, WRITE_MAX));
            while (channel.read(some) >= 0) {
                all.write(some.array(), 0, some.position());
                some.clear();
                if (all.size() > limit) {
                    throw tooLarge(file, limit);
                }
            }
        }
        return all.toByteArray();
    }

    private static IOException tooLarge(Path file, int limit) {
        return new FileSystemException(file.toString(), null, "larger than " + limit + " octets");
    }

    @Override
    public long freeBytes(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw Files.exists(directory)
                    ? new NotDirectoryException(directory.toString())
                    : new NoSuchFileException(directory.toString());
        }
        return directory.toFile().getUsableSpace();
    }

    @Override
    public Facts facts(Path file) throws IOException {
        Map<String, Object> all = attributes(file);
        Kind kind = is(all, "isRegularFile")
                ? Kind.FILE
                : is(all, "isDirectory") ? Kind.DIRECTORY : is(all, "isSymbolicLink") ? Kind.LINK : Kind.OTHER;
        return new Facts(
                kind,
                (Long) asked(all, "size"),
                ((FileTime) asked(all, "lastModifiedTime")).toInstant(),
                (Integer) asked(all, "nlink"),
                (Integer) asked(all, "uid"));
    }

    /** What is told of these as it comes is to say more than the name. */
    private static Map<String, Object> attributes(Path file) throws IOException {
        try {
            return Files.readAttributes(
                    file,
                    "unix:uid,nlink,size,lastModifiedTime,isRegularFile,isDirectory,isSymbolicLink",
                    LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(file.toString(), null, FileTrouble.why(e));
        } catch (AccessDeniedException e) {
            throw new AccessDeniedException(file.toString(), null, FileTrouble.why(e));
        }
    }

    /** An attribute that was asked for is there. */
    private static Object asked(Map<String, Object> all, String name) {
        return Objects.requireNonNull(all.get(name), name);
    }

    private static boolean is(Map<String, Object> all, String name) {
        return Boolean.TRUE.equals(all.get(name));
    }

    @Override
    public Optional<File> openLocked(Path file) throws IOException {
        if (facts(file).kind() != Kind.FILE) {
            throw new FileSystemException(file.toString(), null, "not a plain file");
        }
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        if (!isLocked(channel)) {
            channel.close();
            return Optional.empty();
        }
        return Optional.of(new RealFile(channel));
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException ours) {
            return false; // by this very process: no better
        }
    }

    @Override
    public Closeable lock(Path file) throws IOException {
        FileChannel channel = open(file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE));
        boolean locked = false;
        try {
            locked = isLocked(channel);
        } finally {
            if (!locked) {
                channel.close();
            }
        }
        if (!locked) {
            throw new FileSystemException(file.toString(), null, "locked by another process");
        }
        return channel;
    }

    private static final class RealFile implements File {
        private final FileChannel channel;

        RealFile(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return channel.read(target, position);
        }

        @Override
        public void write(long position, ByteBuffer... sources) throws IOException {
            if (sources.length == 1 && sources[0].remaining() <= WRITE_MAX) {
                writeAt(position, sources[0]);
                return;
            }
            channel.position(position);
            long left = 0;
            for (ByteBuffer source : sources) {
                left += source.remaining();
            }
            if (left <= WRITE_MAX) {
                for (long written = 0; written < left; ) {
                    written += channel.write(sources);
                }
            } else {
                for (ByteBuffer source : sources) {
                    writeInParts(source);
                }
            }
        }

        private void writeAt(long position, ByteBuffer source) throws IOException {
            long at = position;
            while (source.hasRemaining()) {
                at += channel.write(source, at);
            }
        }

        private void writeInParts(ByteBuffer source) throws IOException {
            int end = source.limit();
            while (source.position() < end) {
                source.limit(Math.min(end, source.position() + WRITE_MAX));
                channel.write(source);
            }
            source.limit(end);
        }

        @Override
        public void force() throws IOException {
            // fdatasync: bytes, and of the metadata what is needed to read them, the size among it
            channel.force(false);
        }

        @Override
        public void setSize(long size) throws IOException {
            long now = channel.size();
            if (size < now) {
                channel.truncate(size);
            } else if (size > now) {
                channel.write(ByteBuffer.allocate(1), size - 1);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
