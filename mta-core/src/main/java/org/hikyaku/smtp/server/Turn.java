package org.hikyaku.smtp.server;

import java.time.Duration;
import java.util.function.Consumer;
import org.hikyaku.config.ListenerSettings;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is in a session, until when, and what is done with the answer that is due.
 *
 * <p><i>Failure:</i> an answer that was not asked for is a broken promise of the caller's, and throws.
 */
final class Turn {
    private enum Wait {
        /** The client's: a line. */
        LINE,
        /** The client's: the rest of a message. */
        MESSAGE,
        /** The client's, mostly. */
        HANDSHAKE,
        /** Ours: policy, the store. */
        OURS,
        /** Nobody's. */
        NOTHING
    }

    private final ListenerSettings.Timeouts limits;
    private final long sessionEnd;
    private Wait wait = Wait.NOTHING;
    private @Nullable Consumer<Input> then;
    private long deadline;

    Turn(ListenerSettings.Timeouts limits, long now) {
        this.limits = limits;
        this.sessionEnd = now + limits.session().toNanos();
        this.deadline = sessionEnd;
    }

    boolean wantsLine() {
        return wait == Wait.LINE;
    }

    boolean inData() {
        return wait == Wait.MESSAGE;
    }

    boolean isHandshake() {
        return wait == Wait.HANDSHAKE;
    }

    boolean isOurs() {
        return wait == Wait.OURS;
    }

    /** Ours, until policy or the store answers. */
    void ours(Consumer<Input> answered) {
        wait = Wait.OURS;
        then = answered;
    }

    void handshake(Consumer<Input> done) {
        wait = Wait.HANDSHAKE;
        then = done;
    }

    void message(Consumer<Input> ended) {
        wait = Wait.MESSAGE;
        then = ended;
    }

    void nobodys() {
        wait = Wait.NOTHING;
    }

    /** Gives the answer to who waits for it; after it, it is the client's turn, if nothing else is said. */
    void resume(Input input) {
        Consumer<Input> waiting = then;
        if (waiting == null) {
            throw new IllegalStateException(input + " was not asked for");
        }
        then = null;
        wait = Wait.LINE;
        waiting.accept(input);
    }

    /** Something came: the client has its time again, within that of the session. */
    void renew(long now) {
        Duration limit = inData() ? limits.data() : limits.command();
        long end = now + limit.toNanos();
        deadline = wait == Wait.OURS ? Long.MAX_VALUE : end - sessionEnd < 0 ? end : sessionEnd;
    }

    long deadline() {
        return deadline;
    }

    /** Whether the client has let its time pass. What is under way on our side is always waited for. */
    boolean isOver(long now) {
        return now - deadline >= 0 && wait != Wait.OURS;
    }

    /** Whether the session as a whole has had its time. */
    boolean isSessionOver(long now) {
        return now - sessionEnd >= 0;
    }
}
