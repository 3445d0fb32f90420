package org.hikyaku.sim;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A running hash over all that happens, and an optional trace of it. Two runs with the same hash did the same. */
final class SimHistory {
    private long hash;
    private @Nullable Consumer<String> trace;

    void trace(Consumer<String> lines) {
        trace = lines;
    }

    long hash() {
        return hash;
    }

    void add(long now, String what, long a, long b) {
        hash = SimRandom.mix(hash ^ what.hashCode() ^ SimRandom.mix(a) ^ Long.rotateLeft(SimRandom.mix(b), 17));
        if (trace != null) {
            trace.accept(at(now) + what + " " + a + " " + b);
        }
    }

    void add(long now, String what, String detail) {
        hash = SimRandom.mix(hash ^ what.hashCode() ^ ((long) detail.hashCode() << 32));
        if (trace != null) {
            trace.accept(at(now) + what + " " + detail);
        }
    }

    private String at(long now) {
        return now / 1_000_000_000 + "."
                + String.valueOf(1_000_000_000 + now % 1_000_000_000).substring(1) + " ";
    }
}
