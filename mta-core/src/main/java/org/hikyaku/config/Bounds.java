package org.hikyaku.config;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * A {@link Range} as numbers.
 *
 * @param size whether the bounds are sizes in octets
 */
record Bounds(double least, double most, boolean size, String text) {
    /** Read from the annotation; an error in it is a bug of ours. */
    static Bounds of(Range range) {
        String[] ends = range.value().split(" to ", 2);
        boolean size = ends[0].endsWith("B");
        Function<String, Optional<Double>> number = end -> size
                ? Scalars.size(end).map(Long::doubleValue)
                : Scalars.decimal(end).or(() -> Scalars.time(end).map(Bounds::seconds));
        return new Bounds(
                number.apply(ends[0]).orElseThrow(), number.apply(ends[1]).orElseThrow(), size, range.value());
    }

    boolean holds(double value) {
        return value >= least && value <= most;
    }

    boolean holds(Duration value) {
        return holds(seconds(value));
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }
}
