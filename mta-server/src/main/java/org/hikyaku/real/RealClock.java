package org.hikyaku.real;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.hikyaku.world.Clock;

/** The host's clocks. */
public final class RealClock implements Clock {
    @Override
    public Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }
}
