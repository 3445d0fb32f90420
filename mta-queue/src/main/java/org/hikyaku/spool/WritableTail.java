package org.hikyaku.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * Sees to it that there is a segment to write to: begins each, and after a failed write or force ends the one it failed on
 * and begins another. The committer's, but for {@link #isBroken}.
 *
 * <p><i>Failure:</i> while none can be begun the spool is broken: nothing can be stored, and it is tried again after waits
 * that grow to half a minute. Told when that begins and when it ends, not at each try.
 */
final class WritableTail {
    private final World world;
    private final Path directory;
    private final Segments segments;
    private final SpoolIds ids;
    private final BodyWriters writers;
    private final Batch batch;
    private final Waits waits;
    /** Body files of changes that were told failed, but might be found whole should the process end now. */
    private final ArrayList<Long> doubtful = new ArrayList<>();

    private volatile boolean broken;

    /** @param batch the one that will be written to the segments begun */
    WritableTail(World world, Path directory, Segments segments, SpoolIds ids, BodyWriters writers, Batch batch) {
        this.world = world;
        this.directory = directory;
        this.segments = segments;
        this.ids = ids;
        this.writers = writers;
        this.batch = batch;
        this.waits = new Waits(world.clock());
    }

    boolean isBroken() {
        return broken;
    }

    /** Broken for good: nobody is left who would mend it. */
    void giveUp() {
        broken = true;
    }

    /** What is left to wait before the next try. */
    Duration untilNextTry() {
        return waits.left();
    }

    /** Begins a segment with room for a frame of {@code frame} octets. */
    void begin(long frame) throws IOException {
        if (!waits.isOver()) {
            throw new IOException("no new segment could be begun a moment ago");
        }
        long bound = Math.max(ids.exactBound(), ids.nextBound(world.clock().now()));
        try {
            segments.begin(frame, batch.number(), bound);
        } catch (IOException e) {
            if (!waits.isAny()) {
                world.events().emit(Event.SPOOL_FORCE_FAILED, "new", e.toString());
            }
            waits.failed();
            broken = segments.tail().map(tail -> tail.sealed).orElse(true);
            throw e;
        }
        ids.bounded(bound);
        doubtful.forEach(writers::delete);
        doubtful.clear();
        if (waits.isAny()) {
            waits.succeeded();
            broken = false;
            world.events().emit(Event.SPOOL_RECOVERED, directory, "a new segment was begun");
        }
    }

    /** Begins a segment for what may come; false when that cannot be now, which was told by {@link #begin}. */
    boolean renew() {
        try {
            begin(0);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Ends {@code segment}, on which a write or force failed, and goes on in another if that can be (crash states 10 and 11). */
    void leave(Segment segment, IOException why) {
        world.events().emit(Event.SPOOL_FORCE_FAILED, Segment.slotName(segment.slot), why.toString());
        segment.suspect = true;
        segment.sealed = true;
        waits.succeeded(); // this one is tried at once
        renew();
    }

    /** Has the body file of {@code id} deleted when the segment that may name it is ended, that is with the next one begun. */
    void deleteLater(long id) {
        doubtful.add(id);
    }
}
