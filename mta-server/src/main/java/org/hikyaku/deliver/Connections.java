package org.hikyaku.deliver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Site;
import org.hikyaku.route.Hop;
import org.jspecify.annotations.Nullable;

/**
 * Connections that wait for the next message to the same host, oldest first; bounded in number and in time. Whoever takes
 * one, by {@link #borrow} or {@link #take}, has it for himself until he gives it back.
 *
 * <p><i>Failure:</i> one that its host closes is forgotten; one that ends while it is borrowed tells its borrower.
 */
public final class Connections {
    /** Idle connections in all; each holds a socket here and a process or thread there. */
    private static final int IDLE_MAX = 128;

    private final List<Idle> idle = new ArrayList<>();
    private boolean closed;
    private volatile Rests rests = (runner, site) -> () -> {};

    /** Is told of each connection that waits. */
    interface Rests {
        /**
         * Just before it waits.
         *
         * @return to be run when it waits no more
         */
        Runnable rests(ConversationRunner runner, Site site);
    }

    private record Idle(ConversationRunner runner, Site site, Runnable end) {}

    /** From now on {@code told} is told. */
    void onRest(Rests told) {
        rests = told;
    }

    /** The one that was used last for {@code hop}. */
    Optional<ConversationRunner> borrow(Hop hop) {
        Idle found = lastFor(hop);
        if (found == null) {
            return Optional.empty();
        }
        found.end.run();
        return Optional.of(found.runner);
    }

    private @Nullable Idle lastFor(Hop hop) {
        synchronized (idle) {
            for (int i = idle.size() - 1; i >= 0; i--) {
                if (idle.get(i).runner.hop().serves(hop)) {
                    return idle.remove(i);
                }
            }
            return null;
        }
    }

    /** Takes this one; false when somebody else has it, or nobody any more. */
    boolean take(ConversationRunner runner) {
        return remove(runner) != null;
    }

    /** Keeps it for {@code time}, unless it was used often enough. */
    void giveBack(ConversationRunner runner, Site site, int usesMax, Duration time) {
        int uses = runner.uses();
        int most = Math.min(usesMax, runner.offer().limits().messages()); // RFC 9422, MAILMAX
        if (uses >= most || time.isZero()) {
            runner.quit();
            return;
        }
        Idle given = new Idle(runner, site, rests.rests(runner, site));
        Idle tooMany = add(given);
        if (tooMany != null) {
            tooMany.end.run();
            tooMany.runner.quit();
        }
        if (tooMany == null || tooMany.runner != runner) {
            runner.rest(uses, time, () -> forget(runner));
        }
    }

    /** Has the one of {@code site} that has waited longest say QUIT; false when there is none. */
    boolean end(Site site) {
        Idle oldest = null;
        synchronized (idle) {
            for (int i = 0; i < idle.size() && oldest == null; i++) {
                oldest = idle.get(i).site.equals(site) ? idle.remove(i) : null;
            }
        }
        if (oldest == null) {
            return false;
        }
        oldest.end.run();
        oldest.runner.quit();
        return true;
    }

    private @Nullable Idle add(Idle given) {
        synchronized (idle) {
            if (closed) {
                return given;
            }
            idle.add(given);
            return idle.size() > IDLE_MAX ? idle.removeFirst() : null;
        }
    }

    private void forget(ConversationRunner runner) {
        Idle forgotten = remove(runner);
        if (forgotten != null) {
            forgotten.end.run();
        }
    }

    private @Nullable Idle remove(ConversationRunner runner) {
        synchronized (idle) {
            for (Iterator<Idle> i = idle.iterator(); i.hasNext(); ) {
                Idle each = i.next();
                if (each.runner == runner) {
                    i.remove();
                    return each;
                }
            }
            return null;
        }
    }

    /** Says QUIT to all that wait, and to those given back from now on. */
    public void close() {
        List<Idle> all;
        synchronized (idle) {
            closed = true;
            all = List.copyOf(idle);
            idle.clear();
        }
        for (Idle each : all) {
            each.end.run();
            each.runner.quit();
        }
    }

    public int idle() {
        synchronized (idle) {
            return idle.size();
        }
    }
}
