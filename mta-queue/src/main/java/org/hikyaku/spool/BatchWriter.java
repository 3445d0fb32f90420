package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Composes changes into batches, writes each batch with one write and one force, makes it visible, and only then tells the
 * callers (docs/spool.md, rule 1). The committer's.
 *
 * <p><i>Failure:</i> a change that cannot be stored is refused alone. When a write or force fails, the segment is ended before
 * the batch, another is begun, and only then are the batch's callers told.
 */
final class BatchWriter {
    private final World world;
    private final Segments segments;
    private final SpoolIds ids;
    private final BodyWriters writers;
    private final Batch batch;
    private final ChangeEncoder encoder;
    private final Compactor compactor;
    private final Checkpoints checkpoints;
    private final WritableTail tail;
    private final DiskRoom room;
    private final Publication publication;
    private final Notices notices;
    private long lastLength;

    BatchWriter(
            JournalParts parts,
            Batch batch,
            ChangeEncoder encoder,
            Compactor compactor,
            Checkpoints checkpoints,
            WritableTail tail,
            DiskRoom room) {
        this.world = parts.world();
        this.segments = parts.segments();
        this.ids = parts.ids();
        this.writers = parts.writers();
        this.batch = batch;
        this.encoder = encoder;
        this.compactor = compactor;
        this.checkpoints = checkpoints;
        this.tail = tail;
        this.room = room;
        this.publication = new Publication(parts.index(), segments, parts.recent(), ids);
        this.notices = new Notices(world.events());
    }

    /** Octets of the last batch written. */
    long lastLength() {
        return lastLength;
    }

    /** Puts a change into the batch, or refuses it. */
    void store(Waiting item) {
        Spool.SpoolFailure refused = whyNot(item);
        if (refused != null) {
            refuse(item, refused, false);
            return;
        }
        try {
            place(item);
        } catch (IOException | IllegalArgumentException e) {
            refuse(item, new Spool.SpoolFailure(room.isOut(), String.valueOf(e.getMessage())), false);
        }
    }

    private Spool.@Nullable SpoolFailure whyNot(Waiting item) {
        if (item.refused() != null) {
            return new Spool.SpoolFailure(room.isFull(), item.refused());
        }
        for (SpoolDraft draft : item.drafts()) {
            IOException failure = draft.failure();
            if (failure != null) {
                boolean noRoom = room.isOutFor(draft.size());
                return new Spool.SpoolFailure(noRoom, "the body was not written: " + failure.getMessage());
            }
        }
        if (item.isIntake() && !room.takesAfter(batch.length())) {
            return new Spool.SpoolFailure(true, "the disk is down to its reserve");
        }
        return null;
    }

    private void place(Waiting item) throws IOException {
        if (tail.isBroken()) {
            throw new IOException("the spool cannot be written now");
        }
        boundIds();
        while (true) {
            beginFrame();
            try {
                encoder.encode(item.change());
            } catch (ChangeEncoder.MustFlush e) {
                flush();
                continue;
            }
            long length = encoder.frame().length();
            if (length > Segment.SIZE_MAX / 2) {
                throw new IllegalArgumentException("a change of " + length + " octets");
            }
            if (encoder.frame().isEmpty() || (batch.takes(length) && segments.fits(batch.length() + length))) {
                break;
            }
            if (batch.isEmpty()) {
                tail.begin(length);
            } else {
                flush();
            }
        }
        if (!encoder.frame().isEmpty()) {
            encoder.commit();
        }
        batch.tell(item);
    }

    private void beginFrame() {
        Segment now = segments.tail().orElseThrow();
        encoder.begin(Segment.location(now.number, now.end + batch.length()));
    }

    private void boundIds() {
        if (batch.bound() == 0 && ids.wantsBound(world.clock().now())) {
            addBound(ids.nextBound(world.clock().now()));
        }
    }

    private void addBound(long bound) {
        if (segments.fits(batch.length() + Frame.BLOCK) && batch.takes(Frame.BLOCK)) {
            beginFrame();
            encoder.ids(bound);
            encoder.commit();
        }
    }

    /** Writes and forces the batch, then tells. */
    void flush() {
        if (!batch.isEmpty() && !write(segments.tail().orElseThrow())) {
            return;
        }
        for (Waiting item : batch.waiting()) {
            publication.keep(item);
            notices.stored(item);
        }
        for (long id : batch.files()) {
            writers.delete(id);
        }
        batch.clear();
        notices.post();
    }

    /** Writes what nobody waits for, and returns its octets. */
    long flushAlone() {
        lastLength = 0;
        flush();
        return lastLength;
    }

    /** The last batch of this run: it says how far ids were given. */
    void finish() {
        addBound(ids.exactBound());
        flush();
    }

    private boolean write(Segment to) {
        ByteBuffer octets = batch.finish(to);
        lastLength = octets.remaining();
        try {
            to.file.write(to.end, octets);
            to.file.force();
        } catch (IOException e) {
            fail(to, e);
            return false;
        }
        to.end += lastLength;
        long finished = publication.publish(batch, to);
        compactor.wrote(lastLength + finished);
        checkpoints.wrote(lastLength, batch.frames());
        return true;
    }

    /** The batch is lost. */
    private void fail(Segment on, IOException why) {
        compactor.reset();
        List<Waiting> lost = List.copyOf(batch.waiting());
        batch.clear();
        tail.leave(on, why);
        Spool.SpoolFailure told = new Spool.SpoolFailure(room.isOut(), "the disk failed: " + why.getMessage());
        for (Waiting item : lost) {
            refuse(item, told, tail.isBroken());
        }
        notices.post();
    }

    /** @param doubted whether the change may yet be found whole, should the process end now (crash state 11) */
    private void refuse(Waiting item, Spool.SpoolFailure why, boolean doubted) {
        for (SpoolDraft draft : item.drafts()) {
            boolean inFile = draft.isSpilled();
            draft.release();
            if (inFile && doubted) {
                tail.deleteLater(draft.id().value());
            } else if (inFile) {
                writers.delete(draft.id().value());
            }
        }
        notices.failed(item, why);
        if (batch.isEmpty()) {
            notices.post();
        }
    }

    /** Tells those of the batch begun, then {@code others}, that nothing will be written any more. */
    void abandon(List<Waiting> others, String why) {
        Spool.SpoolFailure told = new Spool.SpoolFailure(false, why);
        batch.waiting().forEach(item -> notices.failed(item, told));
        others.forEach(item -> notices.failed(item, told));
        notices.post();
    }

    /** The state of this moment, when no batch is begun. */
    Checkpoint moment() {
        return Checkpoint.of(segments, batch.number(), ids.bound());
    }
}
