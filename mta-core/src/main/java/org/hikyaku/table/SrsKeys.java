package org.hikyaku.table;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.hikyaku.world.Disk;
import org.hikyaku.world.World;

/**
 * The keys by which addresses of {@link Srs} are signed: a file of mode 0600 with lines {@code 2026-11-22 hex}, the newest
 * last. The newest signs, all are taken.
 *
 * <p><i>Failure:</i> a file that cannot be read or is no such file is one problem with file and line, and is never
 * replaced: bounces are under way to what its keys signed.
 */
public final class SrsKeys {
    private static final int OCTETS = 32;

    private final List<Key> keys;

    private record Key(LocalDate made, byte[] secret) {}

    private SrsKeys(List<Key> keys) {
        this.keys = List.copyOf(keys);
    }

    /** Where it lies below {@code keys}. */
    public static Path file(Path keys) {
        return keys.resolve("srs-keys");
    }

    /** The key that signs first, then the others, newest first; none before the first start. */
    List<byte[]> newestFirst() {
        return keys.reversed().stream().map(Key::secret).toList();
    }

    /** Reads {@code file}, if it is there. Waits for the disk. */
    public static SrsKeys read(Disk disk, Path file, List<String> problems) {
        List<Key> keys = new ArrayList<>();
        if (!disk.exists(file)) {
            return new SrsKeys(keys);
        }
        List<String> lines = TextFile.lines(disk, file, problems);
        for (int i = 0; i < lines.size(); i++) {
            try {
                String[] words = lines.get(i).split(" ", 2);
                byte[] secret = HexFormat.of().parseHex(words.length < 2 ? "-" : words[1]);
                if (secret.length < OCTETS) {
                    throw new IllegalArgumentException("a short key");
                }
                keys.add(new Key(LocalDate.parse(words[0]), secret));
            } catch (DateTimeParseException | IllegalArgumentException e) {
                problems.add(file + ":" + (i + 1)
                        + ": not of the form `2026-11-22 key`, with a key of 64 hexadecimal digits");
            }
        }
        return new SrsKeys(keys);
    }

    /**
     * Makes the first key, or another when the newest is older than {@code life}, and drops those whose addresses have all
     * been over for {@code validFor}. Waits for the disk.
     */
    public static void renew(World world, Path file, Duration life, Duration validFor) throws IOException {
        Path directory = file.getParent();
        if (directory == null) {
            throw new IOException(file + " is no file");
        }
        world.disk().makeDirectories(directory);
        Closeable lock = world.disk().lock(directory.resolve(".srs-keys.lock"));
        try {
            renewLocked(world, directory, file, life, validFor);
        } finally {
            lock.close();
        }
    }

    private static void renewLocked(World world, Path directory, Path file, Duration life, Duration validFor)
            throws IOException {
        List<String> problems = new ArrayList<>();
        List<Key> keys = new ArrayList<>(read(world.disk(), file, problems).keys);
        if (!problems.isEmpty()) {
            throw new IOException(problems.getFirst());
        }
        LocalDate today = LocalDate.ofInstant(world.clock().now(), ZoneOffset.UTC);
        if (!keys.isEmpty() && !keys.getLast().made.plusDays(life.toDays()).isBefore(today)) {
            return;
        }
        byte[] secret = new byte[OCTETS];
        world.entropy().fill(secret);
        keys.add(new Key(today, secret));
        while (keys.size() > 1
                && keys.get(1).made.plusDays(validFor.toDays() + 1).isBefore(today)) {
            keys.removeFirst(); // the next one has signed for longer than any of its addresses lives
        }
        write(world.disk(), directory, file, keys);
    }

    private static void write(Disk disk, Path directory, Path file, List<Key> keys) throws IOException {
        Path fresh = directory.resolve("srs-keys.new");
        if (disk.exists(fresh)) {
            disk.delete(fresh); // left by one who was killed
        }
        StringBuilder text = new StringBuilder();
        keys.forEach(key -> text.append(key.made)
                .append(' ')
                .append(HexFormat.of().formatHex(key.secret))
                .append('\n'));
        try (Disk.File out = disk.createSecret(fresh)) {
            out.write(0, ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII)));
            out.force();
        }
        disk.rename(fresh, file);
        disk.forceDirectory(directory);
    }

    /** For tests: one key. */
    static SrsKeys of(Instant made, byte[] secret) {
        return new SrsKeys(List.of(new Key(LocalDate.ofInstant(made, ZoneOffset.UTC), secret)));
    }
}
