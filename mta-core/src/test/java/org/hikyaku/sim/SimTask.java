package org.hikyaku.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.hikyaku.world.Tasks;
import org.jspecify.annotations.Nullable;

/** One thread of the simulated program: a task, or the thread of a loop. It runs only while it holds the baton. */
final class SimTask implements Tasks.Task {
    final int id;
    final String name;
    final SimProcess process;
    final Thread thread;
    final List<SimTask> joiners = new ArrayList<>();
    private final SimScheduler scheduler;
    private final Runnable body;
    private volatile boolean turn;

    boolean isLoop;
    boolean started;
    boolean done;
    boolean cancelled;
    /** What it waits for, for the dump. */
    String waitsFor = "its first turn";

    /** While it waits: the state of the wait. */
    @Nullable
    Wait wait;

    int callsAfterCrash;

    /** One wait. {@code queue}: where a waker looks for it. */
    static final class Wait {
        final @Nullable List<SimTask> queue;
        final boolean cancellable;
        SimTimers.@Nullable SimTimer alarm;

        @Nullable
        End end;

        Wait(@Nullable List<SimTask> queue, boolean cancellable) {
            this.queue = queue;
            this.cancellable = cancellable;
        }
    }

    /** How a wait ended. */
    enum End {
        WOKEN,
        LATE,
        CANCELLED
    }

    SimTask(int id, String name, SimProcess process, SimScheduler scheduler, Runnable body) {
        this.id = id;
        this.name = name;
        this.process = process;
        this.scheduler = scheduler;
        this.body = body;
        this.thread = scheduler
                .carrier()
                .threads()
                .name(process.host().name() + "/" + name)
                .inheritInheritableThreadLocals(false)
                .unstarted(this::main);
    }

    @Override
    public void cancel() {
        scheduler.point(process, "cancel");
        scheduler.cancel(this);
    }

    @Override
    public boolean join(Duration limit) {
        scheduler.point(process, "join");
        long deadline = scheduler.deadline(limit);
        scheduler.throwIfCancelled("join");
        while (!done) {
            if (!scheduler.await(process, joiners, "the end of " + name, deadline)) {
                return done;
            }
        }
        return true;
    }

    void giveTurn() {
        turn = true;
        if (started) {
            LockSupport.unpark(thread);
        } else {
            started = true;
            thread.start();
        }
    }

    void takeTurn() {
        turn = false;
    }

    void awaitTurn() {
        while (!turn) {
            LockSupport.park(this);
        }
    }

    private void main() {
        Throwable cause = null;
        try {
            body.run();
        } catch (SimCrash | Tasks.TaskCancelled end) {
            cause = null;
        } catch (Throwable any) {
            cause = any;
        }
        scheduler.ended(this, cause);
    }

    @Override
    public String toString() {
        return process.host().name() + "/" + name + "#" + id;
    }
}
