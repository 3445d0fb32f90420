package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Creates segments' files ahead of need, on a task of its own: zeros written, file and directory forced, so that a name
 * counts before its first record does. Deletes those no longer wanted.
 *
 * <p><i>Failure:</i> a file that could not be made is deleted again; whoever takes it is told, and it is tried anew at the next
 * call.
 */
final class SegmentMaker {
    private static final int PIECE = 1 << 20;

    private final World world;
    private final Path journal;
    private final WorkQueue<Job> jobs;
    private final Tasks.Task task;
    private final ByteBuffer zeros = ByteBuffer.allocateDirect(PIECE);
    // the committer's
    private int lastSlot;
    private Tasks.@Nullable Promise<Made> spare;

    SegmentMaker(World world, Path journal) {
        this.world = world;
        this.journal = journal;
        this.jobs = new WorkQueue<>(world.tasks());
        this.task = world.tasks().startDedicated("spool segment maker", this::run);
    }

    /** A file for segments. */
    record Slot(int number, Disk.File file, long size) {}

    private sealed interface Job {
        record Make(int slot, long size, Tasks.Promise<Made> promise) implements Job {}

        record Delete(Slot slot) implements Job {}
    }

    /** A slot or why not. */
    private record Made(@Nullable Slot slot, @Nullable IOException why) {}

    /** Slots up to this one have names. */
    void usedUpTo(int slot) {
        lastSlot = Math.max(lastSlot, slot);
    }

    /** Has a spare made. */
    void prepare(long size) {
        if (spare == null) {
            spare = ask(size);
        }
    }

    boolean isReady() {
        return spare != null && spare.isDone();
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

    void delete(Slot slot) {
        jobs.add(new Job.Delete(slot));
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
        jobs.add(new Job.Make(++lastSlot, size, promise));
        return promise;
    }

    private static Slot slotOf(Made made) throws IOException {
        if (made.slot() == null) {
            throw new IOException("no new segment: " + made.why(), made.why());
        }
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
                case Job.Make(int slot, long size, Tasks.Promise<Made> promise) -> promise.complete(made(slot, size));
                case Job.Delete(Slot slot) -> remove(slot);
            }
            now.clear();
        }
    }

    private Made made(int number, long size) {
        Path path = journal.resolve(Segment.slotName(number));
        Disk.File file = null;
        try {
            file = world.disk().create(path);
            for (long at = 0; at < size; at += PIECE) {
                file.write(at, zeros.slice(0, (int) Math.min(PIECE, size - at)));
            }
            file.force();
            world.disk().forceDirectory(journal);
            return new Made(new Slot(number, file, size), null);
        } catch (IOException e) {
            giveUp(path, file);
            return new Made(null, e);
        }
    }

    private void giveUp(Path path, Disk.@Nullable File file) {
        try {
            if (file != null) {
                file.close();
            }
            world.disk().delete(path);
        } catch (IOException e) {
            // the file counts for nothing: the next opening deletes it
        }
    }

    private void remove(Slot slot) {
        giveUp(journal.resolve(Segment.slotName(slot.number())), slot.file());
    }
}
