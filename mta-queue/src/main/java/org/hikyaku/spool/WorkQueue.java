package org.hikyaku.spool;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import org.hikyaku.world.Tasks;
import org.jspecify.annotations.Nullable;

/**
 * Work for one task, given by many without waiting. What bounds it is the memory of drafts and the number of claims, not
 * the queue.
 */
final class WorkQueue<T> {
    /** So many wait for nothing more. */
    private static final int PATIENT_MAX = 8;

    private final ArrayDeque<T> work = new ArrayDeque<>();
    private final Tasks.Mailbox<Boolean> bell;
    private boolean closed;
    /** Something there is not to wait. */
    private boolean urgent;

    WorkQueue(Tasks tasks) {
        this.bell = tasks.mailbox(1);
    }

    /** False when closed: not taken. */
    boolean add(T item) {
        return add(item, false);
    }

    /**
     * False when closed: not taken.
     *
     * @param patient may wait for other work; the reader is told that it is there, but not of each
     */
    boolean add(T item, boolean patient) {
        boolean ring;
        synchronized (work) {
            if (closed) {
                return false;
            }
            boolean wasUrgent = urgent;
            work.add(item);
            urgent |= !patient || work.size() >= PATIENT_MAX;
            ring = work.size() == 1 || (urgent && !wasUrgent);
        }
        if (ring) {
            bell.offer(true);
        }
        return true;
    }

    /** Whether all that is there may wait for other work. */
    boolean isPatient() {
        synchronized (work) {
            return !urgent && !closed && !work.isEmpty();
        }
    }

    /** Ends a wait of the reader, although there may be nothing. */
    void ring() {
        bell.offer(true);
    }

    /** Moves what is there, up to {@code most}, without waiting. */
    void drainTo(Collection<? super T> target, int most) {
        synchronized (work) {
            for (int i = 0; i < most && !work.isEmpty(); i++) {
                target.add(work.remove());
            }
            urgent &= !work.isEmpty();
        }
    }

    /**
     * Waits until something may be there, someone rings, it is closed, or {@code limit} (null: none) is over; for what is
     * patient only until the limit.
     */
    void await(@Nullable Duration limit) {
        if (limit == null ? !isEmpty() : !isEmpty() && !isPatient()) {
            return;
        }
        if (limit == null) {
            bell.take();
        } else {
            bell.poll(limit);
        }
    }

    boolean isEmpty() {
        synchronized (work) {
            return work.isEmpty();
        }
    }

    boolean isClosed() {
        synchronized (work) {
            return closed;
        }
    }

    /** Takes no more; what is there can still be drained. */
    void close() {
        synchronized (work) {
            closed = true;
        }
        bell.offer(true);
    }
}
