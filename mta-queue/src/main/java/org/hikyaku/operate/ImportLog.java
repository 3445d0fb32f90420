package org.hikyaku.operate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.CRC32C;
import org.hikyaku.world.Disk;
import org.hikyaku.world.StateFile;
import org.hikyaku.world.World;

/**
 * Which messages were imported, a file for each import: a key a line, last {@code =}, how many, and a checksum. Written and
 * forced under another name first, so that one that has its name is whole.
 *
 * <p><i>Failure:</i> a file that is not whole is an {@link IOException}: without it messages might be taken twice.
 */
final class ImportLog {
    /** Longer than any message waits. */
    static final Duration KEPT = Duration.ofDays(60);

    private static final String END = ".imported";
    private static final int LINE = 33;
    private static final int LINES = 1 << 11;
    private static final int TAIL_MAX = 64;

    private final World world;
    private final Path directory;

    ImportLog(World world, Path directory) {
        this.world = world;
        this.directory = directory;
    }

    /** All that is known; what is too old is deleted. */
    KeySet load() throws IOException {
        KeySet all = new KeySet();
        Disk disk = world.disk();
        if (!disk.exists(directory)) {
            return all;
        }
        disk.forceDirectory(directory); // a name that is read here must not be gone after a crash
        long oldest = world.clock().now().minus(KEPT).toEpochMilli();
        for (String name : disk.list(directory)) {
            if (!name.matches("[0-9]{1,18}\\.imported")) {
                continue;
            }
            if (Long.parseLong(name.substring(0, name.length() - END.length())) < oldest) {
                disk.delete(directory.resolve(name));
            } else {
                read(directory.resolve(name), all);
            }
        }
        return all;
    }

    private void read(Path path, KeySet all) throws IOException {
        try (Disk.File file = world.disk().openRead(path)) {
            CRC32C crc = new CRC32C();
            ByteBuffer buffer = ByteBuffer.allocate(LINE * LINES);
            long count = 0;
            for (long at = 0; ; at += (long) LINE * LINES) {
                fill(file, buffer.clear(), at);
                int lines = 0;
                while ((lines + 1) * LINE <= buffer.position() && buffer.get(lines * LINE) != '=') {
                    all.add(key(path, buffer.array(), lines * LINE));
                    lines++;
                }
                crc.update(buffer.array(), 0, lines * LINE);
                count += lines;
                if (lines < LINES) {
                    String end = new String(
                            buffer.array(), lines * LINE, buffer.position() - lines * LINE, StandardCharsets.US_ASCII);
                    if (!end.equals(end(count, crc))) {
                        throw damaged(path);
                    }
                    return;
                }
            }
        }
    }

    private static Key key(Path path, byte[] octets, int at) throws IOException {
        String text = new String(octets, at, LINE - 1, StandardCharsets.US_ASCII);
        return Key.parse(text).orElseThrow(() -> damaged(path));
    }

    private static IOException damaged(Path path) {
        return new IOException(path + " is damaged; what it lists might be taken twice. Move it away if that may be");
    }

    private static void fill(Disk.File file, ByteBuffer buffer, long position) throws IOException {
        while (buffer.hasRemaining() && file.read(buffer, position + buffer.position()) > 0) {}
    }

    private static String end(long count, CRC32C crc) {
        return "= " + count + " " + Long.toHexString(crc.getValue()) + "\n";
    }

    /** Makes it last that these were imported: all of them, or none. */
    void append(KeySet keys) throws IOException {
        StateFile.makeDirectory(world.disk(), directory);
        Path part = directory.resolve("import.part");
        if (world.disk().exists(part)) {
            world.disk().delete(part);
        }
        try (Disk.File file = world.disk().create(part)) {
            write(file, keys);
            file.force();
        }
        world.disk().rename(part, directory.resolve(free() + END));
        world.disk().forceDirectory(directory);
    }

    private static void write(Disk.File file, KeySet keys) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocate(LINE * LINES + TAIL_MAX);
        long[] end = new long[1];
        keys.each(key -> {
            byte[] line = (key + "\n").getBytes(StandardCharsets.US_ASCII);
            crc.update(line);
            buffer.put(line);
            if (buffer.position() >= LINE * LINES) {
                end[0] = flush(file, buffer, end[0]);
            }
        });
        buffer.put(end(keys.size(), crc).getBytes(StandardCharsets.US_ASCII));
        flush(file, buffer, end[0]);
    }

    private static long flush(Disk.File file, ByteBuffer buffer, long at) throws IOException {
        int count = buffer.flip().remaining();
        file.write(at, buffer);
        buffer.clear();
        return at + count;
    }

    /** A name that no file has. */
    private long free() {
        long name = world.clock().now().toEpochMilli();
        while (world.disk().exists(directory.resolve(name + END))) {
            name++;
        }
        return name;
    }
}
