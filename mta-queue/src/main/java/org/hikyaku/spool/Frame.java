package org.hikyaku.spool;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The fixed part of a frame's head, and its checksum (docs/spool.md, Frame).
 *
 * @param head octets of the head, fixed part included
 * @param length octets of the frame, a multiple of 8
 * @param last of its batch
 */
record Frame(int head, int length, long batch, boolean last) {
    static final int MAGIC = 0x484B4652;
    static final int FIXED = 32;
    static final int BLOCK = 4096;
    static final int LAST = 1;
    static final int FLAGS_AT = 26;

    static int padded(int length) {
        return length + 7 & ~7;
    }

    static long toBlock(long length) {
        return length + (BLOCK - 1) & -BLOCK;
    }

    /**
     * Reads the fixed part at the buffer's position, which stays; the checksum is not looked at.
     *
     * @param most octets that a frame can have here
     */
    static Frame fixed(ByteBuffer octets, long most) throws Damaged {
        int at = octets.position();
        if (octets.remaining() < FIXED || octets.getInt(at) != MAGIC) {
            throw new Damaged("no frame");
        }
        int head = octets.getInt(at + 8);
        int length = octets.getInt(at + 12);
        if (head < FIXED || length < padded(head) || length > most || (length & 7) != 0) {
            throw new Damaged("a frame of impossible length");
        }
        return new Frame(head, length, octets.getLong(at + 16), (octets.get(at + FLAGS_AT) & LAST) != 0);
    }

    /** The entries of the whole head at the buffer's position, which stays, once the checksum is found right. */
    List<SpoolRecord> entries(ByteBuffer octets, long epoch, long segment, long offset) throws Damaged {
        int at = octets.position();
        if (octets.getInt(at + 4) != checksum(octets, at, head, epoch, segment, offset)) {
            throw new Damaged("a wrong checksum");
        }
        return new RecordReader(octets.slice(at + FIXED, head - FIXED)).all();
    }

    static int checksum(ByteBuffer octets, int at, int head, long epoch, long segment, long offset) {
        CRC32C crc = new CRC32C();
        update(crc, epoch);
        update(crc, segment);
        update(crc, offset);
        crc.update(octets.slice(at + 8, head - 8));
        return (int) crc.getValue();
    }

    private static void update(CRC32C crc, long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            crc.update((int) (value >>> shift) & 0xff);
        }
    }
}
