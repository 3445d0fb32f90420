package org.hikyaku.queue;

import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The lanes that have something to go and room for it, in the order of their turns: as in {@link Turns}, the lowest
 * number first, and a lane's next number lies above the one served last by the cost of what it will send. A lane that
 * has to leave for want of room keeps its number.
 */
final class Ring {
    private final TreeSet<Turns> lanes =
            new TreeSet<>(Comparator.<Turns>comparingLong(t -> t.turn).thenComparingLong(t -> t.order));
    private long served;
    private long orders;

    boolean isEmpty() {
        return lanes.isEmpty();
    }

    int size() {
        return lanes.size();
    }

    @Nullable
    Turns first() {
        return lanes.isEmpty() ? null : lanes.first();
    }

    /** In the ring when {@code room} and something waits, and out of it otherwise. */
    void place(Turns turns, boolean room) {
        boolean in = room && !turns.isEmpty();
        long turn = turns.isEmpty() ? 0 : served + turns.first().priority.cost;
        boolean sooner = !turns.isEmpty() && (!turns.numbered || turn < turns.turn);
        if (turns.inRing && (!in || sooner)) {
            lanes.remove(turns);
            turns.inRing = false;
        }
        if (sooner) {
            turns.turn = turn;
            turns.order = ++orders;
            turns.numbered = true;
        }
        if (turns.isEmpty()) {
            turns.numbered = false;
        }
        if (in && !turns.inRing) {
            lanes.add(turns);
            turns.inRing = true;
        }
    }

    /** It has had its turn: it takes a new number when it is placed next. */
    void serve(Turns turns) {
        if (turns.inRing) {
            lanes.remove(turns);
            turns.inRing = false;
        }
        served = Math.max(served, turns.turn);
        turns.numbered = false;
    }
}
