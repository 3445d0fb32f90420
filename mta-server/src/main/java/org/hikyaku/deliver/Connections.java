package org.hikyaku.deliver;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Site;
import org.hikyaku.route.Hop;
import org.jspecify.annotations.Nullable;

/**
 * Connections that wait for the next message of the same site to the same host, oldest first; bounded in number and in time. Each
 * counts where it was made ({@link Places}), so no other site has it. Whoever takes one, by {@link #borrow} or {@link #take}, has it for himself until he gives it back.
 *
 * <p><i>Failure:</i> one that its host closes is forgotten; one that ends while it is borrowed tells its borrower.
 */
public final class Connections {
    /** Idle connections in all; each holds a socket here and a process or thread there. */
    private static final int IDLE_MAX = 1_000;

    private final int idleMax;
    // guarded by itself, with lastFirst; the one that has waited longest is first
    private final LinkedHashMap<ConversationRunner, Idle> idle = new LinkedHashMap<>();
    // by host, the one that was used last is first; only looked up
    private final Map<Door, Deque<Idle>> lastFirst = new HashMap<>();
    private boolean closed;
    private volatile Rests rests = (runner, site) -> () -> {};
    private volatile Needs needs = new Needs() {};

    public Connections() {
        this(IDLE_MAX);
    }

    /** @param idleMax so many wait; of more the one that has waited longest is ended */
    Connections(int idleMax) {
        this.idleMax = idleMax;
    }

    /** Is told of each connection that waits. */
    interface Rests {
        /**
         * Just before it waits.
         *
         * @return to be run when it waits no more
         */
        Runnable rests(ConversationRunner runner, Site site);
    }

    /** Who may need a connection. */
    interface Needs {
        /** True when it need not wait: somebody has it, or it has ended. */
        default boolean offer(ConversationRunner runner, Site site) {
            return false;
        }

        /** Whether {@link #offer} would be true. */
        default boolean needs(ConversationRunner runner, Site site) {
            return false;
        }
    }

    private record Idle(ConversationRunner runner, Site site, Runnable end) {}

    /** Whom a connection serves ({@link Hop#serves}), and of which site's mail. */
    private record Door(Hop hop, Site site) {
        static Door of(Hop hop, Site site) {
            return new Door(hop.preferred(0), site);
        }
    }

    /** From now on {@code told} is told. */
    void onRest(Rests told) {
        rests = told;
    }

    /** From now on each one that is given back is offered first to {@code who}. */
    void onGiveBack(Needs who) {
        needs = who;
    }

    /** The one that mail of {@code site} was sent by last to {@code hop}. */
    Optional<ConversationRunner> borrow(Hop hop, Site site) {
        Idle found = lastFor(Door.of(hop, site));
        if (found == null) {
            return Optional.empty();
        }
        found.end.run();
        return Optional.of(found.runner);
    }

    private @Nullable Idle lastFor(Door door) {
        synchronized (idle) {
            Deque<Idle> there = lastFirst.get(door);
            return there == null ? null : remove(there.getFirst().runner);
        }
    }

    /** Takes this one; false when somebody else has it, or nobody any more. */
    boolean take(ConversationRunner runner) {
        return remove(runner) != null;
    }

    /**
     * Keeps it for {@code time}, unless it was used often enough, or is needed.
     *
     * @param site for which it was made
     */
    void giveBack(ConversationRunner runner, Site site, int usesMax, Duration time) {
        int uses = runner.uses();
        int most = Math.min(usesMax, runner.offer().limits().messages()); // RFC 9422, MAILMAX
        if (uses >= most || time.isZero()) {
            runner.quit();
            return;
        }
        if (needs.offer(runner, site)) {
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
        // who has looked for it between the offer and now, and waits, has not seen it
        if (needs.needs(runner, site) && forget(runner)) {
            giveBack(runner, site, usesMax, time);
        }
    }

    /** Has the one of {@code site} that has waited longest say QUIT; false when there is none. */
    boolean end(Site site) {
        Idle oldest = null;
        synchronized (idle) {
            for (Idle each : idle.values()) {
                if (each.site.equals(site)) {
                    oldest = remove(each.runner);
                    break;
                }
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
            idle.put(given.runner, given);
            lastFirst
                    .computeIfAbsent(Door.of(given.runner.hop(), given.site), door -> new ArrayDeque<>(2))
                    .addFirst(given);
            return idle.size() > idleMax ? remove(idle.firstEntry().getKey()) : null;
        }
    }

    private boolean forget(ConversationRunner runner) {
        Idle forgotten = remove(runner);
        if (forgotten != null) {
            forgotten.end.run();
        }
        return forgotten != null;
    }

    private @Nullable Idle remove(ConversationRunner runner) {
        synchronized (idle) {
            Idle found = idle.remove(runner);
            if (found != null) {
                Door door = Door.of(runner.hop(), found.site);
                Deque<Idle> there = lastFirst.get(door);
                if (there != null && there.remove(found) && there.isEmpty()) {
                    lastFirst.remove(door);
                }
            }
            return found;
        }
    }

    /** Says QUIT to all that wait, and to those given back from now on. */
    public void close() {
        List<Idle> all;
        synchronized (idle) {
            closed = true;
            all = List.copyOf(idle.values());
            idle.clear();
            lastFirst.clear();
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
