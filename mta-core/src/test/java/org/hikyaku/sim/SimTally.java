package org.hikyaku.sim;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** How often each fault occurred in one world, or in several. */
public final class SimTally {
    private final Map<SimFault, Long> counts = new EnumMap<>(SimFault.class);

    void add(SimFault fault) {
        counts.merge(fault, 1L, Long::sum);
    }

    void addAll(SimTally other) {
        other.counts.forEach((fault, count) -> counts.merge(fault, count, Long::sum));
    }

    public long of(SimFault fault) {
        return counts.getOrDefault(fault, 0L);
    }

    /** All of them, those that never occurred too. */
    public Map<SimFault, Long> counts() {
        EnumMap<SimFault, Long> all = new EnumMap<>(SimFault.class);
        Arrays.stream(SimFault.values()).forEach(fault -> all.put(fault, of(fault)));
        return all;
    }

    @Override
    public String toString() {
        return counts().toString();
    }
}
