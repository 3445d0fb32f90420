package org.hikyaku.table;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.world.Disk;

/** A disk that can be read from, and nothing else. */
final class AliasDisk implements Disk {
    private final Map<Path, byte[]> files = new LinkedHashMap<>();

    AliasDisk with(String path, String text) {
        return with(path, text.getBytes(StandardCharsets.UTF_8));
    }

    AliasDisk with(String path, byte[] octets) {
        files.put(Path.of(path), octets);
        return this;
    }

    @Override
    public byte[] readAll(Path file, int limit) throws IOException {
        byte[] octets = files.get(file);
        if (octets == null) {
            throw new FileNotFoundException("no such file");
        }
        return octets.clone();
    }

    @Override
    public boolean exists(Path file) {
        return files.containsKey(file);
    }

    @Override
    public File openRead(Path file) {
        throw new UnsupportedOperationException();
    }

    @Override
    public File openWrite(Path file) {
        throw new UnsupportedOperationException();
    }

    @Override
    public File create(Path file) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void rename(Path from, Path to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void delete(Path file) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void forceDirectory(Path directory) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void makeDirectories(Path directory) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<String> list(Path directory) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long freeBytes(Path directory) {
        throw new UnsupportedOperationException();
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
        throw new UnsupportedOperationException();
    }
}
