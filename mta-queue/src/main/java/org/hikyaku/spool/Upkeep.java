package org.hikyaku.spool;

import java.time.Duration;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * What the committer sees to between batches: coming back from a failure, freeing what is empty, and files that somebody
 * removed.
 *
 * <p><i>Failure:</i> what cannot be done now is done at a later look; the spool is broken only when {@link WritableTail} says so.
 */
final class Upkeep {
    /** How often names are looked at. */
    static final Duration EVERY = Duration.ofMinutes(5);

    private final World world;
    private final Segments segments;
    private final Compactor compactor;
    private final WritableTail tail;
    private final DiskRoom room;
    private long namesSeen;

    Upkeep(World world, Segments segments, Compactor compactor, WritableTail tail, DiskRoom room) {
        this.world = world;
        this.segments = segments;
        this.compactor = compactor;
        this.tail = tail;
        this.room = room;
        this.namesSeen = world.clock().nanos();
    }

    /** Has emptied segments freed, when those that count take too much. */
    void harvest() {
        if (!tail.isBroken() && segments.isOverBound() && segments.isHarvestDue()) {
            tail.renew();
        }
    }

    /** Tries to come back from a failure, and makes room. */
    void mend() {
        if (tail.isBroken() || (segments.isPressed() && segments.isHarvestDue())) {
            tail.renew();
        }
        if (segments.isPressed()) {
            compactor.hurry();
        }
        room.recover();
    }

    /** Finds out, now and then, that somebody removed a segment: what it holds can be read as long as we have it open. */
    void lookForNames() {
        long now = world.clock().nanos();
        if (now - namesSeen < EVERY.toNanos()) {
            return;
        }
        namesSeen = now;
        for (Segment gone : segments.losingNames()) {
            world.events().emit(Event.SPOOL_SEGMENT_GONE, Segment.slotName(gone.slot), gone.inForce);
            compactor.hurry();
        }
        if (segments.isNamelessToLeave()) {
            segments.tail().filter(last -> last.nameless).ifPresent(last -> last.sealed = true);
            if (!tail.renew()) {
                compactor.hurry(); // looked at again next time
            }
        }
    }
}
