package org.hikyaku.real;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.hikyaku.world.Tasks;
import org.jspecify.annotations.Nullable;

/** A task on its thread. */
final class RealTask implements Tasks.Task {
    private final String name;
    private final Runnable body;
    private final RealTasks tasks;
    private final Events events;
    private final WaitRoom ended = new WaitRoom();
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private volatile boolean done;
    private volatile @Nullable Thread thread;

    RealTask(String name, Runnable body, RealTasks tasks, Events events) {
        this.name = name;
        this.body = body;
        this.tasks = tasks;
        this.events = events;
    }

    void start(Thread.Builder builder) {
        Thread made = builder.name(name).unstarted(this::run);
        thread = made;
        made.start();
    }

    private void run() {
        tasks.enter(this);
        try {
            body.run();
        } catch (Tasks.TaskCancelled end) {
            cancelled.set(false); // its way to end
        } catch (Throwable cause) {
            events.emit(Event.TASK_DIED, name, cause);
        } finally {
            ended.change(Integer.MAX_VALUE, () -> done = true);
        }
    }

    @Override
    public void cancel() {
        cancelled.set(true);
        LockSupport.unpark(thread);
    }

    @Override
    public boolean join(Duration limit) {
        Boolean end = ended.await(tasks.current(), true, tasks.deadline(limit), () -> done ? Boolean.TRUE : null);
        return end != null;
    }

    boolean isCancelled() {
        return cancelled.get();
    }

    void throwIfCancelled() {
        if (cancelled.compareAndSet(true, false)) {
            throw new Tasks.TaskCancelled();
        }
    }
}
