package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Reads the journal at opening and rebuilds the index (docs/spool.md, Crash states). Writes
 * nothing but the last batch, as it stands.
 *
 * <p><i>Failure:</i> damage is an event and costs what it covers; a newer format, a journal without any readable header and a
 * disk that cannot be read stop the opening.
 */
final class Recovery {
    /** Small: bodies are skipped. */
    private static final int WINDOW = 16 << 10;

    private static final int TAIL_WINDOW = 1 << 20;
    private static final int ROWS_AT_ONCE = 1_000;

    private final World world;
    private final Path directory;
    private final Path journal;
    private final Index index;
    private final Segments segments;
    private final DamageLog damages;
    private final TreeMap<Integer, SegmentMaker.Slot> slots = new TreeMap<>();
    private final TreeMap<Integer, SegmentHeader> headers = new TreeMap<>();
    private long idBound;
    private long nextBatch = 1;
    private @Nullable Checkpoint checkpoint;
    private long frames;
    private long octets;

    Recovery(World world, Path directory, Path journal, Index index, Segments segments, DamageLog damages) {
        this.world = world;
        this.directory = directory;
        this.damages = damages;
        this.journal = journal;
        this.index = index;
        this.segments = segments;
    }

    /** Every id given so far is below. */
    long idBound() {
        return idBound;
    }

    long nextBatch() {
        return nextBatch;
    }

    boolean usedCheckpoint() {
        return checkpoint != null;
    }

    /** Frames that were read, and the octets they took: what a checkpoint would have saved. */
    long frames() {
        return frames;
    }

    long octets() {
        return octets;
    }

    void run() throws IOException {
        openSlots();
        Optional<SegmentHeader> newest = headers.values().stream().max(Comparator.comparingLong(SegmentHeader::number));
        if (newest.isEmpty()) {
            saw(1, "journal");
            refuseIfWritten();
        } else {
            headers.values().forEach(header -> segments.usedUpTo(header.number()));
            read(newest.get());
        }
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

    /** After a failure: closes what was opened and not given to the segments. */
    void close() throws IOException {
        while (!slots.isEmpty()) {
            slots.pollFirstEntry().getValue().file().close();
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

    private void openSlots() throws IOException {
        for (String name : world.disk().list(journal)) {
            int slot = slotOf(name);
            if (slot <= 0) {
                world.events().emit(Event.SPOOL_FILE_FOREIGN, journal.resolve(name));
            } else {
                segments.usedSlot(slot);
                Disk.File file = world.disk().openWrite(journal.resolve(name));
                slots.put(slot, new SegmentMaker.Slot(slot, file, file.size()));
                Optional<SegmentHeader> read = SegmentHeader.read(file).filter(header -> header.slot() == slot);
                if (read.isPresent()) {
                    headers.put(slot, read.get());
                    if (!read.get().isWhole(file)) {
                        saw(5, name);
                    }
                } else {
                    saw(unreadable(file), name);
                }
            }
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

    private void saw(int state, String where) {
        world.events().emit(Event.SPOOL_CRASH_STATE, state, where);
    }

    /** No header is right: true of a spool whose first opening was cut short, else all would be lost unseen. */
    private void refuseIfWritten() throws IOException {
        for (SegmentMaker.Slot slot : slots.values()) {
            Segment blank = new Segment(0, 0, slot.number(), slot.file(), slot.size(), 0, slot.size());
            SegmentScanner scanner = new SegmentScanner(blank, 0, slot.size(), TAIL_WINDOW, (offset, why) -> {});
            for (long at = SegmentHeader.framesAt(0); at + Frame.BLOCK <= slot.size(); at += Frame.BLOCK) {
                if (scanner.octets(at, 4).getInt() == Frame.MAGIC) {
                    throw new IOException("no segment in " + journal + " has a readable header, but there are records;"
                            + " move the directory away to begin anew");
                }
            }
        }
    }

    /** All that counts: by the checkpoint as far as that goes, then frame by frame. */
    private void read(SegmentHeader newest) throws IOException {
        Optional<CheckpointFile.Read> found = checkpoint(newest);
        ArrayList<Segment> sealed = new ArrayList<>();
        for (SegmentHeader.Older older : newest.older()) {
            Segment segment = open(older);
            if (segment != null) {
                segments.add(segment);
                sealed.add(segment);
            }
        }
        Segment tail = open(newest);
        segments.add(tail);
        if (found.isPresent()) {
            take(found.get());
        }
        for (Segment segment : sealed) {
            scan(segment);
        }
        tail(newest, tail);
    }

    /** The checkpoint, when it may be trusted (crash state 19). */
    private Optional<CheckpointFile.Read> checkpoint(SegmentHeader newest) throws IOException {
        Optional<CheckpointFile.Read> found;
        try {
            found = CheckpointFile.read(world.disk(), directory);
        } catch (IOException e) {
            world.events().emit(Event.SPOOL_CHECKPOINT_FAILED, directory, e.toString());
            return Optional.empty();
        }
        boolean whole = newest.older().stream().allMatch(this::isThere);
        Optional<CheckpointFile.Read> right =
                found.filter(read -> whole && read.checkpoint().fits(newest));
        if (found.isPresent()) {
            saw(19, right.isPresent() ? "used" : "void");
        }
        return right;
    }

    private boolean isThere(SegmentHeader.Older older) {
        SegmentHeader own = headers.get(older.slot());
        return slots.containsKey(older.slot())
                && own != null
                && own.number() == older.number()
                && own.epoch() == older.epoch();
    }

    private void take(CheckpointFile.Read read) {
        checkpoint = read.checkpoint();
        idBound = Math.max(idBound, checkpoint.ids());
        for (Checkpoint.Kept each : checkpoint.segments()) {
            Segment segment = segments.get(each.number());
            if (segment != null) {
                each.restore(segment);
            }
        }
        List<Index.Row> rows = read.index().rows(null, ROWS_AT_ONCE);
        while (!rows.isEmpty()) {
            for (Index.Row row : rows) {
                if (segments.isCounted(
                        Segment.numberOf(row.entry().home))) { // else it ended, and its segment was freed
                    put(row.id(), row.entry());
                }
            }
            rows = read.index().rows(rows.getLast().id(), ROWS_AT_ONCE);
        }
    }

    /** Where reading of {@code segment} begins; its end when the checkpoint knows all of it. */
    private long from(Segment segment) {
        Checkpoint known = checkpoint;
        if (known == null || segment.number > known.segment()) {
            return segment.framesAt;
        }
        return known.contains(segment.number) ? segment.end : known.offset();
    }

    private @Nullable Segment open(SegmentHeader.Older older) {
        boolean right = isThere(older);
        SegmentMaker.Slot slot = slots.remove(older.slot());
        if (slot == null) {
            damaged(older.slot(), 0, "the segment is missing");
            return null;
        }
        SegmentHeader own = headers.get(older.slot());
        if (!right) {
            damaged(older.slot(), 0, "the segment's header is damaged");
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

    private Segment open(SegmentHeader header) {
        SegmentMaker.Slot slot = Objects.requireNonNull(slots.remove(header.slot()));
        Segment segment = new Segment(
                header.number(),
                header.epoch(),
                header.slot(),
                slot.file(),
                slot.size(),
                header.framesAt(),
                header.framesAt());
        segment.sealed = true;
        return segment;
    }

    private void scan(Segment segment) throws IOException {
        SegmentScanner scanner = new SegmentScanner(segment, from(segment), segment.end, WINDOW, (offset, why) -> {
            segment.damaged = true;
            damaged(segment.slot, offset, why);
        });
        for (SegmentScanner.Found found = scanner.next(); found != null; found = scanner.next()) {
            apply(segment, found, List.of());
        }
    }

    /** The newest segment: its end is found, not told. */
    private void tail(SegmentHeader header, Segment segment) throws IOException {
        Checkpoint known = checkpoint;
        if (known != null && known.segment() == segment.number) {
            idBound = known.ids();
            nextBatch = known.nextBatch();
            segment.end = known.offset();
        } else {
            idBound = Math.max(idBound, header.ids());
            nextBatch = header.firstBatch();
        }
        SegmentScanner scanner =
                new SegmentScanner(segment, segment.end, segment.size, TAIL_WINDOW, (offset, why) -> {});
        long began = segment.end;
        long at = began;
        long lastBatch = at;
        boolean inBatch = false;
        while (at < segment.size) {
            SegmentScanner.Found found = frame(scanner, at);
            List<Long> broken = found == null ? List.of() : brokenBodies(scanner, found);
            if (found == null || !broken.isEmpty()) {
                long expected = nextBatch;
                if (!hasLaterBatch(scanner, at, expected)) {
                    cut(scanner, segment, at, inBatch || found != null, expected);
                    break;
                }
                segment.damaged = true;
                damaged(segment.slot, at, found == null ? "no right frame" : "a body has a wrong checksum");
                if (found == null) {
                    found = scanner.search(at + 8, 8);
                    if (found == null) {
                        break;
                    }
                    broken = brokenBodies(scanner, found);
                }
            }
            apply(segment, found, broken);
            lastBatch = inBatch ? lastBatch : found.offset();
            inBatch = !found.frame().last();
            nextBatch = inBatch ? found.frame().batch() : found.frame().batch() + 1;
            at = found.next();
            segment.end = at;
        }
        nextBatch++;
        if (segment.end > began) {
            saw(8, Segment.slotName(segment.slot));
        }
        again(segment, lastBatch);
    }

    /**
     * Makes the last batch last, which may so far lie in the kernel's memory only: after a process that died before its force,
     * or whose force failed. Earlier ones were forced (rule 1).
     */
    private static void again(Segment segment, long lastBatch) throws IOException {
        ByteBuffer octets = ByteBuffer.allocate((int) Math.max(0, segment.end - lastBatch));
        if (octets.hasRemaining() && Segment.fill(segment.file, octets, lastBatch)) {
            segment.file.write(lastBatch, octets);
        }
        segment.file.force();
    }

    private static SegmentScanner.@Nullable Found frame(SegmentScanner scanner, long at) throws IOException {
        try {
            return scanner.at(at);
        } catch (Damaged e) {
            return null; // what that means, the caller finds out
        }
    }

    private static List<Long> brokenBodies(SegmentScanner scanner, SegmentScanner.Found found) throws IOException {
        ArrayList<Long> broken = new ArrayList<>();
        for (SpoolRecord each : found.records()) {
            if (each instanceof SpoolRecord.Message message && !scanner.isBodyRight(found, message)) {
                broken.add(message.id());
            }
        }
        return broken;
    }

    /** Whether a batch behind {@code expected} was begun: then that one was forced (rule 1). */
    private static boolean hasLaterBatch(SegmentScanner scanner, long at, long expected) throws IOException {
        long from = Frame.toBlock(at + 1);
        for (var found = scanner.search(from, Frame.BLOCK);
                found != null;
                found = scanner.search(Frame.toBlock(found.offset() + 1), Frame.BLOCK)) {
            if (found.frame().batch() > expected) {
                return true;
            }
        }
        return false;
    }

    /** Crash states 6 and 7: the end, torn or clean. */
    private void cut(SegmentScanner scanner, Segment segment, long at, boolean surelyTorn, long expected)
            throws IOException {
        boolean torn = surelyTorn;
        boolean former = false;
        if (!torn && at + Frame.FIXED <= segment.size) {
            var start = scanner.octets(at, Frame.FIXED);
            torn = start.getInt(0) == Frame.MAGIC && start.getLong(16) == expected;
            former = start.getInt(0) == Frame.MAGIC && !torn;
        }
        saw(torn ? 7 : former ? 9 : 6, Segment.slotName(segment.slot));
        if (torn) {
            world.events().emit(Event.SPOOL_TAIL_CUT, Segment.slotName(segment.slot), at, "a batch written in part");
        }
    }

    private void apply(Segment segment, SegmentScanner.Found found, List<Long> brokenBodies) {
        long location = Segment.location(segment.number, found.offset());
        frames++;
        octets += found.frame().length();
        for (SpoolRecord record : found.records()) {
            switch (record) {
                case SpoolRecord.Message message -> {
                    raise(message.id());
                    int span = message.bodyOffset() + message.inline();
                    IndexEntry entry = IndexEntry.of(message.meta(), location, span, message.cost(), message.inFile());
                    IndexEntry old = index.get(message.id());
                    if (old != null) {
                        saw(16, Segment.slotName(segment.slot));
                        segments.copies(segment, Segment.numberOf(old.home));
                    }
                    put(message.id(), brokenBodies.contains(message.id()) ? entry.damaged() : entry);
                }
                case SpoolRecord.Restated(long id, SpoolRecord.Meta meta) -> {
                    IndexEntry entry = index.get(id);
                    if (entry != null) {
                        put(id, entry.restated(meta, location));
                    }
                }
                case SpoolRecord.States states -> states(states, location);
                case SpoolRecord.Gone gone -> {
                    raise(gone.id());
                    segments.account(index.remove(gone.id()), null);
                    segments.ends(segment, gone.home());
                }
                case SpoolRecord.Ids(long bound) -> idBound = bound;
            }
        }
    }

    private void states(SpoolRecord.States states, long location) {
        IndexEntry entry = index.get(states.id());
        if (entry == null) {
            return;
        }
        IndexEntry now = states.setsHeld() ? entry.held(!states.held().isEmpty(), location) : entry;
        if (!states.states().isEmpty()) {
            now = now.with(states.states(), states.all(), location);
        }
        put(states.id(), now);
    }

    private void put(long id, IndexEntry entry) {
        segments.account(index.put(id, entry), entry);
    }

    private void raise(long id) {
        if (Long.compareUnsigned(id, idBound) >= 0) {
            idBound = id + 1;
        }
    }

    private void damaged(int slot, long offset, String why) {
        damages.add(new Damage(Segment.slotName(slot), offset, Optional.empty(), why));
    }

    /** Deletes bodies that no message speaks of; marks messages whose body is missing (crash states 12 to 14). */
    void bodies(Path bodies) throws IOException {
        HashSet<String> there = new HashSet<>();
        for (String name : world.disk().list(bodies)) {
            Optional<SpoolId> id = SpoolId.parse(name);
            if (id.isPresent()) {
                IndexEntry entry = index.get(id.get().value());
                if (entry == null || !entry.isInFile()) {
                    saw(12, name);
                    world.disk().delete(bodies.resolve(name));
                } else {
                    there.add(name);
                }
            }
        }
        List<Index.Row> rows = index.rows(null, ROWS_AT_ONCE);
        while (!rows.isEmpty()) {
            rows.forEach(row -> bodyOf(row, there));
            rows = index.rows(rows.getLast().id(), ROWS_AT_ONCE);
        }
    }

    private void bodyOf(Index.Row row, Set<String> there) {
        IndexEntry entry = row.entry();
        if (entry.isInFile() && !entry.isDamaged() && !there.contains(new SpoolId(row.id()).toString())) {
            index.put(row.id(), entry.damaged());
            Segment segment = segments.get(Segment.numberOf(entry.home));
            SpoolId id = new SpoolId(row.id());
            damages.add(new Damage(
                    segment == null ? "" : Segment.slotName(segment.slot),
                    Segment.offsetOf(entry.home),
                    Optional.of(id),
                    "the body file of " + id + " is missing"));
        }
    }
}
