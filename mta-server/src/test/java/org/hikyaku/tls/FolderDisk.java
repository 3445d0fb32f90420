package org.hikyaku.tls;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.hikyaku.world.Disk;

/** Just as much of a disk as reading and writing keys takes; remembers in which order names and bytes were made to last. */
final class FolderDisk implements Disk {
    final List<String> deeds = new ArrayList<>();

    @Override
    public File openRead(Path file) throws IOException {
        return open(file, StandardOpenOption.READ);
    }

    @Override
    public File openWrite(Path file) throws IOException {
        return open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public File create(Path file) throws IOException {
        return open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        deeds.add("rename " + to.getFileName());
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.delete(file);
    }

    @Override
    public void forceDirectory(Path directory) {
        deeds.add("force directory " + directory.getFileName());
    }

    @Override
    public void makeDirectories(Path directory) throws IOException {
        Files.createDirectories(directory);
    }

    @Override
    public boolean exists(Path file) {
        return Files.exists(file);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public byte[] readAll(Path file, int limit) throws IOException {
        return Files.readAllBytes(file);
    }

    @Override
    public long freeBytes(Path directory) {
        return Long.MAX_VALUE;
    }

    @Override
    public Facts facts(Path file) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<File> openLocked(Path file) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Closeable lock(Path file) {
        return () -> {};
    }

    private File open(Path file, StandardOpenOption... how) throws IOException {
        FileChannel channel = FileChannel.open(file, how);
        return new File() {
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
                channel.position(position);
                for (ByteBuffer source : sources) {
                    while (source.hasRemaining()) {
                        channel.write(source);
                    }
                }
            }

            @Override
            public void force() {
                deeds.add("force " + file.getFileName());
            }

            @Override
            public void setSize(long size) throws IOException {
                channel.truncate(size);
            }

            @Override
            public void close() {
                try {
                    channel.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }
}
