package org.hikyaku.spool;

import java.nio.ByteBuffer;
import java.util.List;
import org.hikyaku.mail.Content;

/** Content that lies in memory, in pieces. */
final class Octets implements Content {
    private final List<ByteBuffer> parts;
    private final long size;

    /** @param parts not changed any more between position and limit */
    Octets(List<ByteBuffer> parts) {
        this.parts = List.copyOf(parts);
        this.size = sizeOf(parts);
    }

    static long sizeOf(List<ByteBuffer> parts) {
        long sum = 0;
        for (ByteBuffer part : parts) {
            sum += part.remaining();
        }
        return sum;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int read(ByteBuffer target, long position) {
        long skip = position;
        int copied = 0;
        for (ByteBuffer part : parts) {
            int length = part.remaining();
            if (skip >= length) {
                skip -= length;
                continue;
            }
            int count = Math.min(target.remaining(), length - (int) skip);
            target.put(part.slice(part.position() + (int) skip, count));
            copied += count;
            skip = 0;
            if (!target.hasRemaining()) {
                break;
            }
        }
        return copied;
    }
}
