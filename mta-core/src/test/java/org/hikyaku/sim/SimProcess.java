package org.hikyaku.sim;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks.TaskCancelled;

/** One life of the program on a host, from its start to its crash. What belongs to a dead one throws {@link SimCrash}. */
final class SimProcess {
    private final SimHost host;
    private final SimScheduler scheduler;
    private final Set<SimTask> tasks = new LinkedHashSet<>();
    private final List<Runnable> atDeath = new ArrayList<>();
    private boolean dead;

    SimProcess(SimHost host, SimScheduler scheduler) {
        this.host = host;
        this.scheduler = scheduler;
    }

    SimHost host() {
        return host;
    }

    SimScheduler scheduler() {
        return scheduler;
    }

    /** Those that have not ended. */
    Set<SimTask> tasks() {
        return tasks;
    }

    boolean isDead() {
        return dead;
    }

    /** A world call of this process. */
    void point(String what) {
        scheduler.point(this, what);
    }

    /** Runs {@code action} when the process dies: what the kernel does for it. */
    void atDeath(Runnable action) {
        atDeath.add(action);
    }

    void die() {
        dead = true;
        atDeath.forEach(Runnable::run);
        atDeath.clear();
    }

    /** {@code cause} left {@code task}. An exception is an event, as in the real world; an error is a failed run. */
    void died(SimTask task, Throwable cause) {
        if (task.isLoop) {
            scheduler.fail("an exception left an event of loop " + task, cause);
        } else if (cause instanceof RuntimeException && !(cause instanceof TaskCancelled)) {
            host.events().record(Event.TASK_DIED, task.name, cause);
        } else {
            scheduler.fail("an error left task " + task, cause);
        }
    }
}
