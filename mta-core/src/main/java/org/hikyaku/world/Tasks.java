package org.hikyaku.world;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Straight lines of blocking code, and all that they wait for. A task waits only through these types (or another call
 * of the World).
 *
 * <p>Promise, Mailbox and Permits may be completed, offered to and released from anywhere, loops too; only tasks may
 * wait. A waiting task that is cancelled gets {@link TaskCancelled} out of its wait; it is never interrupted in the
 * middle of a disk operation.
 */
public interface Tasks {
    /** Starts {@code body} on a light thread. An exception that leaves it is an event TASK_DIED and ends the task. */
    Task start(String name, Runnable body);

    /** As {@link #start}, on a thread of its own: for a task that spends its life in the kernel (the committer). */
    Task startDedicated(String name, Runnable body);

    /** Waits; of no duration it only lets others run. */
    void sleep(Duration time);

    <T> Promise<T> promise();

    /** A queue that holds at most {@code capacity} letters. */
    <T> Mailbox<T> mailbox(int capacity);

    Permits permits(int count);

    /** A running task. */
    interface Task {
        /** Makes its present or next wait throw {@link TaskCancelled}. */
        void cancel();

        /** Waits for its end; false when it took longer than {@code limit}. */
        boolean join(Duration limit);
    }

    /** A value that comes once. */
    interface Promise<T> {
        /** True for the first caller, whose value it is. */
        boolean complete(T value);

        boolean isDone();

        T await();

        /** Empty when the value has not come within {@code limit}. */
        Optional<T> await(Duration limit);
    }

    /** A bounded queue of many writers and any number of readers, first in first out. */
    interface Mailbox<T> {
        /** False when it is full or closed: the letter was not taken. */
        boolean offer(T letter);

        /** Waits for room; false when closed. */
        boolean put(T letter);

        /** Waits for a letter; null when it is closed and empty. */
        @Nullable
        T take();

        /** Waits at most {@code limit}; null when nothing came or it is closed and empty. */
        @Nullable
        T poll(Duration limit);

        /** Moves up to {@code most} letters that are there into {@code target} without waiting; returns how many. */
        int drainTo(Collection<? super T> target, int most);

        int size();

        /** No more letters; readers get what is left, then null. */
        void close();
    }

    /** Counted leave to do something. */
    interface Permits {
        boolean tryAcquire();

        void acquire();

        boolean acquire(Duration limit);

        void release();
    }

    /** Thrown out of a wait of a cancelled task. Let it pass. */
    final class TaskCancelled extends RuntimeException {
        private static final long serialVersionUID = 1;

        public TaskCancelled() {
            super("task cancelled", null, false, false);
        }
    }
}
