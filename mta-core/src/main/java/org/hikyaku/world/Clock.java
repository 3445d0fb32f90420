package org.hikyaku.world;

import java.time.Instant;

/** The two clocks: one to write down, one to measure with. */
public interface Clock {
    /** The time of day, UTC, milliseconds; may jump when the host's clock is set. Used for what is stored or shown. */
    Instant now();

    /** Nanoseconds of a clock that never goes back; only differences mean anything. Used for deadlines. */
    long nanos();
}
