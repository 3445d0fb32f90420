package org.hikyaku.spool;

import java.time.Duration;
import org.hikyaku.world.Clock;

/** When to try again what failed: after a second at first, in the end after half a minute. Used by one task. */
final class Waits {
    private static final long SECOND = 1_000_000_000L;
    private static final int EACH_TIMES = 4;
    private static final long LONGEST = 30;

    private final Clock clock;
    private int failures;
    private long until;

    Waits(Clock clock) {
        this.clock = clock;
    }

    void failed() {
        long seconds = Math.min(LONGEST, 1L << Math.min(failures / EACH_TIMES, 5));
        failures++;
        until = clock.nanos() + seconds * SECOND;
    }

    void succeeded() {
        failures = 0;
    }

    /** Whether the last try failed. */
    boolean isAny() {
        return failures > 0;
    }

    boolean isOver() {
        return failures == 0 || clock.nanos() - until >= 0;
    }

    /** What is left to wait, for one who has nothing else to do. */
    Duration left() {
        return Duration.ofNanos(Math.clamp(until - clock.nanos(), 1_000_000, LONGEST * SECOND));
    }
}
