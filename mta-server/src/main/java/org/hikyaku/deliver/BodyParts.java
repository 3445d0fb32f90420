package org.hikyaku.deliver;

import org.hikyaku.smtp.client.SmtpConversation;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Wire;
import org.jspecify.annotations.Nullable;

/**
 * The message of a conversation's transaction on its way to the wire: at most one part waits here, until the host wants it
 * and the kernel has room. On the conversation's loop only.
 *
 * <p><i>Failure:</i> a part that is wanted no more is dropped.
 */
final class BodyParts {
    /** Above it the next part of a message waits for the kernel. */
    private static final long UNSENT_MAX = 64 * 1024;

    private final Clock clock;
    private final SmtpConversation conversation;
    private byte @Nullable [] part;
    private boolean last;
    private boolean wanted;

    BodyParts(Clock clock, SmtpConversation conversation) {
        this.clock = clock;
        this.conversation = conversation;
    }

    void put(byte[] next, boolean isLast) {
        part = next;
        last = isLast;
    }

    /** The host takes the message now. */
    void want() {
        wanted = true;
    }

    /** No more of it is wanted. */
    void stop() {
        wanted = false;
        part = null;
    }

    void drop() {
        part = null;
    }

    /** Whether a part can go to {@code open} now. */
    boolean canGo(Wire open) {
        return wanted && part != null && open.unsent() <= UNSENT_MAX && conversation.wantsPart();
    }

    /** Sends the part that can go; false when it was the last. */
    boolean send(Wire open) {
        byte[] next = part == null ? new byte[0] : part;
        part = null;
        if (next.length > 0 || last) {
            byte[] before = conversation.beforePart(next.length, last);
            open.write(before, 0, before.length);
            open.write(next, 0, next.length);
            open.flush();
        }
        if (last) {
            wanted = false;
            conversation.bodyEnded(clock.nanos());
        } else {
            conversation.bodyProgress(clock.nanos());
        }
        return !last;
    }
}
