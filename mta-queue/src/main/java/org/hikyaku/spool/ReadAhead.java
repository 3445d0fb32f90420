package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Frames of many messages read at once: those that lie close together in one read. Bounded by the number of messages asked for.
 *
 * <p><i>Failure:</i> what cannot be read here is read singly, and whoever does that is told.
 */
final class ReadAhead {
    /** Frames that begin no further apart are read together. */
    private static final int GAP = 12 << 10;

    private static final int RUN_MAX = 1 << 20;
    private static final int LOCATIONS_MAX = 1_024;

    private final TreeMap<Long, ByteBuffer> runs = new TreeMap<>();

    ReadAhead(Segments segments, List<Index.Row> rows, int head) {
        TreeSet<Long> locations = new TreeSet<>();
        for (Index.Row row : rows) {
            if (locations.size() < LOCATIONS_MAX) {
                locations.add(row.entry().home);
                for (long each : row.entry().states) {
                    locations.add(each);
                }
            }
        }
        while (!locations.isEmpty()) {
            long first = locations.pollFirst();
            long last = first;
            while (!locations.isEmpty() && isClose(first, last, locations.first())) {
                last = locations.pollFirst();
            }
            if (first != last) {
                read(segments, first, last, head);
            }
        }
    }

    private static boolean isClose(long first, long last, long next) {
        return Segment.numberOf(first) == Segment.numberOf(next)
                && Segment.offsetOf(next) - Segment.offsetOf(last) <= GAP
                && Segment.offsetOf(next) - Segment.offsetOf(first) <= RUN_MAX;
    }

    private void read(Segments segments, long first, long last, int head) {
        Segment segment = segments.get(Segment.numberOf(first));
        if (segment == null) {
            return;
        }
        long from = Segment.offsetOf(first);
        long to = Math.min(segment.size, Segment.offsetOf(last) + head);
        ByteBuffer octets = ByteBuffer.allocate((int) (to - from));
        try {
            if (Segment.fill(segment.file, octets, from)) {
                runs.put(first, octets);
            }
        } catch (IOException e) {
            // each is read singly, which tells
        }
    }

    /** Up to {@code most} octets of the frame at {@code location}; null when they are not here. */
    @Nullable
    ByteBuffer octets(long location, int most) {
        Map.Entry<Long, ByteBuffer> run = runs.floorEntry(location);
        if (run == null || Segment.numberOf(run.getKey()) != Segment.numberOf(location)) {
            return null;
        }
        long at = Segment.offsetOf(location) - Segment.offsetOf(run.getKey());
        int rest = (int) Math.max(0, run.getValue().limit() - at);
        return rest < Math.min(most, Frame.FIXED) ? null : run.getValue().slice((int) at, Math.min(most, rest));
    }
}
