package org.hikyaku.world;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A small text file that is read at the start and replaced as a whole: written beside, forced,
 * renamed, the directory forced. Waits.
 *
 * <p><i>Failure:</i> whatever happens it is as before or as after; what {@link #write} has thrown for may be either after a
 * crash, and is as before while the process lives.
 */
public final class StateFile {
    private final Disk disk;
    private final Path directory;
    private final String name;
    private final int octetsMax;

    /** @param octetsMax a longer one is not read, which stops the start */
    public StateFile(Disk disk, Path directory, String name, int octetsMax) {
        this.disk = disk;
        this.directory = directory;
        this.name = name;
        this.octetsMax = octetsMax;
    }

    /** Its lines, without what is empty; none when there is no file yet. */
    public List<String> read() throws IOException {
        Path file = directory.resolve(name);
        if (!disk.exists(file)) {
            return List.of();
        }
        String text = new String(disk.readAll(file, octetsMax), StandardCharsets.UTF_8);
        return text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
    }

    /** Makes a directory last, with the names of those above it: the data directory may be as new. */
    public static void makeDirectory(Disk disk, Path directory) throws IOException {
        disk.makeDirectories(directory);
        Path parent = Objects.requireNonNull(directory.getParent());
        disk.forceDirectory(parent);
        for (Path each = parent.getParent(); each != null; each = each.getParent()) {
            try {
                disk.forceDirectory(each);
            } catch (IOException e) {
                return; // a directory that we may not read is none that we made
            }
        }
    }

    public void write(Collection<String> lines) throws IOException {
        makeDirectory(disk, directory);
        Path fresh = directory.resolve(name + ".new");
        if (disk.exists(fresh)) {
            disk.delete(fresh); // of a crash
        }
        byte[] octets =
                lines.stream().map(s -> s + "\n").collect(Collectors.joining()).getBytes(StandardCharsets.UTF_8);
        if (octets.length > octetsMax) {
            throw new IOException(name + " would be longer than " + octetsMax + " octets");
        }
        try (Disk.File file = disk.create(fresh)) {
            file.write(0, ByteBuffer.wrap(octets));
            file.force();
        }
        disk.rename(fresh, directory.resolve(name));
        disk.forceDirectory(directory);
    }
}
