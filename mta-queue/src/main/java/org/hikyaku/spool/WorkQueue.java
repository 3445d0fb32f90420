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
    private final ArrayDeque<T> work = new ArrayDeque<>();
    private final Tasks.Mailbox<Boolean> bell;
    private boolean closed;

    WorkQueue(Tasks tasks) {
        this.bell = tasks.mailbox(1);
    }

    /** False when closed: not taken. */
    boolean add(T item) {
        boolean wasEmpty;
        synchronized (work) {
            if (closed) {
                return false;
            }
            wasEmpty = work.isEmpty();
            work.add(item);
        }
        if (wasEmpty) {
            bell.offer(true);
        }
        return true;
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
        }
    }

    /** Waits until something may be there, someone rings, it is closed, or {@code limit} (null: none) is over. */
    void await(@Nullable Duration limit) {
        if (!isEmpty()) {
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
