package org.hikyaku.spool;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Map;

/**
 * Makes what a forced batch says true for readers: the index, what is in force in each segment, the bound of ids, and the
 * messages kept in memory for their delivery. The committer's; nothing here can fail.
 */
final class Publication {
    private final Index index;
    private final Segments segments;
    private final RecentMessages recent;
    private final SpoolIds ids;

    Publication(Index index, Segments segments, RecentMessages recent, SpoolIds ids) {
        this.index = index;
        this.segments = segments;
        this.recent = recent;
        this.ids = ids;
    }

    /**
     * Publishes what was forced in {@code tail}.
     *
     * @return octets that the batch took out of force, 0 when it brought as many
     */
    long publish(Batch batch, Segment tail) {
        long before = segments.live();
        for (Map.Entry<Long, IndexEntry> each : batch.entries().entrySet()) {
            IndexEntry now = each.getValue().isGone() ? null : each.getValue();
            IndexEntry old = now == null ? index.remove(each.getKey()) : index.put(each.getKey(), now);
            segments.account(old, now);
            if (old != null) {
                recent.remove(each.getKey());
            }
        }
        batch.ended().forEach(home -> segments.ends(tail, home));
        batch.copied().forEach(home -> segments.copies(tail, home));
        if (batch.bound() != 0) {
            ids.bounded(batch.bound());
        }
        Segment emptied = batch.emptied();
        if (emptied != null) {
            segments.copied(emptied);
        }
        return Math.max(0, before - segments.live());
    }

    /** Keeps what was just stored in memory for its delivery, and gives the drafts' memory back. */
    void keep(Waiting item) {
        for (Change.Entry entry : item.change().entries()) {
            if (entry instanceof Change.Entry.Accept accept && accept.draft() instanceof SpoolDraft draft) {
                IndexEntry now = index.get(draft.id().value());
                if (now != null && !draft.isSpilled() && now.meta == 0 && now.states.length == 0) {
                    recent.put(draft.id().value(), now, stored(accept, draft), draft.held());
                }
                draft.release();
            }
        }
    }

    private static StoredMessage stored(Change.Entry.Accept accept, SpoolDraft draft) {
        ArrayList<ByteBuffer> parts = new ArrayList<>();
        parts.add(ByteBuffer.wrap(accept.prepended()));
        parts.addAll(draft.parts());
        return new StoredMessage(
                draft.id(),
                accept.arrival(),
                accept.envelope(),
                accept.origin(),
                accept.states(),
                accept.held(),
                new Octets(parts));
    }
}
