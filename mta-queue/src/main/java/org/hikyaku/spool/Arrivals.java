package org.hikyaku.spool;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.hikyaku.world.World;

/**
 * Changes on their way to the journal, in the order in which they came. One that waits for its file holds back what follows
 * for the same messages; marks wait a little for company (docs/spool.md, Delivered marks). {@link #add}, {@link #ring},
 * {@link #close}, {@link #isClosed} and {@link #marksWait} are anybody's, the rest is the committer's.
 *
 * <p><i>Failure:</i> closed, it takes nothing more, and says so; what is there is still given out.
 */
final class Arrivals {
    private static final int AT_ONCE = 4096;
    private static final long NOT_WAITING = Long.MIN_VALUE;

    private final World world;
    private final WorkQueue<Waiting> queue;
    private final ArrayList<Waiting> waiting = new ArrayList<>();
    private final ArrayDeque<Waiting> ready = new ArrayDeque<>();
    private volatile long marksWait;
    private long marksSince = NOT_WAITING;

    Arrivals(World world) {
        this.world = world;
        this.queue = new WorkQueue<>(world.tasks());
    }

    /** False when closed: not taken. */
    boolean add(Waiting item) {
        return queue.add(item, item.isMark());
    }

    /** Ends a wait: a file that a change waits for is there, or there is something else to see to. */
    void ring() {
        queue.ring();
    }

    void close() {
        queue.close();
    }

    boolean isClosed() {
        return queue.isClosed();
    }

    /** How long marks wait for something to be written with. */
    void marksWait(Duration most) {
        marksWait = most.toNanos();
    }

    /** Whether only marks came. */
    boolean isPatient() {
        return queue.isPatient();
    }

    /** How long marks that came may still wait. */
    long marksLeft() {
        long now = world.clock().nanos();
        if (marksSince == NOT_WAITING) {
            marksSince = now;
        }
        return marksSince + marksWait - now;
    }

    /** Takes what came. */
    void take() {
        marksSince = NOT_WAITING;
        queue.drainTo(waiting, AT_ONCE);
    }

    /** Whether there is nothing, and nothing will come. */
    boolean isOver() {
        return waiting.isEmpty() && queue.isClosed() && queue.isEmpty();
    }

    /** Whether nothing came that was not taken. */
    boolean isQuiet() {
        return queue.isEmpty();
    }

    /** Finds out what of that taken is ready, in order. */
    void sort() {
        ArrayList<Waiting> rest = new ArrayList<>(0);
        HashSet<Long> held = new HashSet<>();
        for (Waiting item : waiting) {
            if (!item.isReady() || (!held.isEmpty() && item.touchesAny(held))) {
                item.addTo(held);
                rest.add(item);
            } else {
                ready.add(item);
            }
        }
        waiting.clear();
        waiting.addAll(rest);
    }

    boolean hasReady() {
        return !ready.isEmpty();
    }

    /** The first that is ready; it stays until it is removed, so that nobody is forgotten when the committer dies. */
    Waiting first() {
        return ready.getFirst();
    }

    void removeFirst() {
        ready.removeFirst();
    }

    /** Waits until something comes or somebody rings; for marks alone to the end of {@code limit}. */
    void await(Duration limit) {
        queue.await(limit);
    }

    /** Closes it and gives out all there is, ready or not. */
    List<Waiting> closeAndTakeAll() {
        queue.close();
        queue.drainTo(waiting, Integer.MAX_VALUE);
        waiting.addAll(0, ready);
        return waiting;
    }
}
