package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.hikyaku.world.Disk;

/**
 * The header of a segment (docs/spool.md): what counts when this is the newest.
 *
 * @param ids every message id given so far is below
 */
record SegmentHeader(int slot, long number, long epoch, long firstBatch, long ids, long written, List<Older> older) {
    /** 2: the wishes of senders. All that version 1 wrote means the same in 2. */
    static final int VERSION = 2;

    private static final long MAGIC = 0x48494B59414B554AL;
    private static final int FIXED = 68;
    private static final int EACH = 32;
    private static final int OLDER_MAX = 1 << 20;

    SegmentHeader {
        older = List.copyOf(older);
    }

    /** A segment that counts, and where it ends. */
    record Older(int slot, boolean suspect, long number, long epoch, long end) {}

    /** Where frames begin: behind both copies. */
    long framesAt() {
        return framesAt(older.size());
    }

    static long framesAt(int older) {
        return 2 * Frame.toBlock(FIXED + (long) EACH * older);
    }

    /** Both copies, each filled up to a block. */
    ByteBuffer encode() {
        int length = FIXED + EACH * older.size();
        ByteBuffer out = ByteBuffer.allocate((int) framesAt());
        out.putLong(MAGIC).putInt(VERSION).putInt(0).putInt(length).putInt(slot);
        out.putLong(number).putLong(epoch).putLong(firstBatch).putLong(ids).putLong(written);
        out.putInt(older.size());
        for (Older each : older) {
            out.putInt(each.slot()).putInt(each.suspect() ? 1 : 0);
            out.putLong(each.number()).putLong(each.epoch()).putLong(each.end());
        }
        out.putInt(12, checksum(out.array(), length));
        System.arraycopy(out.array(), 0, out.array(), out.capacity() / 2, length);
        return out.clear();
    }

    /**
     * The header of {@code file} by either copy; empty when neither is right.
     *
     * @throws IOException also for a newer format; a copy that the disk cannot read is none where the other is right
     */
    static Optional<SegmentHeader> read(Disk.File file) throws IOException {
        ArrayList<IOException> unread = new ArrayList<>(0);
        Optional<SegmentHeader> first = copyAt(file, 0, unread);
        long most = Math.min(file.size(), Frame.toBlock(FIXED + (long) EACH * OLDER_MAX) + 1);
        for (long at = Frame.BLOCK; first.isEmpty() && at < most; at += Frame.BLOCK) {
            long place = at;
            first = copyAt(file, at, unread).filter(header -> header.framesAt() == 2 * place);
        }
        if (first.isEmpty() && !unread.isEmpty()) {
            throw unread.getFirst();
        }
        return first;
    }

    /** Whether the other copy is right, too; if not, the force of this header had not ended, or it has rotted. */
    boolean isWhole(Disk.File file) throws IOException {
        ArrayList<IOException> unread = new ArrayList<>(0);
        return copyAt(file, 0, unread).isPresent()
                && copyAt(file, framesAt() / 2, unread).isPresent();
    }

    /** @param unread is told when the disk cannot read it, and it is as none */
    private static Optional<SegmentHeader> copyAt(Disk.File file, long at, List<IOException> unread)
            throws IOException {
        ByteBuffer start = ByteBuffer.allocate(Frame.BLOCK);
        if (!isRead(file, start, at, unread) || start.getLong(0) != MAGIC) {
            return Optional.empty();
        }
        if (start.getInt(8) > VERSION) {
            throw new IOException("the spool was written by a newer version (format " + start.getInt(8)
                    + ", this program knows " + VERSION + ")");
        }
        int length = start.getInt(16);
        if (length < FIXED || length > FIXED + (long) EACH * OLDER_MAX || length > file.size() - at) {
            return Optional.empty();
        }
        ByteBuffer whole = ByteBuffer.allocate(length);
        if (!isRead(file, whole, at, unread) || whole.getInt(12) != checksum(whole.array(), length)) {
            return Optional.empty();
        }
        return decode(whole, length);
    }

    private static boolean isRead(Disk.File file, ByteBuffer into, long at, List<IOException> unread) {
        try {
            return Segment.fill(file, into, at);
        } catch (IOException e) {
            if (unread.isEmpty()) {
                unread.add(e);
            }
            return false;
        }
    }

    private static Optional<SegmentHeader> decode(ByteBuffer in, int length) {
        int count = in.getInt(64);
        if (length != FIXED + (long) EACH * count) {
            return Optional.empty();
        }
        ArrayList<Older> older = new ArrayList<>(count);
        for (int at = FIXED; at < length; at += EACH) {
            older.add(new Older(
                    in.getInt(at),
                    in.getInt(at + 4) != 0,
                    in.getLong(at + 8),
                    in.getLong(at + 16),
                    in.getLong(at + 24)));
        }
        return Optional.of(new SegmentHeader(
                in.getInt(20), in.getLong(24), in.getLong(32), in.getLong(40), in.getLong(48), in.getLong(56), older));
    }

    private static int checksum(byte[] header, int length) {
        CRC32C crc = new CRC32C();
        crc.update(header, 16, length - 16);
        return (int) crc.getValue();
    }
}
