package org.hikyaku.config;

import java.time.Duration;
import java.util.Optional;

/** Times as operators write them, in the configuration and on the command line. */
public final class Times {
    private Times() {}

    /** {@code 30s}, {@code 5 minutes}, {@code 1h20m}; empty for what is none. */
    public static Optional<Duration> parse(String text) {
        return Scalars.time(text);
    }
}
