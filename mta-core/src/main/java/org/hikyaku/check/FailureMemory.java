package org.hikyaku.check;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often something failed lately, by key. Bounded: at the bound the key that was touched longest ago is forgotten.
 * Safe from anywhere; the time is given in.
 *
 * <p><i>Failure:</i> none.
 */
final class FailureMemory {
    private final int keysMax;
    private final Map<String, Count> counts = new LinkedHashMap<>(16, 0.75f, true);

    private record Count(int failures, long lastNanos) {}

    FailureMemory(int keysMax) {
        this.keysMax = keysMax;
    }

    /** Failures of {@code key} since there was a pause of {@code memory} between them. */
    synchronized int count(String key, long now, Duration memory) {
        Count count = counts.get(key);
        return count == null || now - count.lastNanos() > memory.toNanos() ? 0 : count.failures();
    }

    /** Notes one more; returns how many there are. */
    synchronized int add(String key, long now, Duration memory) {
        int failures = count(key, now, memory) + 1;
        counts.put(key, new Count(failures, now));
        if (counts.size() > keysMax) {
            Iterator<String> oldest = counts.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        return failures;
    }

    synchronized void forget(String key) {
        counts.remove(key);
    }
}
