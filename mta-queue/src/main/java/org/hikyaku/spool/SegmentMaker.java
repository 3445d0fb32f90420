package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.TreeSet;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Creates segments' files ahead of need, on a task of its own: zeros written, file and directory forced, so that a name
 * counts before its first record does. Deletes those no longer wanted.
 *
 * <p><i>Failure:</i> a file that could not be made is deleted again and its number used anew; whoever takes it is told. One
 * made ahead is tried again after waits that grow.
 */
final class SegmentMaker {
    private static final int PIECE = 1 << 20;

    private final World world;
    private final Path journal;
    private final WorkQueue<Job> jobs;
    private final Tasks.Task task;
    private final ByteBuffer zeros = ByteBuffer.allocateDirect(PIECE);
    private final Waits waits;
    // the committer's
    private final TreeSet<Integer> unused = new TreeSet<>();
    private int lastSlot;
    private Tasks.@Nullable Promise<Made> spare;

    SegmentMaker(World world, Path journal) {
        this.world = world;
        this.journal = journal;
        this.jobs = new WorkQueue<>(world.tasks());
        this.waits = new Waits(world.clock());
        this.task = world.tasks().startDedicated("spool segment maker", this::run);
    }

    /** A file for segments. */
    record Slot(int number, Disk.File file, long size) {}

    private sealed interface Job {
        /** @param again whether a file of this number may be left of ours: it goes first */
        record Make(int slot, boolean again, long size, Tasks.Promise<Made> promise) implements Job {}

        record Delete(Slot slot) implements Job {}
    }

    /** A slot or why not. */
    private record Made(
            int number, @Nullable Slot slot, @Nullable IOException why) {}

    /** Slots up to this one have names. */
    void usedUpTo(int slot) {
        lastSlot = Math.max(lastSlot, slot);
    }

    /** Has a spare made, unless the last failed just now. */
    void prepare(long size) {
        if (spare == null && waits.isOver()) {
            spare = ask(size);
        }
    }

    /** Whether the last spare could not be made. */
    boolean isShort() {
        return waits.isAny();
    }

    /** The spare, if it is made. */
    Optional<Slot> made() {
        Tasks.Promise<Made> promise = spare;
        if (promise == null || !promise.isDone()) {
            return Optional.empty();
        }
        spare = null;
        try {
            return Optional.of(slotOf(promise.await()));
        } catch (IOException e) {
            return Optional.empty(); // tried again after a wait; who needs one at once is told then
        }
    }

    /** The spare, or one made now; waits. */
    Slot take(long size) throws IOException {
        Tasks.Promise<Made> promise = spare != null ? spare : ask(size);
        spare = null;
        return slotOf(promise.await());
    }

    /** One of an unusual size; waits. */
    Slot make(long size) throws IOException {
        return slotOf(ask(size).await());
    }

    /** Whether the file of {@code slot} still has its name. */
    boolean isNamed(int slot) {
        return world.disk().exists(journal.resolve(Segment.slotName(slot)));
    }

    void delete(Slot slot) {
        jobs.add(new Job.Delete(slot));
        unused.add(slot.number());
    }

    void close(Duration limit) throws IOException {
        jobs.close();
        task.join(limit);
        if (spare != null && spare.isDone()) {
            slotOf(spare.await()).file().close();
        }
    }

    private Tasks.Promise<Made> ask(long size) {
        Tasks.Promise<Made> promise = world.tasks().promise();
        Integer former = unused.pollFirst();
        int number = former == null ? ++lastSlot : former;
        jobs.add(new Job.Make(number, former != null, size, promise));
        return promise;
    }

    private Slot slotOf(Made made) throws IOException {
        if (made.slot() == null) {
            waits.failed();
            if (!(made.why() instanceof FileAlreadyExistsException)) { // that one is not ours
                unused.add(made.number());
            }
            throw new IOException("no new segment: " + made.why(), made.why());
        }
        waits.succeeded();
        return made.slot();
    }

    private void run() {
        ArrayList<Job> now = new ArrayList<>();
        while (true) {
            jobs.drainTo(now, 1);
            if (now.isEmpty()) {
                if (jobs.isClosed() && jobs.isEmpty()) {
                    return;
                }
                jobs.await(null);
                continue;
            }
            switch (now.getFirst()) {
                case Job.Make(int slot, boolean again, long size, Tasks.Promise<Made> promise) ->
                    promise.complete(made(slot, again, size));
                case Job.Delete(Slot slot) -> remove(slot);
            }
            now.clear();
        }
    }

    private Made made(int number, boolean again, long size) {
        Path path = journal.resolve(Segment.slotName(number));
        Disk.File file = null;
        try {
            long free = world.disk().freeBytes(journal);
            if (free < size) {
                throw new IOException("a segment takes " + size + " octets, free are " + free);
            }
            if (again && world.disk().exists(path)) {
                world.disk().delete(path);
            }
            file = world.disk().create(path);
            for (long at = 0; at < size; at += PIECE) {
                file.write(at, zeros.slice(0, (int) Math.min(PIECE, size - at)));
            }
            file.force();
            world.disk().forceDirectory(journal);
            return new Made(number, new Slot(number, file, size), null);
        } catch (FileAlreadyExistsException e) {
            return new Made(number, null, e);
        } catch (IOException e) {
            giveUp(path, file);
            return new Made(number, null, e);
        }
    }

    private void giveUp(Path path, Disk.@Nullable File file) {
        try {
            if (file != null) {
                file.close();
                world.disk().delete(path);
            }
        } catch (IOException e) {
            // the file counts for nothing: who uses the number next deletes it first, or the next opening
        }
    }

    private void remove(Slot slot) {
        giveUp(journal.resolve(Segment.slotName(slot.number())), slot.file());
    }
}
