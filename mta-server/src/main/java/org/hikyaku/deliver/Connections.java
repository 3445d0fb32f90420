package org.hikyaku.deliver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.hikyaku.route.Hop;
import org.jspecify.annotations.Nullable;

/**
 * Connections that wait for the next message to the same host, oldest first; bounded in number and in time.
 *
 * <p><i>Failure:</i> one that its host closes is forgotten; one that ends while it is borrowed tells its borrower.
 */
public final class Connections {
    /** Idle connections in all; each holds a socket here and a process or thread there. */
    private static final int IDLE_MAX = 128;

    private final List<ConversationRunner> idle = new ArrayList<>();
    private boolean closed;

    /** The one that was used last for {@code hop}; it is the borrower's until he gives it back. */
    Optional<ConversationRunner> borrow(Hop hop) {
        synchronized (idle) {
            for (int i = idle.size() - 1; i >= 0; i--) {
                if (idle.get(i).hop().equals(hop)) {
                    return Optional.of(idle.remove(i));
                }
            }
            return Optional.empty();
        }
    }

    /** Keeps it for {@code time}, unless it was used often enough. */
    void giveBack(ConversationRunner runner, int usesMax, Duration time) {
        if (runner.uses() >= usesMax || time.isZero()) {
            runner.quit();
            return;
        }
        ConversationRunner tooMany = add(runner);
        if (tooMany != null) {
            tooMany.quit();
        }
        if (tooMany != runner) {
            runner.rest(time, () -> forget(runner));
        }
    }

    private @Nullable ConversationRunner add(ConversationRunner runner) {
        synchronized (idle) {
            if (closed) {
                return runner;
            }
            idle.add(runner);
            return idle.size() > IDLE_MAX ? idle.removeFirst() : null;
        }
    }

    private void forget(ConversationRunner runner) {
        synchronized (idle) {
            for (Iterator<ConversationRunner> i = idle.iterator(); i.hasNext(); ) {
                if (i.next() == runner) {
                    i.remove();
                    return;
                }
            }
        }
    }

    /** Says QUIT to all that wait, and to those given back from now on. */
    public void close() {
        List<ConversationRunner> all;
        synchronized (idle) {
            closed = true;
            all = List.copyOf(idle);
            idle.clear();
        }
        all.forEach(ConversationRunner::quit);
    }

    public int idle() {
        synchronized (idle) {
            return idle.size();
        }
    }
}
