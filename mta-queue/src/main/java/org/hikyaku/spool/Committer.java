package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The one task that writes the journal: takes all changes that wait, writes them as one batch, forces once, makes them
 * visible, and only then tells the callers (docs/spool.md, rule 1).
 *
 * <p><i>Failure:</i> when a write or force fails, the segment is ended before the batch, a new one is begun, and only then are the
 * batch's callers told; while none can be begun all changes fail at once, and it tries again after waits that grow to half a
 * minute. On a full disk it draws together what is in force, so that segments are freed. When this task itself dies, all
 * who wait are told.
 */
final class Committer {
    private static final int CHANGES_AT_ONCE = 4096;
    private static final Duration UNEASY = Duration.ofSeconds(1);
    /** How often it looks round when there is nothing to do. */
    private static final Duration IDLE = Duration.ofMinutes(5);

    private static final long NOT_WAITING = Long.MIN_VALUE;

    private final World world;
    private final Path directory;
    private final Index index;
    private final Segments segments;
    private final RecentMessages recent;
    private final SpoolIds ids;
    private final BodyWriters writers;
    private final WorkQueue<Waiting> queue;
    private final Batch batch = new Batch();
    private final ChangeEncoder encoder;
    private final Compactor compactor;
    private final Checkpoints checkpoints;
    private final Notices notices;
    private final ArrayList<Waiting> waiting = new ArrayList<>();
    private final ArrayDeque<Waiting> ready = new ArrayDeque<>();
    /** Body files of changes that were told failed, but might be found whole should the process end now. */
    private final ArrayList<Long> doubtful = new ArrayList<>();

    private final Waits waits;
    private long namesSeen;
    private final long segmentSize;
    private volatile long reserve;
    private volatile long marksWait;
    private long marksSince = NOT_WAITING;
    private volatile long room;
    private volatile long free;
    private volatile boolean broken;
    private volatile @Nullable Visits visits;
    private boolean full;
    private long nextBatch;
    private long lastLength;
    /** Octets to be copied, for so many were written. */
    private long owed;
    /** When more may be copied, by the rate. */
    private long copyAgain;

    private volatile long rate;

    Committer(Parts parts, long reserve, long rate, long nextBatch) {
        this.world = parts.world();
        this.directory = parts.directory();
        this.index = parts.index();
        this.segments = parts.segments();
        this.recent = parts.recent();
        this.ids = parts.ids();
        this.writers = parts.writers();
        this.segmentSize = parts.segmentSize();
        this.queue = new WorkQueue<>(world.tasks());
        this.waits = new Waits(world.clock());
        this.encoder = new ChangeEncoder(index, batch, parts.reader());
        this.compactor = new Compactor(index, segments, batch, encoder, parts.damages(), segmentSize);
        this.checkpoints = new Checkpoints(world, directory, index, segmentSize, rate);
        this.rate = rate;
        this.copyAgain = world.clock().nanos();
        this.notices = new Notices(world.events());
        reserve(reserve);
        this.nextBatch = nextBatch;
        this.namesSeen = world.clock().nanos();
    }

    /** What the committer works with. */
    record Parts(
            World world,
            Path directory,
            long segmentSize,
            Index index,
            Segments segments,
            MessageReader reader,
            RecentMessages recent,
            SpoolIds ids,
            BodyWriters writers,
            DamageLog damages) {}

    /** Begins the first segment of this run, before any change; if that cannot be now, later. */
    void begin() {
        try {
            beginSegment(0);
        } catch (IOException e) {
            // told by beginSegment: what is stored can be looked at, nothing is taken until a segment can be begun
        }
        look();
    }

    boolean add(Waiting item) {
        return queue.add(item, item.isMark());
    }

    /** A file that a change waits for is there. */
    void ring() {
        queue.ring();
    }

    void close() {
        queue.close();
    }

    /** What is to be told between batches. */
    void visits(Visits from) {
        visits = from;
    }

    /** Never less than lets a new segment be begun, and with it finished ones be freed. */
    final void reserve(long octets) {
        reserve = Math.max(octets, 2 * segmentSize);
    }

    /** How long marks wait for something to be written with. */
    final void marksWait(Duration most) {
        marksWait = most.toNanos();
    }

    /** Octets a second for what nobody waits for. */
    void rate(long octets) {
        checkpoints.rate(octets);
        rate = octets;
    }

    /** Notes what the opening had to read. */
    void recovered(long octets, long frames) {
        checkpoints.wrote(octets, frames);
    }

    /**
     * Whether a message of so many octets can be taken without touching the reserve; an answer as of the last batch.
     *
     * @param inFile whether it gets a file of its own, for which no segment stands ready
     */
    boolean hasRoom(long octets, boolean inFile) {
        return isStoring() && room - octets >= reserve && (!inFile || free >= octets);
    }

    /** Whether changes can be stored at all. */
    boolean isStoring() {
        return !broken && !queue.isClosed();
    }

    void run() {
        try {
            while (turn()) {}
        } catch (RuntimeException e) {
            broken = true;
            queue.close();
            queue.drainTo(waiting, Integer.MAX_VALUE);
            waiting.addAll(0, ready);
            waiting.addAll(0, batch.waiting());
            refuseAll(waiting, "the spool has failed: " + e);
            throw e;
        }
    }

    /** One batch, or one wait; false at the end. */
    private boolean turn() {
        Visits telling = visits;
        if (telling != null) {
            telling.tell();
        }
        long left = marksLeft();
        if (left <= 0) {
            marksSince = NOT_WAITING;
            queue.drainTo(waiting, CHANGES_AT_ONCE);
        }
        if (waiting.isEmpty() && queue.isClosed() && queue.isEmpty()) {
            finish();
            return false;
        }
        takeReady();
        if (checkpoints.isDue()) {
            checkpoint();
        }
        if (!ready.isEmpty()) {
            look();
            while (!ready.isEmpty()) {
                store(ready.getFirst());
                ready.removeFirst();
            }
            flush();
            lookForNames();
            harvest();
            if (!broken && compactor.isDue()) {
                owed += lastLength / 2 * 3;
                if (owed >= compactor.piece() || untilCopying() <= 0) {
                    compact(Math.max(owed, compactor.piece()));
                }
            } else {
                owed = 0;
            }
        } else if (!broken && compactor.isDue()) {
            long nanos = untilCopying();
            if (nanos <= 0) {
                compact(Batch.OCTETS_MAX / 4);
                harvest();
            } else {
                queue.await(Duration.ofNanos(nanos));
            }
        } else {
            Duration limit = broken ? waits.left() : full || segments.isPressed() ? UNEASY : IDLE;
            queue.await(left > 0 ? Duration.ofNanos(left) : limit);
            if (queue.isEmpty() || broken || full) {
                look(); // before a batch it does anyway
                mend();
                lookForNames();
            }
        }
        return true;
    }

    /** How long what came may still wait: marks alone do, for company, but not for ever and not while we write anyway. */
    private long marksLeft() {
        if (!queue.isPatient() || broken || full || compactor.isDue()) {
            return 0;
        }
        long now = world.clock().nanos();
        if (marksSince == NOT_WAITING) {
            marksSince = now;
        }
        return marksSince + marksWait - now;
    }

    /** Nanoseconds before more may be copied that nothing written calls for. */
    private long untilCopying() {
        return copyAgain - world.clock().nanos();
    }

    /** Has emptied segments freed, when those that count take too much. */
    private void harvest() {
        if (!broken && segments.isOverBound() && segments.isHarvestDue()) {
            try {
                beginSegment(0);
            } catch (IOException e) {
                // told when it broke; tried again after the wait
            }
        }
    }

    /** What is ready, in order; what waits for a file holds back what follows for the same messages. */
    private void takeReady() {
        ArrayList<Waiting> rest = new ArrayList<>(0);
        HashSet<Long> held = new HashSet<>();
        for (Waiting item : waiting) {
            if (!item.isReady() || (!held.isEmpty() && item.touchesAny(held))) {
                item.addTo(held);
                rest.add(item);
            } else {
                ready.add(item);
            }
        }
        waiting.clear();
        waiting.addAll(rest);
    }

    private void store(Waiting item) {
        Spool.SpoolFailure refused = whyNot(item);
        if (refused != null) {
            refuse(item, refused);
            return;
        }
        try {
            place(item);
        } catch (IOException | IllegalArgumentException e) {
            refuse(item, new Spool.SpoolFailure(isOutOfRoom(), String.valueOf(e.getMessage())));
        }
    }

    private Spool.@Nullable SpoolFailure whyNot(Waiting item) {
        if (item.refused() != null) {
            return new Spool.SpoolFailure(full, item.refused());
        }
        for (SpoolDraft draft : item.drafts()) {
            IOException failure = draft.failure();
            if (failure != null) {
                boolean noRoom = isOutOfRoom() || free < draft.size();
                return new Spool.SpoolFailure(noRoom, "the body was not written: " + failure.getMessage());
            }
        }
        if (item.isIntake() && room - batch.length() < reserve) {
            tellFull();
            return new Spool.SpoolFailure(true, "the disk is down to its reserve");
        }
        return null;
    }

    private void place(Waiting item) throws IOException {
        if (broken) {
            throw new IOException("the spool cannot be written now");
        }
        boundIds();
        while (true) {
            Segment tail = segments.tail().orElseThrow();
            encoder.begin(Segment.location(tail.number, tail.end + batch.length()));
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
                beginSegment(length);
            } else {
                flush();
            }
        }
        if (!encoder.frame().isEmpty()) {
            encoder.commit(nextBatch);
        }
        batch.tell(item);
    }

    private void boundIds() throws IOException {
        if (batch.bound() == 0 && ids.wantsBound(world.clock().now())) {
            addBound(ids.nextBound(world.clock().now()));
        }
    }

    private void addBound(long bound) {
        Segment tail = segments.tail().orElseThrow();
        if (segments.fits(batch.length() + Frame.BLOCK) && batch.takes(Frame.BLOCK)) {
            encoder.begin(Segment.location(tail.number, tail.end + batch.length()));
            encoder.ids(bound);
            encoder.commit(nextBatch);
        }
    }

    /** Writes and forces the batch, then tells. */
    private void flush() {
        if (!batch.isEmpty()) {
            Segment tail = segments.tail().orElseThrow();
            ByteBuffer octets = batch.finish(tail);
            lastLength = octets.remaining();
            nextBatch++;
            try {
                tail.file.write(tail.end, octets);
                tail.file.force();
            } catch (IOException e) {
                fail(tail, e);
                return;
            }
            tail.end += lastLength;
            long before = segments.live();
            publish(tail);
            compactor.wrote(lastLength + Math.max(0, before - segments.live()));
            checkpoints.wrote(lastLength, batch.frames());
        }
        for (Waiting item : batch.waiting()) {
            keep(item);
            notices.stored(item);
        }
        for (long id : batch.files()) {
            writers.delete(id);
        }
        batch.clear();
        notices.post();
    }

    private void publish(Segment tail) {
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
    }

    /** Keeps what was just stored in memory for its delivery, and gives the drafts' memory back. */
    private void keep(Waiting item) {
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

    /** The batch is lost: ends the segment before it, and tells when that lasts (crash states 10 and 11). */
    private void fail(Segment tail, IOException why) {
        world.events().emit(Event.SPOOL_FORCE_FAILED, Segment.slotName(tail.slot), why.toString());
        tail.suspect = true;
        tail.sealed = true;
        compactor.reset();
        List<Waiting> lost = List.copyOf(batch.waiting());
        batch.clear();
        waits.succeeded(); // this one is tried at once
        try {
            beginSegment(0);
        } catch (IOException e) {
            // told by beginSegment; the spool is broken until one can be begun
        }
        Spool.SpoolFailure told = new Spool.SpoolFailure(isOutOfRoom(), "the disk failed: " + why.getMessage());
        for (Waiting item : lost) {
            refuse(item, told, broken);
        }
        notices.post();
    }

    private void beginSegment(long frame) throws IOException {
        if (!waits.isOver()) {
            throw new IOException("no new segment could be begun a moment ago");
        }
        long bound = Math.max(ids.exactBound(), ids.nextBound(world.clock().now()));
        try {
            segments.begin(frame, nextBatch, bound);
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

    /** Tries to come back from a failure, and makes room. */
    private void mend() {
        try {
            if (broken || (segments.isPressed() && segments.isHarvestDue())) {
                beginSegment(0);
            }
        } catch (IOException e) {
            // told when it broke; tried again after the wait
        }
        if (segments.isPressed()) {
            compactor.hurry();
        }
        if (full && room >= reserve + segmentSize / 8) {
            full = false;
            world.events().emit(Event.SPOOL_RECOVERED, directory, "there is room again");
        }
    }

    /** Finds out, now and then, that somebody removed a segment: what it holds can be read as long as we have it open. */
    private void lookForNames() {
        long now = world.clock().nanos();
        if (now - namesSeen < IDLE.toNanos()) {
            return;
        }
        namesSeen = now;
        for (Segment gone : segments.losingNames()) {
            world.events().emit(Event.SPOOL_SEGMENT_GONE, Segment.slotName(gone.slot), gone.inForce);
            compactor.hurry();
        }
        if (segments.isNamelessToLeave()) {
            segments.tail().filter(tail -> tail.nameless).ifPresent(tail -> tail.sealed = true);
            try {
                beginSegment(0);
            } catch (IOException e) {
                compactor.hurry(); // told by beginSegment; looked at again next time
            }
        }
    }

    private void tellFull() {
        if (!full) {
            full = true;
            world.events().emit(Event.SPOOL_FULL, directory, room);
        }
    }

    private boolean isOutOfRoom() {
        look();
        if (room < Math.max(reserve, segmentSize)) {
            tellFull();
        }
        return full;
    }

    /** Looks how much room there is. */
    private void look() {
        segments.prepare();
        long now;
        try {
            now = world.disk().freeBytes(directory);
        } catch (IOException e) {
            now = 0; // a disk that cannot say is taken for full; asked again at the next batch
        }
        free = now;
        room = now + segments.ready();
        if (room < reserve) {
            tellFull();
        }
    }

    private void compact(long budget) {
        long wanted = compactor.step(Math.min(budget, Batch.OCTETS_MAX), nextBatch);
        if (wanted > 0) {
            try {
                if (segments.isPressed() && !segments.isHarvestDue()) {
                    compactor.reset(); // what is left is for changes
                } else {
                    beginSegment(wanted);
                }
            } catch (IOException e) {
                compactor.reset(); // told when it broke
            }
            return;
        }
        if (batch.isEmpty() && batch.emptied() != null) {
            segments.copied(batch.emptied());
        }
        lastLength = 0;
        flush();
        owed = Math.max(0, owed - lastLength);
        copyAgain = world.clock().nanos() + lastLength * 1_000_000_000 / rate;
    }

    private void refuse(Waiting item, Spool.SpoolFailure why) {
        refuse(item, why, false);
    }

    /** @param doubted whether the change may yet be found whole, should the process end now (crash state 11) */
    private void refuse(Waiting item, Spool.SpoolFailure why, boolean doubted) {
        for (SpoolDraft draft : item.drafts()) {
            boolean inFile = draft.isSpilled();
            draft.release();
            if (inFile && doubted) {
                doubtful.add(draft.id().value());
            } else if (inFile) {
                writers.delete(draft.id().value());
            }
        }
        notices.failed(item, why);
        if (batch.isEmpty()) {
            notices.post();
        }
    }

    private void refuseAll(List<Waiting> items, String why) {
        for (Waiting item : items) {
            notices.failed(item, new Spool.SpoolFailure(false, why));
        }
        items.clear();
        notices.post();
    }

    /** Has the state of this moment written down; no batch is begun. */
    private void checkpoint() {
        if (isWritable()) {
            checkpoints.begin(moment(segments.tail().orElseThrow()));
        }
    }

    /** Whether a checkpoint may be taken: nothing is in doubt, and it leaves the reserve alone. */
    private boolean isWritable() {
        boolean inOrder = segments.tail().map(tail -> !tail.sealed).orElse(false);
        return inOrder && !broken && !full && room - checkpoints.size() >= reserve;
    }

    private Checkpoint moment(Segment tail) {
        return new Checkpoint(
                tail.number,
                tail.end,
                nextBatch,
                ids.bound(),
                segments.inOrder().stream().map(Checkpoint.Kept::of).toList());
    }

    private void finish() {
        if (!broken) {
            addBound(ids.exactBound());
            flush();
            look();
        }
        if (isWritable()) {
            checkpoints.end(moment(segments.tail().orElseThrow()));
        }
        checkpoints.await();
    }
}
