package org.hikyaku.sim;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** What is to be done at a time, in the order of times, then of their making. What belongs to a dead process is dropped. */
final class SimTimers {
    private final PriorityQueue<SimTimer> queue = new PriorityQueue<>();
    private long made;

    /** Something to do at a time. */
    static final class SimTimer implements Comparable<SimTimer> {
        private final long when;
        private final long number;
        private final SimProcess process;
        private @Nullable Runnable action;

        private SimTimer(long when, long number, SimProcess process, Runnable action) {
            this.when = when;
            this.number = number;
            this.process = process;
            this.action = action;
        }

        void cancel() {
            action = null;
        }

        @Override
        public int compareTo(SimTimer other) {
            return when != other.when ? Long.compare(when, other.when) : Long.compare(number, other.number);
        }
    }

    SimTimer add(SimProcess process, long when, Runnable action) {
        SimTimer timer = new SimTimer(when, made++, process, action);
        queue.add(timer);
        return timer;
    }

    /** When the next is due; NEVER when there is none. */
    long next() {
        SimTimer first = queue.peek();
        while (first != null && (first.action == null || first.process.isDead())) {
            queue.poll();
            first = queue.peek();
        }
        return first == null ? SimScheduler.NEVER : first.when;
    }

    /** Takes the next one if it is due: its action, or null. */
    @Nullable
    Runnable due(long now) {
        if (next() > now) {
            return null;
        }
        SimTimer timer = queue.remove();
        Runnable action = timer.action;
        timer.action = null;
        return action;
    }
}
