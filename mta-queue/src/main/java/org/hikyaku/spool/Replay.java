package org.hikyaku.spool;

import java.util.List;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;

/**
 * Applies what frames say, in their order, to the index and to what is in force in each segment; counts what it was given.
 * A frame that says again what is known changes nothing but places (docs/spool.md, crash state 16).
 */
final class Replay {
    private final Events events;
    private final Index index;
    private final Segments segments;
    private long idBound;
    private long frames;
    private long octets;

    Replay(Events events, Index index, Segments segments) {
        this.events = events;
        this.index = index;
        this.segments = segments;
    }

    /** Every id given so far is below, as far as was read. */
    long idBound() {
        return idBound;
    }

    void idBound(long bound) {
        idBound = bound;
    }

    long frames() {
        return frames;
    }

    long octets() {
        return octets;
    }

    /** @param brokenBodies messages of the frame whose inline body is not as it was written */
    void apply(Segment segment, SegmentScanner.Found found, List<Long> brokenBodies) {
        long location = Segment.location(segment.number, found.offset());
        frames++;
        octets += found.frame().length();
        for (SpoolRecord record : found.records()) {
            switch (record) {
                case SpoolRecord.Message message ->
                    message(segment, location, message, brokenBodies.contains(message.id()));
                case SpoolRecord.Restated(long id, SpoolRecord.Meta meta) -> {
                    IndexEntry entry = index.get(id);
                    if (entry != null) {
                        put(id, entry.restated(meta, location));
                    }
                }
                case SpoolRecord.States states -> states(states, location);
                case SpoolRecord.Gone gone -> {
                    raise(gone.id());
                    segments.account(index.remove(gone.id()), null);
                    segments.ends(segment, gone.home());
                }
                case SpoolRecord.Ids(long bound) -> idBound = bound;
            }
        }
    }

    private void message(Segment segment, long location, SpoolRecord.Message message, boolean broken) {
        raise(message.id());
        int span = message.bodyOffset() + message.inline();
        IndexEntry entry = IndexEntry.of(message.meta(), location, span, message.cost(), message.inFile());
        IndexEntry old = index.get(message.id());
        if (old != null) {
            events.emit(Event.SPOOL_CRASH_STATE, 16, Segment.slotName(segment.slot));
            segments.copies(segment, Segment.numberOf(old.home));
        }
        put(message.id(), broken ? entry.damaged() : entry);
    }

    private void states(SpoolRecord.States states, long location) {
        IndexEntry entry = index.get(states.id());
        if (entry == null) {
            return;
        }
        IndexEntry now = states.setsHeld() ? entry.held(!states.held().isEmpty(), location) : entry;
        if (!states.states().isEmpty()) {
            now = now.with(states.states(), states.all(), location);
        }
        put(states.id(), now);
    }

    void put(long id, IndexEntry entry) {
        segments.account(index.put(id, entry), entry);
    }

    private void raise(long id) {
        if (Long.compareUnsigned(id, idBound) >= 0) {
            idBound = id + 1;
        }
    }
}
