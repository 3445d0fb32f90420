package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The slots that an opening finds in the journal, each with its header if that is right, until they are given to the
 * segments or set free (docs/spool.md, crash states 1 to 5, 10 and 17).
 *
 * <p><i>Failure:</i> a slot that is missing or has a damaged header is damage; a newer format, or records without any readable
 * header, stop the opening. What was opened and not given away is closed by {@link #close}.
 */
final class FoundSlots {
    private static final int WINDOW = 1 << 20;

    private final World world;
    private final Path journal;
    private final Segments segments;
    private final DamageLog damages;
    private final TreeMap<Integer, SegmentMaker.Slot> slots = new TreeMap<>();
    private final TreeMap<Integer, SegmentHeader> headers = new TreeMap<>();

    FoundSlots(World world, Path journal, Segments segments, DamageLog damages) {
        this.world = world;
        this.journal = journal;
        this.segments = segments;
        this.damages = damages;
    }

    void open() throws IOException {
        for (String name : world.disk().list(journal)) {
            int slot = slotOf(name);
            if (slot <= 0) {
                world.events().emit(Event.SPOOL_FILE_FOREIGN, journal.resolve(name));
            } else {
                segments.usedSlot(slot);
                open(name, slot);
            }
        }
    }

    private void open(String name, int slot) throws IOException {
        Disk.File file = world.disk().openWrite(journal.resolve(name));
        slots.put(slot, new SegmentMaker.Slot(slot, file, file.size()));
        Optional<SegmentHeader> read = SegmentHeader.read(file).filter(header -> header.slot() == slot);
        if (read.isEmpty()) {
            saw(unreadable(file), name);
            return;
        }
        headers.put(slot, read.get());
        if (!read.get().isWhole(file)) {
            saw(5, name);
        }
    }

    /** 0 for what is no name of a segment. */
    private static int slotOf(String name) {
        try {
            int slot = Integer.parseInt(name);
            return Segment.slotName(slot).equals(name) ? slot : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Crash states 2 to 4: a spare without a header, or a header half written, over nothing or over former frames. */
    private static int unreadable(Disk.File file) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(3 * Frame.BLOCK);
        if (file.size() < start.capacity() || !Segment.fill(file, start, 0)) {
            return 2;
        }
        boolean begun = false;
        for (int i = 0; i < 2 * Frame.BLOCK && !begun; i++) {
            begun = start.get(i) != 0;
        }
        return !begun ? 2 : start.getInt(2 * Frame.BLOCK) == Frame.MAGIC ? 4 : 3;
    }

    /** The header that decides what counts; none on a first opening (crash state 1). */
    Optional<SegmentHeader> newest() throws IOException {
        Optional<SegmentHeader> newest = headers.values().stream().max(Comparator.comparingLong(SegmentHeader::number));
        if (newest.isEmpty()) {
            saw(1, "journal");
            refuseIfWritten();
        }
        headers.values().forEach(header -> segments.usedUpTo(header.number()));
        return newest;
    }

    /** No header is right: true of a spool whose first opening was cut short, else all would be lost unseen. */
    private void refuseIfWritten() throws IOException {
        for (SegmentMaker.Slot slot : slots.values()) {
            Segment blank = new Segment(0, 0, slot.number(), slot.file(), slot.size(), 0, slot.size());
            SegmentScanner scanner = new SegmentScanner(blank, 0, slot.size(), WINDOW, (offset, why) -> {});
            for (long at = SegmentHeader.framesAt(0); at + Frame.BLOCK <= slot.size(); at += Frame.BLOCK) {
                if (scanner.octets(at, 4).getInt() == Frame.MAGIC) {
                    throw new IOException("no segment in " + journal + " has a readable header, but there are records;"
                            + " move the directory away to begin anew");
                }
            }
        }
    }

    /** Whether the slot that {@code older} names is there and says itself what it is. */
    boolean isThere(SegmentHeader.Older older) {
        SegmentHeader own = headers.get(older.slot());
        return slots.containsKey(older.slot())
                && own != null
                && own.number() == older.number()
                && own.epoch() == older.epoch();
    }

    /** The segment that the newest header names as {@code older}; null when its file is missing. */
    @Nullable
    Segment take(SegmentHeader.Older older) {
        boolean right = isThere(older);
        SegmentMaker.Slot slot = slots.remove(older.slot());
        if (slot == null) {
            damaged(older.slot(), "the segment is missing");
            return null;
        }
        SegmentHeader own = headers.get(older.slot());
        if (!right) {
            damaged(older.slot(), "the segment's header is damaged");
        }
        long framesAt = right && own != null ? own.framesAt() : SegmentHeader.framesAt(0);
        Segment segment = new Segment(
                older.number(), older.epoch(), older.slot(), slot.file(), slot.size(), framesAt, older.end());
        segment.suspect = older.suspect();
        if (segment.suspect) {
            saw(10, Segment.slotName(segment.slot));
        }
        segment.damaged = !right;
        segment.sealed = true;
        return segment;
    }

    /** The segment of the newest header itself, which ends nowhere yet. */
    Segment take(SegmentHeader header) {
        SegmentMaker.Slot slot = Objects.requireNonNull(slots.remove(header.slot()));
        long framesAt = header.framesAt();
        Segment segment = new Segment(
                header.number(), header.epoch(), header.slot(), slot.file(), slot.size(), framesAt, framesAt);
        segment.sealed = true;
        return segment;
    }

    /** What nothing counts in may be written again; {@code newest} decides which of it counted once (crash state 17). */
    void free(Optional<SegmentHeader> newest) {
        for (int left : slots.keySet()) {
            SegmentHeader header = headers.get(left);
            if (header != null
                    && newest.isPresent()
                    && header.number() < newest.get().number()) {
                saw(17, Segment.slotName(left));
            }
        }
        while (!slots.isEmpty()) {
            segments.addFree(slots.pollFirstEntry().getValue());
        }
    }

    /** After a failure: closes what was opened and not given away. */
    void close() throws IOException {
        while (!slots.isEmpty()) {
            slots.pollFirstEntry().getValue().file().close();
        }
    }

    private void saw(int state, String where) {
        world.events().emit(Event.SPOOL_CRASH_STATE, state, where);
    }

    private void damaged(int slot, String why) {
        damages.add(new Damage(Segment.slotName(slot), 0, Optional.empty(), why));
    }
}
