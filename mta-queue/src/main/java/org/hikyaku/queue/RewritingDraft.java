package org.hikyaku.queue;

import java.time.Instant;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.mime.Transform;
import org.hikyaku.spool.Draft;

/**
 * A draft whose octets are changed as they come. Intake commits what is below.
 *
 * <p><i>Failure:</i> as of the draft below.
 */
final class RewritingDraft implements Draft {
    private final Draft below;
    private final Transform transform;
    private boolean room = true;
    private boolean finished;

    RewritingDraft(Draft below, Transform transform) {
        this.below = below;
        this.transform = transform;
    }

    @Override
    public SpoolId id() {
        return below.id();
    }

    @Override
    public Instant opened() {
        return below.opened();
    }

    @Override
    public long size() {
        return below.size();
    }

    @Override
    public boolean append(byte[] octets, int offset, int length) {
        room = true;
        transform.feed(octets, offset, length, this::put);
        return room;
    }

    private void put(byte[] octets, int offset, int length) {
        room &= below.append(octets, offset, length);
    }

    @Override
    public void onRelief(Runnable relief) {
        below.onRelief(relief);
    }

    /** Nothing is appended after this. */
    @Override
    public Content content() {
        return finished().content();
    }

    @Override
    public void abort() {
        below.abort();
    }

    /** The draft below, with all of the message in it. */
    Draft finished() {
        if (!finished) {
            finished = true;
            transform.finish(this::put);
        }
        return below;
    }
}
