package org.hikyaku.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Has a checkpoint written whenever much was written to the journal since the last one, on a task of its own, and at the end.
 * The committer's, but for that task, which reads what is frozen.
 *
 * <p><i>Failure:</i> a checkpoint that could not be written is told and tried again as much later; the former one, or none,
 * serves as well, only slower.
 */
final class Checkpoints {
    /** Frames after which one is due: what an opening reads in a second or two. */
    private static final int FRAMES = 200_000;

    /** A segment's worth of it: octets of the journal between two. */
    private static final int SEGMENTS = 4;

    /** Octets of one for a message, about. */
    private static final int ROW = 8 * IndexChunk.WIDTH;

    /** At the end one is left out when the tail has less than a hundredth as many frames as there are messages. */
    private static final int WORTH = 100;

    private final World world;
    private final Path directory;
    private final Index index;
    private final long every;
    private volatile long rate;
    private volatile boolean hurry;
    private Tasks.@Nullable Task writing;
    private long octets;
    private long frames;

    Checkpoints(World world, Path directory, Index index, long segmentSize, long rate) {
        this.world = world;
        this.directory = directory;
        this.index = index;
        this.every = SEGMENTS * segmentSize;
        this.rate = rate;
    }

    void rate(long octetsPerSecond) {
        rate = octetsPerSecond;
    }

    /** Notes what a next opening would have to read. */
    void wrote(long more, long moreFrames) {
        octets += more;
        frames += moreFrames;
    }

    /** About how long one is now. */
    long size() {
        return (long) index.size() * ROW;
    }

    boolean isDue() {
        return (octets >= Math.max(every, 2 * size()) || frames >= Math.max(FRAMES, index.size() / WORTH))
                && (writing == null || writing.join(Duration.ZERO));
    }

    /** Begins to write the state of this {@code moment}. */
    void begin(Checkpoint moment) {
        octets = 0;
        frames = 0;
        List<IndexChunk> frozen = index.freeze();
        writing = world.tasks().startDedicated("spool checkpoint", () -> write(moment, frozen));
    }

    /** Writes the last one, in this task. */
    void end(Checkpoint moment) {
        await();
        if (frames > index.size() / WORTH) {
            write(moment, index.freeze());
        }
    }

    /** Waits until none is written. */
    void await() {
        hurry = true;
        if (writing != null) {
            writing.join(Duration.ofHours(1));
        }
    }

    private void write(Checkpoint moment, List<IndexChunk> frozen) {
        long began = world.clock().nanos();
        try {
            CheckpointFile.write(world, directory, moment, frozen, rate, () -> hurry);
            world.events()
                    .emit(
                            Event.SPOOL_CHECKPOINT,
                            moment.segment(),
                            moment.offset(),
                            index.size(),
                            (world.clock().nanos() - began) / 1_000_000);
        } catch (IOException e) {
            world.events().emit(Event.SPOOL_CHECKPOINT_FAILED, directory, e.toString());
        } finally {
            index.thaw();
        }
    }
}
