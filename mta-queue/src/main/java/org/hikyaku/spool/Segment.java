package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.TreeSet;
import org.hikyaku.world.Disk;

/**
 * A segment that counts: its file, and what it is kept for. Readers use the final fields; all else is the committer's.
 */
final class Segment {
    /** What STATES, META or GONE in force are reckoned to cost when they are copied. */
    static final int SMALL_COST = 160;

    private static final int OFFSET_BITS = 28;
    static final long SIZE_MAX = 1L << (OFFSET_BITS + 3);

    final long number;
    final long epoch;
    final int slot;
    final Disk.File file;
    final long size;
    final long framesAt;
    /** Segments with a MESSAGE that a GONE here ends: freed before this one, or with it. */
    final TreeSet<Long> leansOn = new TreeSet<>();
    /** Segments with a MESSAGE of which a newer copy lies here: the same. */
    final TreeSet<Long> copiesOf = new TreeSet<>();
    /** Behind the last octet that was forced. */
    long end;
    /** Octets that a copy of all in force would take. */
    long live;
    /** MESSAGE, META and STATES in force. */
    int inForce;

    int gones;
    /** A force failed here: not to be recycled. */
    boolean suspect;
    /** No more is written: a newer header may end it here. */
    boolean sealed;
    /** Its file has lost its name: what is in force is to be copied while we have it open. */
    boolean nameless;
    /** Found damaged: never a source of compaction. */
    boolean damaged;

    Segment(long number, long epoch, int slot, Disk.File file, long size, long framesAt, long end) {
        this.number = number;
        this.epoch = epoch;
        this.slot = slot;
        this.file = file;
        this.size = size;
        this.framesAt = framesAt;
        this.end = end;
    }

    /** Where a frame lies, in one number. */
    static long location(long number, long offset) {
        return number << OFFSET_BITS | offset >>> 3;
    }

    static long numberOf(long location) {
        return location >>> OFFSET_BITS;
    }

    static long offsetOf(long location) {
        return (location & (1L << OFFSET_BITS) - 1) << 3;
    }

    static String slotName(int slot) {
        String digits = Integer.toString(slot);
        return "0".repeat(Math.max(0, 5 - digits.length())) + digits;
    }

    /** Fills {@code target} from {@code position} on and flips it; false when the file ends before. */
    static boolean fill(Disk.File file, ByteBuffer target, long position) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int got = file.read(target, at);
            if (got < 0) {
                return false;
            }
            at += got;
        }
        target.flip();
        return true;
    }
}
