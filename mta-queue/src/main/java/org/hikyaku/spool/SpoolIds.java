package org.hikyaku.spool;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives message ids that never come twice in the life of a spool and never go back, whatever the clock does
 * (docs/spool.md, Message ids). Safe from anywhere.
 */
final class SpoolIds {
    private static final int CLOCK_SHIFT = 16;
    private static final long MINUTE = 60_000L << CLOCK_SHIFT;
    private static final long CLOCK_MAX = (1L << 46) - 1;

    private final AtomicLong last;
    private volatile long bound;
    /** Whether this run has forced a bound; until then nothing can be stored, and ids follow the clock. */
    private volatile boolean bounded;

    /** @param last every id given so far is below it */
    SpoolIds(long last) {
        this.last = new AtomicLong(last);
        this.bound = last;
    }

    long next(Instant now) {
        long clock = ofClock(now);
        return last.updateAndGet(before -> clock > before && (clock < bound || !bounded) ? clock : before + 1);
    }

    /** Whether a new bound should be written. */
    boolean wantsBound(Instant now) {
        return Math.max(last.get(), ofClock(now)) + MINUTE / 2 > bound;
    }

    /** A bound to write; {@link #bounded} once it is forced. */
    long nextBound(Instant now) {
        return Math.max(bound, Math.max(last.get(), ofClock(now)) + MINUTE);
    }

    /** Just above what was given: for a clean end. */
    long exactBound() {
        return last.get() + 1;
    }

    /** The bound that was forced last. */
    long bound() {
        return bound;
    }

    void bounded(long forced) {
        bound = forced;
        bounded = true;
    }

    /** When {@code id} was given, by the clock of then. */
    static Instant time(long id) {
        return Instant.ofEpochMilli(id >>> CLOCK_SHIFT);
    }

    private static long ofClock(Instant now) {
        return Math.clamp(now.toEpochMilli(), 0, CLOCK_MAX) << CLOCK_SHIFT;
    }
}
