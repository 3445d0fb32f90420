package org.hikyaku.real;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.hikyaku.world.Events;
import org.hikyaku.world.Tasks;
import org.jspecify.annotations.Nullable;

/**
 * Tasks on virtual threads, dedicated ones on platform threads. No thread is ever interrupted.
 *
 * <p><i>Failure:</i> what leaves a task is told as TASK_DIED; the others go on.
 */
public final class RealTasks implements Tasks {
    private static final long DAYS_MAX = 36_500;

    @SuppressWarnings("ThreadLocalUsage") // one for each World: nothing static
    private final ThreadLocal<@Nullable RealTask> running = new ThreadLocal<>();

    private final Events events;

    public RealTasks(Events events) {
        this.events = events;
    }

    @Override
    public Task start(String name, Runnable body) {
        return start(Thread.ofVirtual().inheritInheritableThreadLocals(false), name, body);
    }

    @Override
    public Task startDedicated(String name, Runnable body) {
        return start(Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false), name, body);
    }

    private Task start(Thread.Builder builder, String name, Runnable body) {
        RealTask task = new RealTask(name, body, this, events);
        task.start(builder);
        return task;
    }

    void enter(RealTask task) {
        running.set(task);
    }

    /** The task that calls; null for a thread that is none (main, a test). */
    @Nullable
    RealTask current() {
        return running.get();
    }

    long deadline(Duration limit) {
        Duration some = limit.toDays() > DAYS_MAX ? Duration.ofDays(DAYS_MAX) : limit;
        return System.nanoTime() + Math.max(0, some.toNanos());
    }

    @Override
    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on what the yield does
    public void sleep(Duration time) {
        if (time.isZero() || time.isNegative()) {
            RealTask self = current();
            if (self != null) {
                self.throwIfCancelled();
            }
            Thread.yield();
        } else {
            new WaitRoom().<Object>await(current(), true, deadline(time), () -> null);
        }
    }

    @Override
    public <T> Promise<T> promise() {
        return new RealPromise<>();
    }

    @Override
    public <T> Mailbox<T> mailbox(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        return new RealMailbox<>(capacity);
    }

    @Override
    public Permits permits(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("permits " + count);
        }
        return new RealPermits(count);
    }

    private <R> @Nullable R await(WaitRoom room, Supplier<@Nullable R> attempt) {
        return room.await(current(), false, 0, attempt);
    }

    private <R> @Nullable R await(WaitRoom room, Duration limit, Supplier<@Nullable R> attempt) {
        return room.await(current(), true, deadline(limit), attempt);
    }

    private final class RealPromise<T> implements Promise<T> {
        private final WaitRoom room = new WaitRoom();
        private volatile @Nullable T value;

        @Override
        public boolean complete(T given) {
            return room.change(Integer.MAX_VALUE, () -> {
                boolean first = value == null;
                if (first) {
                    value = given;
                }
                return first;
            });
        }

        @Override
        public boolean isDone() {
            return value != null;
        }

        @Override
        public T await() {
            return Optional.ofNullable(RealTasks.this.<T>await(room, () -> value))
                    .orElseThrow();
        }

        @Override
        public Optional<T> await(Duration limit) {
            return Optional.ofNullable(RealTasks.this.<T>await(room, limit, () -> value));
        }
    }

    /** What a reader found; without a letter: the mailbox is closed and empty. */
    private record Found<T>(@Nullable T letter) {}

    private final class RealMailbox<T> implements Mailbox<T> {
        private final ArrayDeque<T> letters = new ArrayDeque<>();
        private final ReentrantLock lock = new ReentrantLock();
        private final WaitRoom readers = new WaitRoom(lock);
        private final WaitRoom writers = new WaitRoom(lock);
        private final int capacity;
        private boolean closed;

        RealMailbox(int capacity) {
            this.capacity = capacity;
        }

        @Override
        public boolean offer(T letter) {
            return readers.change(0, () -> Boolean.TRUE.equals(add(letter, false)));
        }

        @Override
        public boolean put(T letter) {
            return Boolean.TRUE.equals(RealTasks.this.<Boolean>await(writers, () -> add(letter, true)));
        }

        /** True: taken; false: not to be; null: not now. */
        private @Nullable Boolean add(T letter, boolean wait) {
            if (closed) {
                return false;
            }
            if (letters.size() >= capacity) {
                return wait ? null : Boolean.FALSE;
            }
            letters.add(letter);
            readers.wake(1);
            return true;
        }

        @Override
        public @Nullable T take() {
            return letterOf(RealTasks.this.<Found<T>>await(readers, this::next));
        }

        @Override
        public @Nullable T poll(Duration limit) {
            return letterOf(RealTasks.this.<Found<T>>await(readers, limit, this::next));
        }

        private @Nullable T letterOf(@Nullable Found<T> found) {
            return found == null ? null : found.letter;
        }

        /** Null: nothing yet. */
        private @Nullable Found<T> next() {
            T letter = letters.poll();
            if (letter != null) {
                writers.wake(1);
                return new Found<>(letter);
            }
            return closed ? new Found<>(null) : null;
        }

        @Override
        public int drainTo(Collection<? super T> target, int most) {
            return writers.change(0, () -> {
                int count = 0;
                while (count < most && !letters.isEmpty()) {
                    target.add(letters.remove());
                    count++;
                }
                writers.wake(count);
                return count;
            });
        }

        @Override
        public int size() {
            return readers.change(0, letters::size);
        }

        @Override
        public void close() {
            readers.change(Integer.MAX_VALUE, () -> {
                writers.wake(Integer.MAX_VALUE);
                closed = true;
                return closed;
            });
        }
    }

    private final class RealPermits implements Permits {
        private final WaitRoom room = new WaitRoom();
        private int free;

        RealPermits(int count) {
            this.free = count;
        }

        private @Nullable Boolean take() {
            if (free == 0) {
                return null;
            }
            free--;
            return true;
        }

        @Override
        public boolean tryAcquire() {
            return room.change(0, () -> take() != null);
        }

        @Override
        public void acquire() {
            RealTasks.this.<Boolean>await(room, this::take);
        }

        @Override
        public boolean acquire(Duration limit) {
            return RealTasks.this.<Boolean>await(room, limit, this::take) != null;
        }

        @Override
        public void release() {
            room.change(1, () -> ++free);
        }
    }
}
