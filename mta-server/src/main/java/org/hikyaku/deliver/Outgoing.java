package org.hikyaku.deliver;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.hikyaku.mail.Content;
import org.hikyaku.mime.OctetBuffer;
import org.hikyaku.mime.Transform;

/**
 * A message on its way through a transform, in parts of bounded size. Read by one task; reading may wait.
 *
 * <p><i>Failure:</i> {@link IOException} when the store cannot give the octets; what was read before is then to be
 * abandoned, never ended as if it were whole.
 */
final class Outgoing {
    /** Octets in one part, where one after the other is sent. */
    static final int PART = 64 * 1024;

    private final Content content;
    private final Transform transform;
    private final byte[] chunk;
    private long position;
    private boolean finished;

    /** @param part octets of the stored message in one part, at most */
    Outgoing(Content content, Transform transform, int part) {
        this.content = content;
        this.transform = transform;
        this.chunk = new byte[(int) Math.min(part, Math.max(1, content.size()))];
    }

    /** The next part; empty only when there is nothing to send at all. */
    byte[] next() throws IOException {
        OctetBuffer out = new OctetBuffer(chunk.length + chunk.length / 16 + 64);
        int filled = 0;
        while (filled < chunk.length && position < content.size()) {
            int count = content.read(ByteBuffer.wrap(chunk, filled, chunk.length - filled), position);
            if (count <= 0) {
                throw new EOFException("the stored message ends at octet " + position + " of " + content.size());
            }
            filled += count;
            position += count;
        }
        transform.feed(chunk, 0, filled, out);
        if (position >= content.size() && !finished) {
            finished = true;
            transform.finish(out);
        }
        return out.toArray();
    }

    /** Whether the last part has been given. */
    boolean isFinished() {
        return finished;
    }
}
