package org.hikyaku.sim;

import org.jspecify.annotations.Nullable;

/** The program under test did what no history may hold: a deadlock, a livelock, an error out of a task or a loop. */
public final class SimFailure extends AssertionError {
    private static final long serialVersionUID = 1;

    SimFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
