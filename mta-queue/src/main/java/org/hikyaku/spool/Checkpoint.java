package org.hikyaku.spool;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The spool's state at a place of the journal: all that recovery would have found out by reading up to there
 * (docs/spool.md, Checkpoint). Everything before that place was forced when it was taken.
 *
 * @param segment number of the segment that was the tail
 * @param offset behind its last octet forced
 * @param nextBatch the batch expected there
 * @param ids every message id given is below
 * @param segments those that counted, in order of number
 */
record Checkpoint(long segment, long offset, long nextBatch, long ids, List<Kept> segments) {
    Checkpoint {
        segments = List.copyOf(segments);
    }

    /** The state of this moment: the tail is not sealed, and all its octets are forced. */
    static Checkpoint of(Segments now, long nextBatch, long ids) {
        Segment tail = now.tail().orElseThrow();
        List<Kept> kept = now.inOrder().stream().map(Kept::of).toList();
        return new Checkpoint(tail.number, tail.end, nextBatch, ids, kept);
    }

    /** A segment that counted. What is in force in it follows from the index. */
    record Kept(
            int slot,
            boolean damaged,
            long number,
            long epoch,
            long end,
            int gones,
            List<Long> leansOn,
            List<Long> copiesOf) {
        static Kept of(Segment segment) {
            return new Kept(
                    segment.slot,
                    segment.damaged,
                    segment.number,
                    segment.epoch,
                    segment.end,
                    segment.gones,
                    List.copyOf(segment.leansOn),
                    List.copyOf(segment.copiesOf));
        }

        /** Gives {@code segment} what it was known to be kept for. */
        void restore(Segment segment) {
            segment.damaged |= damaged;
            segment.gones = gones;
            segment.leansOn.addAll(leansOn);
            segment.copiesOf.addAll(copiesOf);
        }
    }

    @Nullable
    Kept kept(long number) {
        for (Kept each : segments) {
            if (each.number() == number) {
                return each;
            }
        }
        return null;
    }

    /** Whether all of {@code older} is contained, so that it need not be read. */
    boolean contains(long number) {
        return number < segment;
    }

    /**
     * Whether it was taken of the journal that {@code newest} speaks of: every segment that counts and is not younger than the
     * checkpoint is one that it knows by slot, number and epoch, and ends where it says.
     */
    boolean fits(SegmentHeader newest) {
        if (newest.number() < segment) {
            return false;
        }
        Kept tail = kept(segment);
        if (tail == null || tail.end() != offset) {
            return false;
        }
        boolean same = newest.number() > segment || (tail.slot() == newest.slot() && tail.epoch() == newest.epoch());
        for (SegmentHeader.Older each : newest.older()) {
            same &= each.number() > segment || isKnown(each);
        }
        return same;
    }

    private boolean isKnown(SegmentHeader.Older older) {
        Kept known = kept(older.number());
        return known != null
                && known.slot() == older.slot()
                && known.epoch() == older.epoch()
                && (older.number() == segment ? older.end() >= offset : older.end() == known.end());
    }
}
