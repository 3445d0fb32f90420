package org.hikyaku.sim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.hikyaku.world.Tasks;
import org.jspecify.annotations.Nullable;

/** Tasks under the baton. Who of several waiters is served is left to the seed. */
final class SimTasks implements Tasks {
    private final SimProcess process;
    private final SimScheduler scheduler;

    SimTasks(SimProcess process) {
        this.process = process;
        this.scheduler = process.scheduler();
    }

    @Override
    public Task start(String name, Runnable body) {
        process.point("start");
        return scheduler.start(process, name, body);
    }

    @Override
    public Task startDedicated(String name, Runnable body) {
        process.point("start");
        SimTask task = scheduler.start(process, name, body);
        task.dedicated = true;
        return task;
    }

    @Override
    public void sleep(Duration time) {
        process.point("sleep");
        if (time.isZero() || time.isNegative()) {
            scheduler.throwIfCancelled("sleep");
            scheduler.giveWay("sleep(0)");
        } else {
            scheduler.await(process, new ArrayList<>(), "sleep", scheduler.deadline(time));
        }
    }

    @Override
    public <T> Promise<T> promise() {
        return new SimPromise<>();
    }

    @Override
    public <T> Mailbox<T> mailbox(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        return new SimMailbox<>(capacity);
    }

    @Override
    public Permits permits(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("permits " + count);
        }
        return new SimPermits(count);
    }

    private final class SimPromise<T> implements Promise<T> {
        private final List<SimTask> waiters = new ArrayList<>();
        private @Nullable T value;

        @Override
        public boolean complete(T given) {
            process.point("promise complete");
            if (value != null) {
                return false;
            }
            value = given;
            scheduler.wakeAll(waiters);
            return true;
        }

        @Override
        public boolean isDone() {
            process.point("promise isDone");
            return value != null;
        }

        @Override
        public T await() {
            return await(SimScheduler.NEVER).orElseThrow();
        }

        @Override
        public Optional<T> await(Duration limit) {
            return await(scheduler.deadline(limit));
        }

        private Optional<T> await(long deadline) {
            process.point("promise await");
            scheduler.throwIfCancelled("promise");
            while (value == null) {
                if (!scheduler.await(process, waiters, "promise", deadline)) {
                    break;
                }
            }
            return Optional.ofNullable(value);
        }
    }

    private final class SimMailbox<T> implements Mailbox<T> {
        private final ArrayDeque<T> letters = new ArrayDeque<>();
        private final List<SimTask> readers = new ArrayList<>();
        private final List<SimTask> writers = new ArrayList<>();
        private final int capacity;
        private boolean closed;

        SimMailbox(int capacity) {
            this.capacity = capacity;
        }

        @Override
        public boolean offer(T letter) {
            process.point("mailbox offer");
            if (closed || letters.size() >= capacity) {
                return false;
            }
            letters.add(letter);
            scheduler.wakeOne(readers);
            return true;
        }

        @Override
        public boolean put(T letter) {
            process.point("mailbox put");
            scheduler.throwIfCancelled("mailbox put");
            while (!closed && letters.size() >= capacity) {
                scheduler.await(process, writers, "room in a mailbox", SimScheduler.NEVER);
            }
            if (closed) {
                return false;
            }
            letters.add(letter);
            scheduler.wakeOne(readers);
            return true;
        }

        @Override
        public @Nullable T take() {
            return take(SimScheduler.NEVER);
        }

        @Override
        public @Nullable T poll(Duration limit) {
            return take(scheduler.deadline(limit));
        }

        private @Nullable T take(long deadline) {
            process.point("mailbox take");
            scheduler.throwIfCancelled("mailbox take");
            while (letters.isEmpty() && !closed) {
                if (!scheduler.await(process, readers, "a letter", deadline)) {
                    break;
                }
            }
            T letter = letters.poll();
            scheduler.wakeOne(writers);
            return letter;
        }

        @Override
        public int drainTo(Collection<? super T> target, int most) {
            process.point("mailbox drainTo");
            int count = 0;
            while (count < most && !letters.isEmpty()) {
                target.add(letters.remove());
                scheduler.wakeOne(writers);
                count++;
            }
            return count;
        }

        @Override
        public int size() {
            process.point("mailbox size");
            return letters.size();
        }

        @Override
        public void close() {
            process.point("mailbox close");
            closed = true;
            scheduler.wakeAll(readers);
            scheduler.wakeAll(writers);
        }
    }

    private final class SimPermits implements Permits {
        private final List<SimTask> waiters = new ArrayList<>();
        private int free;

        SimPermits(int count) {
            this.free = count;
        }

        @Override
        public boolean tryAcquire() {
            process.point("permits tryAcquire");
            if (free == 0) {
                return false;
            }
            free--;
            return true;
        }

        @Override
        public void acquire() {
            acquire(SimScheduler.NEVER);
        }

        @Override
        public boolean acquire(Duration limit) {
            return acquire(scheduler.deadline(limit));
        }

        private boolean acquire(long deadline) {
            process.point("permits acquire");
            scheduler.throwIfCancelled("permits");
            while (free == 0) {
                if (!scheduler.await(process, waiters, "a permit", deadline)) {
                    break;
                }
            }
            if (free == 0) {
                return false;
            }
            free--;
            return true;
        }

        @Override
        public void release() {
            process.point("permits release");
            free++;
            scheduler.wakeOne(waiters);
        }
    }
}
