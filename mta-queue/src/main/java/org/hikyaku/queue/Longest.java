package org.hikyaku.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;

/** The long lanes apart, so that showing them looks at no others; the short ones are as they come. */
final class Longest {
    private static final int LONG = 64;

    private final LinkedHashSet<Lane> lanes = new LinkedHashSet<>();
    private final LinkedHashMap<String, Lane> shorter = new LinkedHashMap<>();

    void place(Lane lane) {
        int size = lane.waiting();
        if (size >= LONG && !lane.counted) {
            lane.counted = true;
            lanes.add(lane);
        } else if (size < LONG / 2 && lane.counted) {
            lane.counted = false;
            lanes.remove(lane);
        }
        boolean isShort = size > 0 && !lane.counted;
        if (isShort && shorter.size() < LONG) {
            shorter.put(lane.site.key(), lane);
        } else if (!isShort) {
            shorter.remove(lane.site.key(), lane);
        }
    }

    List<Lane> of(int most) {
        List<Lane> all = new ArrayList<>(lanes);
        all.addAll(shorter.values());
        return all.stream()
                .sorted(Comparator.comparingInt(Lane::waiting).reversed())
                .limit(most)
                .toList();
    }
}
