package org.hikyaku.sim;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.hikyaku.world.Clock;

/** The simulated clocks. The time of day begins at {@link #START} and may be set; the other one only goes on. */
public final class SimClock implements Clock {
    /** When every history begins. */
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final SimScheduler scheduler;
    private Duration shift = Duration.ZERO;

    SimClock(SimScheduler scheduler) {
        this.scheduler = scheduler;
    }

    @Override
    public Instant now() {
        scheduler.tick();
        return stamp();
    }

    /** The same for what the host, or a judge, writes down by itself: no call of the world. */
    public Instant stamp() {
        return START.plus(shift).plusNanos(scheduler.now()).truncatedTo(ChronoUnit.MILLIS);
    }

    @Override
    public long nanos() {
        scheduler.tick();
        return scheduler.now();
    }

    /** Somebody sets the host's clock: it jumps by {@code by}. */
    public void jump(Duration by) {
        shift = shift.plus(by);
    }
}
