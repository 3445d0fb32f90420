package org.hikyaku.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Reads the journal at opening and rebuilds the index (docs/spool.md, Crash states): the slots that are there
 * ({@link FoundSlots}), the checkpoint, the sealed segments by their heads, the tail to where it ends ({@link TailReader}). What
 * they say is applied by {@link Replay}. Writes nothing but the last batch, as it stands.
 *
 * <p><i>Failure:</i> damage is an event and costs what it covers; a newer format, a journal without any readable header and a
 * disk that cannot be read stop the opening.
 */
final class Recovery {
    /** Small: bodies are skipped. */
    private static final int WINDOW = 16 << 10;

    private static final int ROWS_AT_ONCE = 1_000;

    private final World world;
    private final Path directory;
    private final Segments segments;
    private final DamageLog damages;
    private final FoundSlots slots;
    private final Replay replay;
    private long nextBatch = 1;
    private @Nullable Checkpoint checkpoint;

    Recovery(World world, Path directory, Path journal, Index index, Segments segments, DamageLog damages) {
        this.world = world;
        this.directory = directory;
        this.segments = segments;
        this.damages = damages;
        this.slots = new FoundSlots(world, journal, segments, damages);
        this.replay = new Replay(world.events(), index, segments);
    }

    /** Every id given so far is below. */
    long idBound() {
        return replay.idBound();
    }

    long nextBatch() {
        return nextBatch;
    }

    boolean usedCheckpoint() {
        return checkpoint != null;
    }

    /** Frames that were read, and the octets they took: what a checkpoint would have saved. */
    long frames() {
        return replay.frames();
    }

    long octets() {
        return replay.octets();
    }

    void run() throws IOException {
        slots.open();
        Optional<SegmentHeader> newest = slots.newest();
        if (newest.isPresent()) {
            read(newest.get());
        }
        slots.free(newest);
    }

    /** After a failure: closes what was opened and not given to the segments. */
    void close() throws IOException {
        slots.close();
    }

    /** All that counts: by the checkpoint as far as that goes, then frame by frame. */
    private void read(SegmentHeader newest) throws IOException {
        Optional<CheckpointFile.Read> found = checkpoint(newest);
        ArrayList<Segment> sealed = new ArrayList<>();
        for (SegmentHeader.Older older : newest.older()) {
            Segment segment = slots.take(older);
            if (segment != null) {
                segments.add(segment);
                sealed.add(segment);
            }
        }
        Segment tail = slots.take(newest);
        segments.add(tail);
        if (found.isPresent()) {
            take(found.get());
        }
        for (Segment segment : sealed) {
            scan(segment);
        }
        tail(newest, tail);
    }

    /** The checkpoint, when it may be trusted (crash state 19). */
    private Optional<CheckpointFile.Read> checkpoint(SegmentHeader newest) throws IOException {
        Optional<CheckpointFile.Read> found;
        try {
            found = CheckpointFile.read(world.disk(), directory);
        } catch (IOException e) {
            world.events().emit(Event.SPOOL_CHECKPOINT_FAILED, directory, e.toString());
            return Optional.empty();
        }
        boolean whole = newest.older().stream().allMatch(slots::isThere);
        Optional<CheckpointFile.Read> right =
                found.filter(read -> whole && read.checkpoint().fits(newest));
        if (found.isPresent()) {
            world.events().emit(Event.SPOOL_CRASH_STATE, 19, right.isPresent() ? "used" : "void");
        }
        return right;
    }

    private void take(CheckpointFile.Read read) {
        checkpoint = read.checkpoint();
        replay.idBound(Math.max(replay.idBound(), checkpoint.ids()));
        for (Checkpoint.Kept each : checkpoint.segments()) {
            Segment segment = segments.get(each.number());
            if (segment != null) {
                each.restore(segment);
            }
        }
        List<Index.Row> rows = read.index().rows(null, ROWS_AT_ONCE);
        while (!rows.isEmpty()) {
            for (Index.Row row : rows) {
                if (segments.isCounted(
                        Segment.numberOf(row.entry().home))) { // else it ended, and its segment was freed
                    replay.put(row.id(), row.entry());
                }
            }
            rows = read.index().rows(rows.getLast().id(), ROWS_AT_ONCE);
        }
    }

    /** Where reading of {@code segment} begins; its end when the checkpoint knows all of it. */
    private long from(Segment segment) {
        Checkpoint known = checkpoint;
        if (known == null || segment.number > known.segment()) {
            return segment.framesAt;
        }
        return known.contains(segment.number) ? segment.end : known.offset();
    }

    private void scan(Segment segment) throws IOException {
        SegmentScanner scanner = new SegmentScanner(segment, from(segment), segment.end, WINDOW, (offset, why) -> {
            segment.damaged = true;
            damages.add(new Damage(Segment.slotName(segment.slot), offset, Optional.empty(), why));
        });
        for (SegmentScanner.Found found = scanner.next(); found != null; found = scanner.next()) {
            replay.apply(segment, found, List.of());
        }
    }

    /** The newest segment, from where the checkpoint was taken or from its beginning. */
    private void tail(SegmentHeader header, Segment segment) throws IOException {
        Checkpoint known = checkpoint;
        long expected = header.firstBatch();
        if (known != null && known.segment() == segment.number) {
            replay.idBound(known.ids());
            expected = known.nextBatch();
            segment.end = known.offset();
        } else {
            replay.idBound(Math.max(replay.idBound(), header.ids()));
        }
        nextBatch = new TailReader(segment, expected, replay, damages, world.events()).read();
    }
}
