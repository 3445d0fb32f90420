package org.hikyaku.spool;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Copies what is still needed of one sealed segment to the tail, a little with each batch, so that the journal stays within
 * its bound (docs/spool.md, Segments).
 *
 * <p><i>Failure:</i> a source that cannot be read whole is left alone for good; what was copied counts.
 */
final class Compactor {
    /** Octets copied at once, about; less where segments are small. */
    private static final long PIECE = 256 << 10;

    private static final int WINDOW = 256 << 10;
    private static final int CHECK_PART = 8;

    private final Index index;
    private final Segments segments;
    private final Batch batch;
    private final ChangeEncoder encoder;
    private final DamageLog damages;
    private final long checkAfter;
    private @Nullable Segment source;
    private @Nullable SegmentScanner scanner;
    private SegmentScanner.@Nullable Found pending;
    private long written;

    Compactor(Index index, Segments segments, Batch batch, ChangeEncoder encoder, DamageLog damages, long segmentSize) {
        this.index = index;
        this.segments = segments;
        this.batch = batch;
        this.encoder = encoder;
        this.damages = damages;
        this.checkAfter = segmentSize / CHECK_PART;
        this.written = checkAfter;
    }

    /** Notes that so much was written or finished: the bound is looked at only now and then. */
    void wrote(long octets) {
        written += octets;
    }

    /** Has the bound looked at now. */
    void hurry() {
        written = checkAfter;
    }

    /** Octets to copy at once: enough that a force is well spent. */
    long piece() {
        return Math.min(PIECE, checkAfter);
    }

    /** Whether there is something to copy. */
    boolean isDue() {
        if (source == null && written >= checkAfter) {
            written = 0;
            segments.compactable().ifPresent(this::begin);
        }
        return source != null;
    }

    private void begin(Segment chosen) {
        source = chosen;
        pending = null;
        scanner = new SegmentScanner(chosen, chosen.framesAt, chosen.end, WINDOW, (offset, why) -> {
            chosen.damaged = true;
            damages.add(new Damage(Segment.slotName(chosen.slot), offset, Optional.empty(), why));
        });
    }

    /**
     * Adds copies to the batch, which is empty, until {@code budget} is used or the batch or the tail is full.
     *
     * @return octets that the next copy needs, when it did not fit; 0 otherwise
     */
    long step(long budget) {
        Segment from = source;
        SegmentScanner reading = scanner;
        if (from == null || reading == null) {
            return 0;
        }
        try {
            while (batch.length() < budget) {
                SegmentScanner.Found found = pending != null ? pending : reading.next();
                pending = found;
                if (found == null || from.damaged) {
                    end(from);
                    return 0;
                }
                copyNeeded(from, found);
                if (!encoder.frame().isEmpty()) {
                    long length = encoder.frame().length();
                    if (!batch.takes(length) || !segments.fits(batch.length() + length)) {
                        return batch.isEmpty() ? length : 0;
                    }
                    encoder.commit();
                }
                pending = null;
            }
        } catch (IOException e) {
            from.damaged = true;
            // whoever reads the message itself tells of its damage
            damages.event(new Damage(Segment.slotName(from.slot), 0, Optional.empty(), e.toString()));
            end(from);
        }
        return 0;
    }

    private void copyNeeded(Segment from, SegmentScanner.Found found) throws IOException {
        Segment tail = segments.tail().orElseThrow();
        long here = Segment.location(from.number, found.offset());
        encoder.begin(Segment.location(tail.number, tail.end + batch.length()));
        for (SpoolRecord each : found.records()) {
            switch (each) {
                case SpoolRecord.Message message -> {
                    IndexEntry entry = now(message.id());
                    if (entry != null && entry.home == here) {
                        encoder.copy(message.id(), entry);
                    }
                }
                case SpoolRecord.Restated(long id, SpoolRecord.Meta ignored) -> {
                    IndexEntry entry = now(id);
                    if (entry != null && entry.meta == here) {
                        encoder.copyStates(id, entry);
                    }
                }
                case SpoolRecord.States states -> {
                    IndexEntry entry = now(states.id());
                    if (entry != null && entry.hasStatesAt(here)) {
                        encoder.copyStates(states.id(), entry);
                    }
                }
                case SpoolRecord.Gone gone -> {
                    if (gone.home() != from.number && segments.isCounted(gone.home())) {
                        encoder.copyGone(gone);
                    }
                }
                case SpoolRecord.Ids ignored -> {}
            }
        }
    }

    private @Nullable IndexEntry now(long id) {
        IndexEntry entry = encoder.touchedNow(id);
        if (entry == null) {
            entry = batch.staged(id);
        }
        return entry != null ? entry : index.get(id);
    }

    /** All was looked at: what leaned here is copied, once the batch lasts. */
    private void end(Segment from) {
        if (!from.damaged) {
            batch.empties(from);
        }
        source = null;
        scanner = null;
        pending = null;
        written = checkAfter;
    }

    /** What was staged is lost with its batch: begin anew, some other time. */
    void reset() {
        source = null;
        scanner = null;
        pending = null;
    }
}
