package org.hikyaku.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.world.World;

/**
 * What a spool is made of, built one after the other: directories, lock, parts, and what recovery finds.
 *
 * <p><i>Failure:</i> an {@link IOException} that names the path; {@link #giveUp} then lets go of what was taken.
 */
final class Opening {
    private static final Duration CLOSE_LIMIT = Duration.ofHours(1);
    private static final long SEGMENT_MIN = 1L << 16;

    final World world;
    final Path directory;
    final Path journal;
    final Path bodies;
    final long segmentSize;
    final Closeable lock;
    final Index index = new Index();
    final DamageLog damages;
    final DraftMemory memory;
    final BodyWriters writers;
    final SegmentMaker maker;
    final Segments segments;
    final MessageReader reader;
    final Recovery recovery;

    Opening(World world, Path directory, SpoolSettings settings, long draftMemory) throws IOException {
        this.world = world;
        this.directory = directory;
        this.journal = directory.resolve("journal");
        this.bodies = directory.resolve("bodies");
        this.segmentSize = Frame.toBlock(Math.clamp(settings.segmentSize(), SEGMENT_MIN, Segment.SIZE_MAX / 2));
        makeDirectories();
        this.lock = lock();
        this.damages = new DamageLog(world);
        this.memory = new DraftMemory(draftMemory);
        this.writers = BodyWriters.start(world, bodies, memory);
        this.maker = new SegmentMaker(world, journal);
        this.segments = new Segments(world, maker, world.entropy().nextLong(), segmentSize);
        this.reader = new MessageReader(world.disk(), bodies, segments);
        this.recovery = new Recovery(world, directory, journal, index, segments, damages);
    }

    private Closeable lock() throws IOException {
        try {
            return world.disk().lock(directory.resolve("lock"));
        } catch (IOException e) {
            throw new IOException(
                    "the spool " + directory + " is in use by another process, or cannot be locked: " + e.getMessage(),
                    e);
        }
    }

    /** Makes the directories and their names last, up to the root: an earlier opening may have died half way. */
    private void makeDirectories() throws IOException {
        Path parent = directory.getParent();
        boolean foreign = parent == null || world.disk().exists(parent);
        world.disk().makeDirectories(journal);
        world.disk().makeDirectories(bodies);
        for (Path each = directory; each != null; each = each.getParent()) {
            try {
                world.disk().forceDirectory(each);
            } catch (IOException e) {
                boolean ours = each.equals(directory) || each.equals(parent) || !foreign;
                if (ours) {
                    throw e;
                }
                // a directory that we may not read is none that we made
            }
        }
    }

    /** Reads what former runs left. */
    void recover() throws IOException {
        recovery.run();
        new BodyCheck(world, bodies, index, segments, damages).run();
    }

    void giveUp(IOException why) {
        writers.close(CLOSE_LIMIT);
        try {
            maker.close(CLOSE_LIMIT);
            recovery.close();
            segments.close();
            lock.close();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }
}
