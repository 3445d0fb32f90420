package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of one segment in order, and finds the next right one behind damage.
 *
 * <p><i>Failure:</i> damage is told to {@link Gaps} and skipped; an {@link IOException} is the disk's.
 */
final class SegmentScanner {
    private final Segment segment;
    private final long end;
    private final ByteBuffer window;
    private final Gaps gaps;
    private long windowAt;
    private long position;

    /** Is told of octets that hold no right frame. */
    interface Gaps {
        void gap(long offset, String why);
    }

    /** A right frame. */
    record Found(long offset, Frame frame, List<SpoolRecord> records) {
        long next() {
            long behind = offset + frame.length();
            return frame.last() ? Frame.toBlock(behind) : behind;
        }
    }

    SegmentScanner(Segment segment, long from, long end, int windowSize, Gaps gaps) {
        this.segment = segment;
        this.position = from;
        this.end = end;
        this.gaps = gaps;
        this.window = ByteBuffer.allocate(windowSize).limit(0);
    }

    /** The next frame; null at the end. */
    @Nullable
    Found next() throws IOException {
        if (position >= end) {
            return null;
        }
        Found found;
        try {
            found = at(position);
        } catch (Damaged e) {
            gaps.gap(position, String.valueOf(e.getMessage()));
            found = search(position + 8, 8);
        }
        position = found == null ? end : found.next();
        return found;
    }

    /** The frame at {@code offset}. */
    Found at(long offset) throws IOException {
        ByteBuffer octets = octets(offset, Frame.FIXED);
        Frame frame = Frame.fixed(octets, end - offset);
        octets = octets(offset, frame.head());
        return new Found(offset, frame, frame.entries(octets, segment.epoch, segment.number, offset));
    }

    /** The first right frame from {@code from} on, at steps of {@code step}. */
    @Nullable
    Found search(long from, int step) throws IOException {
        for (long offset = from; offset + Frame.FIXED <= end; offset += step) {
            if (octets(offset, 4).getInt() == Frame.MAGIC) {
                try {
                    return at(offset);
                } catch (Damaged notOne) {
                    // a frame of former times, or octets that look like one: further
                }
            }
        }
        return null;
    }

    /** Whether the inline body of {@code message} is as it was written. */
    boolean isBodyRight(Found found, SpoolRecord.Message message) throws IOException {
        int length = message.inline();
        if (message.bodyOffset() + (long) length > found.frame().length()) {
            return false;
        }
        ByteBuffer octets = octets(found.offset() + message.bodyOffset(), length);
        return MessageReader.checksum(octets, message.prepended()) == message.bodyCrc();
    }

    /** {@code count} octets at {@code offset}. */
    ByteBuffer octets(long offset, int count) throws IOException {
        if (offset + count > end) {
            throw new Damaged("beyond the end of the segment");
        }
        if (count > window.capacity()) {
            ByteBuffer own = ByteBuffer.allocate(count);
            if (!Segment.fill(segment.file, own, offset)) {
                throw new Damaged("the file is short");
            }
            return own;
        }
        if (offset < windowAt || offset + count > windowAt + window.limit()) {
            window.clear().limit((int) Math.min(window.capacity(), end - offset));
            if (!Segment.fill(segment.file, window, offset)) {
                window.limit(0);
                throw new Damaged("the file is short");
            }
            windowAt = offset;
        }
        return window.slice((int) (offset - windowAt), count);
    }
}
