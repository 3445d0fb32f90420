package org.hikyaku.queue;

import java.time.Duration;
import java.util.List;
import org.hikyaku.config.Rate;

/**
 * How much a site may have now: a window that grows while deliveries work and shrinks when the site complains, its rates, the
 * pace that its complaints have taught, and until when it rests. A machine without clock; its times are milliseconds of the clock that never goes back. docs/sites.md
 * has the rules.
 *
 * <p><i>Failure:</i> none.
 */
final class Flow {
    /** Where the window of a site begins of which nothing is known: enough to see whether it is there. */
    static final int PROBES = 2;
    /** Where it goes on when something has worked. */
    static final int START = 5;
    /** Complaints that come so soon after one are of deliveries that were under way. */
    static final long SAME_TROUBLE = 5_000;

    static final long REST_FIRST = SAME_TROUBLE;
    static final long REST_MOST = 900_000;

    private SiteLimits limits;
    private double window;
    private boolean known;
    /** Above it the window grows slowly: where trouble began last. */
    private double mark = Double.MAX_VALUE;

    private long quietUntil = Long.MIN_VALUE;
    private long troubleUntil = Long.MIN_VALUE;
    private long nextRest = REST_FIRST;
    private final LearnedPace learned = new LearnedPace();
    private Pace[] paces;

    /** One rate as a leaky bucket's virtual schedule, in microseconds: a tenth at once, the rest evenly. */
    private static final class Pace {
        private final long interval;
        private final long tolerance;
        private long next = Long.MIN_VALUE;

        Pace(Rate rate) {
            long burst = Math.max(1, rate.messages() / 10);
            interval = Math.ceilDiv(rate.per().toMillis() * 1000, rate.messages() - burst + 1);
            tolerance = (burst - 1) * interval;
        }

        long opens() {
            return next == Long.MIN_VALUE ? next : Math.ceilDiv(next - tolerance, 1000);
        }

        void begun(long now) {
            next = Math.max(next, now * 1000) + interval;
        }

        boolean isOver(long now) {
            return next <= now * 1000;
        }
    }

    Flow(SiteLimits limits) {
        this.limits = limits;
        this.window = Math.min(PROBES, limits.connections());
        this.paces = paces(limits.rates());
    }

    /** New limits; what was learned stays as far as it fits. */
    void limits(SiteLimits now) {
        if (now.equals(limits)) {
            return;
        }
        if (!now.rates().equals(limits.rates())) {
            paces = paces(now.rates());
        }
        double least = mark < Double.MAX_VALUE ? window : known ? START : PROBES;
        window = Math.min(Math.max(window, least), now.connections());
        limits = now;
    }

    private Pace[] paces(List<Rate> rates) {
        return rates.stream().map(Pace::new).toArray(Pace[]::new);
    }

    /** Deliveries at the same time, now. */
    int window() {
        return (int) window;
    }

    /** The same at most, by the settings. */
    int most() {
        return limits.connections();
    }

    /** The least time between two messages that was learned; zero: none. */
    Duration pace() {
        return learned.pace();
    }

    boolean hasRoom(int lent, long now) {
        return lent < (int) window && opens() <= now;
    }

    /** Until then nothing goes, whatever the window. */
    long opens() {
        long opens = quietUntil;
        for (Pace pace : paces) {
            opens = Math.max(opens, pace.opens());
        }
        return Math.max(opens, learned.opens());
    }

    /**
     * Something goes.
     *
     * @param others under way already
     */
    void begun(int others, long now) {
        for (Pace pace : paces) {
            pace.begun(now);
        }
        learned.begun(others, now, quietUntil);
    }

    /**
     * Something came back.
     *
     * @param lent deliveries that were under way, with this one
     */
    void learned(Lesson lesson, int lent, long now) {
        switch (lesson) {
            case NOTHING -> {}
            case WORKED -> {
                learned.worked(now);
                grow();
            }
            case STRAINED -> shrink(lent, now, false);
            case SLOW_DOWN -> shrink(lent, now, true);
        }
    }

    private void grow() {
        nextRest = REST_FIRST;
        double grown = window + (window < mark ? 1 : 1 / window);
        window = Math.min(limits.connections(), known || mark < START ? grown : Math.max(START, grown));
        known = true;
    }

    /** @param asked it has said so, and rests at once; else only when one at a time is too much */
    private void shrink(int lent, long now, boolean asked) {
        if (now < troubleUntil) {
            return;
        }
        troubleUntil = now + SAME_TROUBLE;
        if (asked || window < 2) {
            quietUntil = Math.max(quietUntil, now + nextRest);
            nextRest = Math.min(2 * nextRest, REST_MOST);
        }
        mark = Math.max(1, Math.min(window, lent) / 2.0);
        window = mark;
        if (asked) {
            learned.complained(now, quietUntil);
        }
    }

    /** Its owner says that it is there: it rests no longer. Its rates hold. */
    void wakeUp() {
        quietUntil = Long.MIN_VALUE;
        learned.forget();
    }

    /** Whether there is nothing to remember of it. */
    boolean isPlain(long now) {
        boolean asNew = !known && window == Math.min(PROBES, limits.connections()) && mark == Double.MAX_VALUE;
        for (Pace pace : paces) {
            asNew &= pace.isOver(now);
        }
        return asNew && quietUntil <= now && learned.isNone();
    }
}
