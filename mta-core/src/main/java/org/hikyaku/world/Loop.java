package org.hikyaku.world;

import java.time.Duration;

/** One thread of events: all that is given to a loop runs there, in order, one at a time. Nothing on it may block. */
public interface Loop {
    /** Runs {@code event} soon; from any thread. */
    void execute(Runnable event);

    /** Runs {@code event} after {@code delay}, unless cancelled. */
    Timer schedule(Duration delay, Runnable event);

    /** Whether the caller runs on this loop. */
    boolean isHere();

    /** A scheduled event. */
    interface Timer {
        void cancel();
    }
}
