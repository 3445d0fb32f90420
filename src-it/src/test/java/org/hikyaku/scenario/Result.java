package org.hikyaku.scenario;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one run showed.
 *
 * @param arrived milliseconds since the first message was handed in, by message; -1: it did not arrive
 */
record Result(List<Receiver> sites, long[] arrived, int deliverable) {
    /** When so much of what can be delivered had arrived; -1: it did not. */
    long until(double part) {
        long[] sorted = Arrays.stream(arrived).filter(at -> at >= 0).sorted().toArray();
        int index = (int) Math.ceil(part * deliverable) - 1;
        return index < sorted.length ? sorted[Math.max(0, index)] : -1;
    }

    /** The times of all messages for one site, in order. */
    long[] of(int site) {
        List<Long> times = new ArrayList<>();
        for (int number = site; number < arrived.length; number += sites.size()) {
            if (arrived[number] >= 0) {
                times.add(arrived[number]);
            }
        }
        return times.stream().mapToLong(Long::longValue).sorted().toArray();
    }
}
