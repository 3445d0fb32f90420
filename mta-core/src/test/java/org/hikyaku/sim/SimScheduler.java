package org.hikyaku.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.hikyaku.world.Tasks.TaskCancelled;
import org.jspecify.annotations.Nullable;

/**
 * The baton: exactly one task runs at a time; at every world call the seed may hand it to another; when all wait, time
 * jumps to the next timer. Everything in the simulator is touched by the holder of the baton alone, so nothing here is
 * locked; the hand-over orders memory.
 *
 * <p><i>Failure:</i> a deadlock, a livelock and an error out of a task end {@link #drive} with {@link SimFailure} and a
 * dump of who waits for what.
 */
final class SimScheduler {
    static final long NEVER = Long.MAX_VALUE;
    static final long IDLE = -1;
    private static final long CALLS_AT_ONE_RUN_MAX = 3_000_000;
    private static final int CALLS_AFTER_CRASH_MAX = 10_000;

    private final SimRandom random;
    private final SimHistory history;
    private final int switchOf256;
    private final List<SimTask> runnable = new ArrayList<>();
    private final SimTimers timers = new SimTimers();
    private final List<SimTask> all = new ArrayList<>();

    private long now;
    private long calls;
    private long callsOfRunMax = CALLS_AT_ONE_RUN_MAX;
    private long callsMax;
    private long crashAt = NEVER;
    private @Nullable SimProcess crashing;
    private int taskIds;
    private @Nullable SimTask current;

    private @Nullable SimFailure failure;
    private BooleanSupplier until = () -> true;
    private long limit = NEVER;
    private volatile @Nullable Thread driver;
    private volatile boolean driverTurn = true;
    private volatile boolean closed;

    SimScheduler(SimRandom random, SimHistory history) {
        this.random = random;
        this.history = history;
        // Few switches let one task run far ahead, many interleave finely: each finds other bugs.
        this.switchOf256 = new int[] {4, 16, 64, 160}[random.below(4)];
        SimWatch.over(this);
    }

    /** Nothing runs any more. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    /** For {@link SimWatch}, from another thread: grows while tasks run; IDLE when none does. */
    long progress() {
        return driverTurn ? IDLE : calls;
    }

    @Nullable
    Thread driver() {
        return driver;
    }

    long now() {
        return now;
    }

    long calls() {
        return calls;
    }

    SimHistory history() {
        return history;
    }

    long deadline(Duration wait) {
        long nanos = wait.compareTo(Duration.ofDays(36_500)) > 0 ? NEVER : wait.toNanos();
        return nanos >= NEVER - now ? NEVER : now + Math.max(0, nanos);
    }

    SimTimers.SimTimer at(SimProcess process, long when, Runnable action) {
        return timers.add(process, Math.max(when, now), action);
    }

    /** Somebody looks at the clock: that too takes time, so that who spins until a time does not spin for ever. */
    void tick() {
        SimTask self = current;
        if (self != null) {
            now += 100;
            if (++calls > callsMax) {
                livelock(self, "clock");
            }
        }
    }

    private void livelock(SimTask self, String what) {
        fail("livelock: " + calls + " world calls, the last is " + what + " of " + self, null);
        runnable.add(self);
        pass(self);
    }

    /** How many world calls one run may take before it counts as a livelock. */
    void callsOfRunMax(long most) {
        callsOfRunMax = most;
    }

    /** Whether who runs has a thread of his own. */
    boolean runsDedicated() {
        return current != null && current.dedicated;
    }

    SimTask start(SimProcess process, String name, Runnable body) {
        SimTask task = new SimTask(++taskIds, name, process, this, body);
        all.add(task);
        process.tasks().add(task);
        runnable.add(task);
        history.add(now, "start", name);
        return task;
    }

    /** Every world call passes here: a crash, a hand-over or nothing. */
    void point(SimProcess process, String what) {
        if (process.isDead()) {
            throw crashOf(current);
        }
        SimTask self = current;
        if (self == null) {
            return; // the driver looks on between two runs
        }
        if (self.process.isDead()) {
            throw crashOf(self);
        }
        if (!Thread.currentThread().equals(driver)) {
            throw new IllegalStateException("world call '" + what + "' from " + Thread.currentThread()
                    + ", which does not hold the baton; " + self + " does");
        }
        calls++;
        now += 200 + random.below(4000);
        if (calls > callsMax) {
            livelock(self, what);
        } else if (calls >= crashAt) {
            crashAt = NEVER;
            crash(crashing == null ? process : crashing);
        } else if (random.below(256) < switchOf256) {
            self.waitsFor = what;
            runnable.add(self);
            pass(self);
        }
    }

    /**
     * Waits in {@code queue} until woken; false when the deadline came first.
     *
     * @throws TaskCancelled when the task is cancelled while it waits
     */
    boolean await(SimProcess process, List<SimTask> queue, String what, long deadline) {
        SimTask self = waiter(what);
        throwIfCancelled(what);
        if (deadline <= now) {
            return false;
        }
        queue.add(self);
        SimTask.End end = suspend(self, new SimTask.Wait(queue, true), process, what, deadline);
        if (end == SimTask.End.CANCELLED) {
            throwIfCancelled(what);
        }
        return end == SimTask.End.WOKEN;
    }

    /** Waits for {@code nanos}; not to be cancelled: a disk at work. */
    void busy(SimProcess process, String what, long nanos) {
        if (current != null && nanos > 0) {
            suspend(waiter(what), new SimTask.Wait(null, false), process, what, now + nanos);
        }
    }

    /** Lets others run. */
    void giveWay(String what) {
        SimTask self = waiter(what);
        self.waitsFor = what;
        runnable.add(self);
        pass(self);
    }

    /** A loop without events waits for one. */
    void idle(SimProcess process, List<SimTask> queue) {
        SimTask self = current;
        if (self != null) {
            queue.add(self);
            suspend(self, new SimTask.Wait(queue, false), process, "an event", NEVER);
        }
    }

    private SimTask.End suspend(SimTask self, SimTask.Wait wait, SimProcess process, String what, long deadline) {
        self.wait = wait;
        self.waitsFor = what;
        if (deadline != NEVER) {
            wait.alarm = at(process, deadline, () -> end(self, SimTask.End.LATE));
        }
        pass(self);
        return wait.end == null ? SimTask.End.LATE : wait.end;
    }

    private SimTask waiter(String what) {
        SimTask self = current;
        if (self == null) {
            throw new IllegalStateException("only tasks wait (" + what + "): use SimWorld.run");
        }
        if (self.isLoop) {
            throw fail("a loop waited for " + what + ": nothing on a loop may block", new Throwable("here"));
        }
        return self;
    }

    void throwIfCancelled(String what) {
        SimTask self = waiter(what);
        if (self.cancelled) {
            self.cancelled = false;
            throw new TaskCancelled();
        }
    }

    void cancel(SimTask task) {
        task.cancelled = true;
        SimTask.Wait wait = task.wait;
        if (wait != null && wait.cancellable) {
            end(task, SimTask.End.CANCELLED);
        }
    }

    /** Wakes one of {@code queue}, by seed: nobody may count on an order. */
    void wakeOne(List<SimTask> queue) {
        if (!queue.isEmpty()) {
            end(queue.get(queue.size() == 1 ? 0 : random.below(queue.size())), SimTask.End.WOKEN);
        }
    }

    void wakeAll(List<SimTask> queue) {
        while (!queue.isEmpty()) {
            end(queue.getFirst(), SimTask.End.WOKEN);
        }
    }

    private void end(SimTask task, SimTask.End how) {
        SimTask.Wait wait = task.wait;
        if (wait == null) {
            return;
        }
        task.wait = null;
        wait.end = how;
        if (wait.queue != null) {
            wait.queue.remove(task);
        }
        if (wait.alarm != null) {
            wait.alarm.cancel();
        }
        runnable.add(task);
    }

    // --- the baton ---

    /** Runs tasks until {@code until}, or until the clock is at {@code limit}, or a crash. True for a crash. */
    boolean drive(BooleanSupplier until, long limit) {
        if (current != null) {
            throw new IllegalStateException("run from inside a task");
        }
        this.until = until;
        this.limit = limit;
        driver = Thread.currentThread();
        callsMax = calls + callsOfRunMax;
        SimTask first = pick();
        if (first != null) {
            letRun(first);
        }
        if (failure != null) {
            throw failure;
        }
        SimProcess victim = crashing;
        if (victim == null || crashAt != NEVER) {
            return false;
        }
        unwind(victim);
        return true;
    }

    /** Has the process of {@code victim} crash at the next turn, or after {@code worldCalls} more. */
    void crashAfter(SimProcess victim, long worldCalls) {
        crashing = victim;
        crashAt = calls + worldCalls;
    }

    /** Whether a task holds the baton, so that the caller is inside of one. */
    boolean isRunning() {
        return current != null;
    }

    /** What {@link #crashAfter} arranged does not come. */
    void crashNever() {
        crashing = null;
        crashAt = NEVER;
    }

    /** The holder of the baton has its process crash now; does not come back unless it is of another process. */
    void crash(SimProcess victim) {
        crashing = victim;
        crashAt = NEVER;
        SimTask self = current;
        if (self != null) {
            runnable.add(self);
            pass(self);
        }
    }

    /** Ends all tasks of {@code process}, one after the other, by {@link SimCrash}. */
    void unwind(SimProcess process) {
        SimFailure before = failure;
        history.add(now, "crash", process.host().name());
        crashing = null;
        crashAt = NEVER;
        process.die();
        runnable.removeIf(task -> task.process == process);
        for (SimTask task : List.copyOf(process.tasks())) {
            SimTask.Wait wait = task.wait;
            if (wait != null && wait.queue != null) {
                wait.queue.remove(task);
            }
            task.wait = null;
            if (task.started && !task.done) {
                letRun(task);
            }
            task.done = true;
        }
        all.removeIf(task -> task.process == process);
        if (failure != null && failure != before) {
            throw failure;
        }
    }

    /** Runs {@code first} and whoever gets the baton after it, until nobody has it. */
    private void letRun(SimTask first) {
        driver = Thread.currentThread();
        driverTurn = false;
        current = first;
        for (SimTask next = first; next != null; next = current) {
            next.resume();
        }
        driverTurn = true;
    }

    /** Whether {@code task} holds the baton, and the caller is it. */
    boolean runs(SimTask task) {
        return task == current && Thread.currentThread().equals(driver);
    }

    /** The caller gives the baton away and comes back when it is given to it again. */
    private void pass(SimTask self) {
        SimTask next = pick();
        if (next != self) {
            current = next;
            SimStack.pause();
        }
        if (self.process.isDead()) {
            throw crashOf(self);
        }
    }

    /** The last act of {@code task}. */
    void ended(SimTask task, @Nullable Throwable cause) {
        boolean unwinding = task.process.isDead();
        if (cause != null && !unwinding) {
            try {
                task.process.died(task, cause);
            } catch (Throwable second) {
                fail("telling of the death of " + task + " failed", second);
            }
        }
        task.done = true;
        task.process.tasks().remove(task);
        all.remove(task);
        wakeAll(task.joiners);
        current = unwinding ? null : pick();
    }

    private @Nullable SimTask pick() {
        while (true) {
            if (failure != null || (crashing != null && crashAt == NEVER) || until.getAsBoolean()) {
                return null;
            }
            fireDue();
            if (now >= limit) {
                return null;
            }
            if (!runnable.isEmpty()) {
                return choose();
            }
            long next = timers.next();
            if (next == NEVER && limit == NEVER) {
                fail("deadlock: nobody can run and no timer is set", null);
            } else {
                now = Math.min(limit, Math.max(now, next));
            }
        }
    }

    private SimTask choose() {
        int last = runnable.size() - 1;
        int i = last == 0 ? 0 : random.below(last + 1);
        SimTask task = runnable.get(i);
        runnable.set(i, runnable.get(last));
        runnable.remove(last);
        history.add(now, "turn", task.id, 0);
        return task;
    }

    private void fireDue() {
        for (Runnable action = timers.due(now); action != null; action = timers.due(now)) {
            try {
                action.run();
            } catch (Throwable bug) {
                fail("a timer of the simulator failed", bug);
            }
        }
    }

    // --- failures ---

    /** Ends the run; the error to throw on the spot. */
    SimFailure fail(String why, @Nullable Throwable cause) {
        SimFailure first = failure;
        if (first == null) {
            first = new SimFailure(why + "\n" + dump(), cause);
            failure = first;
        }
        return first;
    }

    private Error crashOf(@Nullable SimTask task) {
        if (task != null && ++task.callsAfterCrash > CALLS_AFTER_CRASH_MAX) {
            fail(task + " goes on after a crash: it catches SimCrash", new Throwable("where it is"));
            current = null;
            SimStack.pause(); // for good: there is no other way to stop it
        }
        return new SimCrash();
    }

    /** Who waits for what. */
    String dump() {
        StringBuilder out = new StringBuilder("at " + now / 1_000_000 + " ms after " + calls + " world calls\n");
        for (SimTask task : all) {
            String state = task.wait != null ? "waits for " + task.waitsFor : task == current ? "runs" : "can run";
            out.append("  ").append(task).append(": ").append(state).append('\n');
        }
        return out.toString();
    }
}
