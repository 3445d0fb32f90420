package org.hikyaku.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.world.Tasks;
import org.jspecify.annotations.Nullable;

/** One thread of the simulated program: a task, or that of a loop. It runs only while it holds the baton. */
final class SimTask implements Tasks.Task {
    final int id;
    final String name;
    final SimProcess process;
    final List<SimTask> joiners = new ArrayList<>();
    private final SimScheduler scheduler;
    private final Runnable body;
    private final SimStack stack;

    boolean isLoop;
    boolean dedicated;
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
        this.stack = new SimStack(this::main);
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

    /** Runs it until it gives the baton away. */
    void resume() {
        started = true;
        stack.resume();
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
