package org.hikyaku.sim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.world.Loop;

/** A loop: a task that lives on events. In the middle of an event, at a world call, others may run: it is a thread. */
final class SimLoop implements Loop {
    private final SimProcess process;
    private final SimScheduler scheduler;
    private final ArrayDeque<Runnable> events = new ArrayDeque<>();
    private final List<SimTask> idle = new ArrayList<>();
    private final SimTask task;

    SimLoop(SimProcess process, String name) {
        this.process = process;
        this.scheduler = process.scheduler();
        this.task = scheduler.start(process, name, this::live);
        task.isLoop = true;
    }

    @Override
    public void execute(Runnable event) {
        process.point("loop execute");
        post(event);
    }

    @Override
    public Timer schedule(Duration delay, Runnable event) {
        process.point("loop schedule");
        boolean[] over = new boolean[1];
        SimTimers.SimTimer timer = scheduler.at(
                process,
                scheduler.deadline(delay),
                () -> post(() -> {
                    if (!over[0]) {
                        event.run();
                    }
                }));
        return () -> {
            over[0] = true;
            timer.cancel();
        };
    }

    @Override
    public boolean isHere() {
        return scheduler.runs(task);
    }

    /** As execute, for the simulator's own use: no world call. */
    void post(Runnable event) {
        events.add(event);
        scheduler.wakeOne(idle);
    }

    private void live() {
        while (true) {
            Runnable event = events.poll();
            if (event == null) {
                scheduler.idle(process, idle);
            } else {
                event.run();
            }
        }
    }
}
