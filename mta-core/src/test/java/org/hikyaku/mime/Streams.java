package org.hikyaku.mime;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.hikyaku.mail.Content;

/** Feeds transforms in pieces of any size. */
final class Streams {
    private Streams() {}

    static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String latin1(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }

    /** The output for {@code input} cut into pieces of 1 to {@code most} octets. */
    static byte[] run(Transform transform, byte[] input, Random random, int most) {
        OctetBuffer out = new OctetBuffer(input.length);
        for (int at = 0; at < input.length; ) {
            int count = Math.min(input.length - at, 1 + random.nextInt(most));
            byte[] piece = new byte[count + 2];
            System.arraycopy(input, at, piece, 1, count);
            transform.feed(piece, 1, count, out);
            at += count;
        }
        transform.finish(out);
        return out.toArray();
    }

    static String run(Transform transform, String input) {
        return latin1(run(transform, bytes(input), new Random(1), 7));
    }

    static Content content(byte[] octets) {
        return new Content() {
            @Override
            public long size() {
                return octets.length;
            }

            @Override
            public int read(ByteBuffer target, long position) {
                int count = Math.min(target.remaining(), octets.length - (int) position);
                target.put(octets, (int) position, count);
                return count;
            }
        };
    }
}
