package org.hikyaku.real;

import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.hikyaku.world.Tasks.TaskCancelled;
import org.jspecify.annotations.Nullable;

/**
 * Where tasks wait for a condition over state that only {@link #change} and attempts touch. Whoever is woken tries again;
 * a wake is never lost: who leaves without having used his passes it on.
 *
 * <p>A cancel is a flag and an unpark, never an interrupt, which would close a file under a task at work.
 */
final class WaitRoom {
    static final long NEVER = Long.MAX_VALUE;

    private final ReentrantLock lock;
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

    /** One wait. {@code queued} is guarded by the lock. */
    private static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private boolean queued;
    }

    WaitRoom() {
        this(new ReentrantLock());
    }

    /** A room beside another over the same state: both are given one lock. */
    WaitRoom(ReentrantLock lock) {
        this.lock = lock;
    }

    /** Does {@code step} alone, then wakes up to {@code wakes} of those that wait. */
    <R> R change(int wakes, Supplier<R> step) {
        lock.lock();
        try {
            R result = step.get();
            wake(wakes);
            return result;
        } finally {
            lock.unlock();
        }
    }

    /** Wakes those that came first; under the lock. */
    void wake(int count) {
        for (int i = 0; i < count; i++) {
            Waiter waiter = waiters.poll();
            if (waiter == null) {
                return;
            }
            waiter.queued = false;
            LockSupport.unpark(waiter.thread);
        }
    }

    /**
     * Tries until {@code attempt}, made under the lock, gives a value; null when {@code deadline} comes first.
     *
     * @param deadline by System.nanoTime, or {@link #NEVER}
     * @throws TaskCancelled when {@code self} is cancelled before an attempt has succeeded
     */
    <R> @Nullable R await(@Nullable RealTask self, boolean timed, long deadline, Supplier<@Nullable R> attempt) {
        if (self != null) {
            self.throwIfCancelled();
        }
        Waiter waiter = new Waiter();
        boolean interrupted = false;
        try {
            while (true) {
                R value = tryOnce(waiter, attempt);
                if (value != null) {
                    return value;
                }
                long left = timed ? deadline - System.nanoTime() : NEVER;
                if (left <= 0 || (self != null && self.isCancelled())) {
                    leave(waiter);
                    if (self != null) {
                        self.throwIfCancelled();
                    }
                    return null;
                }
                if (timed) {
                    LockSupport.parkNanos(this, left);
                } else {
                    LockSupport.park(this);
                }
                interrupted |= Thread.interrupted(); // else park would not park any more
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private <R> @Nullable R tryOnce(Waiter waiter, Supplier<@Nullable R> attempt) {
        lock.lock();
        try {
            R value = attempt.get();
            if (value != null) {
                if (waiter.queued) {
                    waiters.remove(waiter);
                    waiter.queued = false;
                }
            } else if (!waiter.queued) {
                waiters.add(waiter);
                waiter.queued = true;
            }
            return value;
        } finally {
            lock.unlock();
        }
    }

    private void leave(Waiter waiter) {
        lock.lock();
        try {
            if (waiter.queued) {
                waiters.remove(waiter);
            } else {
                wake(1);
            }
        } finally {
            lock.unlock();
        }
    }
}
