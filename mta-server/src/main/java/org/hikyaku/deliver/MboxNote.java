package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.hikyaku.world.Disk;

/**
 * A note beside an mbox, in a directory of our own: what is being appended to it. Forced before the first octet goes into the
 * mbox, and struck out, forced, before the message counts as delivered; so what a crash leaves can be told from what others
 * have put there. One sector of the disk, written in place.
 *
 * <p><i>Failure:</i> {@link IOException}; a note that cannot be read right is none.
 */
final class MboxNote {
    /** Octets of what is appended that are noted. */
    static final int HEAD_MAX = 400;

    private static final int SIZE = 512;
    private static final long MAGIC = 0x484b4d424f583101L;

    private final Disk disk;
    private final Path file;

    /**
     * What was begun.
     *
     * @param before octets of the mbox when it began
     * @param mark of the end of what was there ({@link MboxTail#mark})
     * @param head how what is appended begins
     */
    record Begun(long before, int mark, byte[] head) {}

    MboxNote(Disk disk, Path file) {
        this.disk = disk;
        this.file = file;
    }

    /** What was begun and not struck out. */
    Optional<Begun> read() throws IOException {
        byte[] all;
        try {
            all = disk.readAll(file, SIZE);
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(all);
        if (all.length != SIZE || in.getInt(SIZE - 4) != checksum(all) || in.getLong() != MAGIC || in.get() == 0) {
            return Optional.empty();
        }
        long before = in.getLong();
        int mark = in.getInt();
        byte[] head = new byte[Math.clamp(in.getShort(), 0, HEAD_MAX)];
        in.get(head);
        return Optional.of(new Begun(before, mark, head));
    }

    void begin(Begun begun) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(SIZE).putLong(MAGIC).put((byte) 1).putLong(begun.before);
        out.putInt(begun.mark).putShort((short) begun.head.length).put(begun.head);
        write(out.array());
    }

    void strikeOut() throws IOException {
        write(ByteBuffer.allocate(SIZE).putLong(MAGIC).array());
    }

    private void write(byte[] all) throws IOException {
        ByteBuffer.wrap(all).putInt(SIZE - 4, checksum(all));
        boolean fresh = !disk.exists(file);
        try (Disk.File open = fresh ? disk.create(file) : disk.openWrite(file)) {
            open.write(0, ByteBuffer.wrap(all));
            open.force();
        }
        Path directory = file.getParent();
        if (fresh && directory != null) {
            disk.forceDirectory(directory);
        }
    }

    private static int checksum(byte[] all) {
        CRC32C crc = new CRC32C();
        crc.update(all, 0, SIZE - 4);
        return (int) crc.getValue();
    }

    /** How {@code octets} begin, as it is noted. */
    static byte[] head(byte[]... octets) {
        ByteBuffer head = ByteBuffer.allocate(HEAD_MAX);
        for (byte[] some : octets) {
            head.put(some, 0, Math.min(some.length, head.remaining()));
        }
        return Arrays.copyOf(head.array(), head.position());
    }
}
