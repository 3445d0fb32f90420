package org.hikyaku.queue;

import java.time.Duration;

/**
 * How fast a site takes messages, learned from when it complains: what it took since the complaint before, by the time that
 * passed. A little slower than that from then on, and faster again as long as it does not complain. A machine without clock;
 * times are milliseconds.
 *
 * <p><i>Failure:</i> none.
 */
final class LearnedPace {
    /** A burst that was taken within a shorter time says nothing of what is taken in the long run. */
    static final long MEASURED_LEAST = 2_000;
    /** Without a complaint for so long it is made faster; sooner and more as long as it was learned from a burst alone. */
    static final long FASTER_EVERY = 30_000;

    static final long FASTER_EVERY_AT_FIRST = 10_000;

    /** With nothing to do for so long the measure begins anew. */
    private static final long IDLE = 5_000;
    /** Learned from a burst alone, with a site that may have taken nothing for hours before. */
    private static final double ROUGH_MOST = 30_000;

    static final long INTERVAL_MOST = 600_000;
    private static final double SLOWER = 1.1;
    private static final double FASTER = 1.1;
    private static final double FASTER_AT_FIRST = 1.5;
    /** Below that it holds nobody up any more: what is asked of a site is bounded by its window then. */
    private static final double INTERVAL_LEAST = 10;

    /** Milliseconds between two messages; 0: none is kept. */
    private double interval;

    private long next;
    private long fasterAt;
    private long since = Long.MIN_VALUE;
    /** When something of it was seen last. */
    private long seen = Long.MIN_VALUE;

    private long took;
    private boolean rough = true;

    /** When the next message may begin. */
    long opens() {
        return interval == 0 ? Long.MIN_VALUE : next;
    }

    /** The least time between two messages; zero: none is kept. */
    Duration pace() {
        return Duration.ofMillis((long) interval);
    }

    boolean isNone() {
        return interval == 0;
    }

    /**
     * @param others under way already
     * @param restUntil the site was left alone until then; that time counts all the same, as it is part of its pace
     */
    void begun(int others, long now, long restUntil) {
        boolean hadNothingToDo = others == 0 && now - IDLE > Math.max(seen, Math.max(next, restUntil));
        if (since == Long.MIN_VALUE || hadNothingToDo) {
            since = now;
            took = 0;
        }
        next = now + Math.round(interval);
        seen = now;
    }

    void worked(long now) {
        took++;
        seen = now;
        while (interval > 0 && now >= fasterAt) {
            double faster = interval / (rough ? FASTER_AT_FIRST : FASTER);
            interval = faster < INTERVAL_LEAST ? 0 : faster;
            fasterAt += pause();
        }
    }

    /** The first complaint after some time. */
    void complained(long now, long restUntil) {
        long time = now - since;
        if (took > 0 && time >= MEASURED_LEAST) {
            double average = Math.min(INTERVAL_MOST, SLOWER * time / took); // it has taken that, it may well take more
            double slower = rough ? interval * FASTER_AT_FIRST : interval * FASTER * FASTER;
            rough = interval == 0;
            interval = rough ? Math.min(ROUGH_MOST, average) : Math.min(average, slower);
            next = now + Math.round(interval);
        }
        if (took > 0) {
            since = now;
            took = 0;
        }
        fasterAt = Math.max(now, restUntil) + pause();
        seen = now;
    }

    /** Whoever knows better says so. */
    void forget() {
        interval = 0;
        rough = true;
        since = Long.MIN_VALUE;
        took = 0;
    }

    /** Some messages are to have come through before it is made faster. */
    private long pause() {
        return rough
                ? Math.max(FASTER_EVERY_AT_FIRST, Math.round(3 * interval))
                : Math.max(FASTER_EVERY, Math.round(10 * interval));
    }
}
