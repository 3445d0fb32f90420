package org.hikyaku.spool;

import java.nio.file.Path;
import java.time.Duration;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The one task that writes the journal, and the order of its work: takes all changes that wait ({@link Arrivals}), has them
 * written as one batch and told ({@link BatchWriter}), then sees to copies ({@link CopyPace}), checkpoints and the rest
 * ({@link Upkeep}).
 *
 * <p>What these classes hold is this task's alone, and needs no lock; what another thread may call or read says so, and is volatile.
 *
 * <p><i>Failure:</i> theirs, each in its class. When this task itself dies, all who wait are told.
 */
final class Committer {
    private static final Duration UNEASY = Duration.ofSeconds(1);

    private final Segments segments;
    private final Arrivals arrivals;
    private final DiskRoom room;
    private final WritableTail tail;
    private final BatchWriter writer;
    private final CopyPace copies;
    private final Upkeep upkeep;
    private final Checkpoints checkpoints;
    private volatile @Nullable Visits visits;

    Committer(JournalParts parts, long reserve, long rate, long nextBatch) {
        World world = parts.world();
        Path directory = parts.directory();
        long segmentSize = parts.segmentSize();
        Batch batch = new Batch(nextBatch);
        ChangeEncoder encoder = new ChangeEncoder(parts.index(), batch, parts.reader());
        this.segments = parts.segments();
        this.arrivals = new Arrivals(world);
        Compactor compactor = new Compactor(parts.index(), segments, batch, encoder, parts.damages(), segmentSize);
        this.checkpoints = new Checkpoints(world, directory, parts.index(), segmentSize, rate);
        this.room = new DiskRoom(world, directory, segments, segmentSize, reserve);
        this.tail = new WritableTail(world, directory, segments, parts.ids(), parts.writers(), batch);
        this.writer = new BatchWriter(parts, batch, encoder, compactor, checkpoints, tail, room);
        this.copies = new CopyPace(world.clock(), segments, batch, compactor, tail, writer, rate);
        this.upkeep = new Upkeep(world, segments, compactor, tail, room);
    }

    /**
     * Begins the first segment of this run, before any change. If that cannot be now, then later: what is stored can be looked
     * at meanwhile, and nothing is taken.
     */
    void begin() {
        tail.renew();
        room.look();
    }

    /** Where changes are given to it. */
    Arrivals arrivals() {
        return arrivals;
    }

    /** What is to be told between batches. */
    void visits(Visits from) {
        visits = from;
    }

    /** Octets of the disk that new messages leave alone. */
    void reserve(long octets) {
        room.reserve(octets);
    }

    /** Octets a second for what nobody waits for. */
    void rate(long octets) {
        checkpoints.rate(octets);
        copies.rate(octets);
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
        return isStoring() && room.has(octets, inFile);
    }

    /** Whether changes can be stored at all. */
    boolean isStoring() {
        return !tail.isBroken() && !arrivals.isClosed();
    }

    void run() {
        try {
            while (turn()) {}
        } catch (RuntimeException e) {
            tail.giveUp();
            writer.abandon(arrivals.closeAndTakeAll(), "the spool has failed: " + e);
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
            arrivals.take();
        }
        if (arrivals.isOver()) {
            finish();
            return false;
        }
        arrivals.sort();
        if (checkpoints.isDue() && isInOrder()) {
            checkpoints.begin(writer.moment());
        }
        if (arrivals.hasReady()) {
            store();
        } else if (copies.isDue()) {
            copy();
        } else {
            rest(left);
        }
        return true;
    }

    /** How long what came may still wait: marks alone do, for company, but not for ever and not while we write anyway. */
    private long marksLeft() {
        boolean patient = arrivals.isPatient() && !tail.isBroken() && !room.isFull() && !copies.isDue();
        return patient ? arrivals.marksLeft() : 0;
    }

    private void store() {
        room.look();
        while (arrivals.hasReady()) {
            writer.store(arrivals.first());
            arrivals.removeFirst();
        }
        writer.flush();
        upkeep.lookForNames();
        upkeep.harvest();
        copies.afterBatch();
    }

    private void copy() {
        long nanos = copies.nanosLeft();
        if (nanos <= 0) {
            copies.alone();
            upkeep.harvest();
        } else {
            arrivals.await(Duration.ofNanos(nanos));
        }
    }

    /** @param marksLeft how long marks that came may still wait; not above 0 when there are none */
    private void rest(long marksLeft) {
        Duration limit =
                tail.isBroken() ? tail.untilNextTry() : room.isFull() || segments.isPressed() ? UNEASY : Upkeep.EVERY;
        arrivals.await(marksLeft > 0 ? Duration.ofNanos(marksLeft) : limit);
        if (arrivals.isQuiet() || tail.isBroken() || room.isFull()) {
            room.look(); // before a batch it does anyway
            upkeep.mend();
            upkeep.lookForNames();
        }
    }

    /** Whether a checkpoint may be taken: nothing is in doubt, and it leaves the reserve alone. */
    private boolean isInOrder() {
        boolean writable = segments.tail().map(last -> !last.sealed).orElse(false);
        return writable && !tail.isBroken() && room.spares(checkpoints.size());
    }

    private void finish() {
        if (!tail.isBroken()) {
            writer.finish();
            room.look();
        }
        if (isInOrder()) {
            checkpoints.end(writer.moment());
        }
        checkpoints.await();
    }
}
