package org.hikyaku.spool;

import java.io.IOException;
import java.nio.file.Path;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * How much room the disk has, and the reserve, which new messages leave alone so that what is stored can be finished. The
 * committer looks, between batches; {@link #has} answers anybody, as of the last look, and {@link #reserve} is anybody's too.
 *
 * <p><i>Failure:</i> a disk that cannot say is taken for full, and asked again at the next batch. That it is full is told
 * once, and once that there is room again.
 */
final class DiskRoom {
    /** There is room again when so large a part of a segment is free beyond the reserve. */
    private static final int AGAIN_PART = 8;

    private final World world;
    private final Path directory;
    private final Segments segments;
    private final long segmentSize;
    private volatile long reserve;
    /** Octets free on the disk, and those with the slots that stand ready. */
    private volatile long free;

    private volatile long room;
    private boolean full;

    DiskRoom(World world, Path directory, Segments segments, long segmentSize, long reserve) {
        this.world = world;
        this.directory = directory;
        this.segments = segments;
        this.segmentSize = segmentSize;
        reserve(reserve);
    }

    /** Never less than lets a new segment be begun, and with it finished ones be freed. */
    final void reserve(long octets) {
        reserve = Math.max(octets, 2 * segmentSize);
    }

    /**
     * Whether a message of so many octets can be taken without touching the reserve.
     *
     * @param inFile whether it gets a file of its own, for which no segment stands ready
     */
    boolean has(long octets, boolean inFile) {
        return room - octets >= reserve && (!inFile || free >= octets);
    }

    /** Looks how much room there is. */
    void look() {
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
            tell();
        }
    }

    /** Whether a new message may come after {@code octets} not yet written; that it may not is told. */
    boolean takesAfter(long octets) {
        boolean takes = room - octets >= reserve;
        if (!takes) {
            tell();
        }
        return takes;
    }

    /** Whether what just failed may have failed for want of room. */
    boolean isOut() {
        look();
        if (room < Math.max(reserve, segmentSize)) {
            tell();
        }
        return full;
    }

    /** Whether a file of {@code octets} may have failed for want of room. */
    boolean isOutFor(long octets) {
        return isOut() || free < octets;
    }

    boolean isFull() {
        return full;
    }

    /** Whether {@code octets} that could be done without leave the reserve alone. */
    boolean spares(long octets) {
        return !full && room - octets >= reserve;
    }

    /** Notes, after a look, that there is room again. */
    void recover() {
        if (full && room >= reserve + segmentSize / AGAIN_PART) {
            full = false;
            world.events().emit(Event.SPOOL_RECOVERED, directory, "there is room again");
        }
    }

    private void tell() {
        if (!full) {
            full = true;
            world.events().emit(Event.SPOOL_FULL, directory, room);
        }
    }
}
