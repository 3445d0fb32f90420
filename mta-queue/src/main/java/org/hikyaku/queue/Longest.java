package org.hikyaku.queue;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * The sites with the most waiting. The long lanes are kept apart, so that they are found however many others there are; of those a
 * bounded number is looked at.
 */
final class Longest {
    private static final int LONG = 64;
    private static final int LOOKS_MAX = 10_000;
    private static final Comparator<Lane> BY_LENGTH =
            Comparator.comparingInt(Lane::waiting).reversed().thenComparing(lane -> lane.site.key());

    private final LinkedHashSet<Lane> lanes = new LinkedHashSet<>();

    void place(Lane lane) {
        int size = lane.waiting();
        if (size >= LONG && !lane.counted) {
            lane.counted = true;
            lanes.add(lane);
        } else if (size < LONG / 2 && lane.counted) {
            lane.counted = false;
            lanes.remove(lane);
        }
    }

    /** At most {@code most} of {@code all}, also those for which nothing waits that is not under way. */
    List<Lane> of(int most, Collection<Lane> all) {
        return Stream.concat(lanes.stream(), all.stream().limit(lanes.size() < most ? LOOKS_MAX : 0))
                .distinct()
                .sorted(BY_LENGTH)
                .limit(most)
                .toList();
    }
}
