package org.hikyaku.spool;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The segments that count, the free ones, and which is written. All but {@link #get} and {@link #count} is the committer's.
 *
 * <p>{@link #READY} slots are kept made and zeroed: one to go on in, and one in reserve, so that a full disk hinders neither a
 * start nor the recording of deliveries.
 *
 * <p><i>Failure:</i> a segment that cannot be begun leaves the old ones as they are, but for the tail: a header that may or may
 * not have reached the disk ends it, so it is never written again; nor is the slot it was written to.
 */
final class Segments {
    private static final int READY = 2;
    private static final int GONE_COST = 64;
    private static final int PRESSED_PART = 4;
    /** A header takes at most such a part of its segment: with very many segments new ones are larger. */
    private static final long HEADER_PART = 4;

    private final World world;
    private final SegmentMaker maker;
    private final long epoch;
    private final long segmentSize;
    private final ConcurrentSkipListMap<Long, Segment> counted = new ConcurrentSkipListMap<>();
    private final ArrayDeque<SegmentMaker.Slot> free = new ArrayDeque<>();
    private @Nullable Segment tail;
    private long lastNumber;
    /** Of all that count: octets of their files, and what a copy of all in force would take. */
    private long taken;

    private long live;

    Segments(World world, SegmentMaker maker, long epoch, long segmentSize) {
        this.world = world;
        this.maker = maker;
        this.epoch = epoch;
        this.segmentSize = segmentSize;
    }

    /** One that recovery found to count. */
    void add(Segment segment) {
        counted.put(segment.number, segment);
        taken += segment.size;
        lastNumber = Math.max(lastNumber, segment.number);
    }

    /** Numbers up to this one were used. */
    void usedUpTo(long number) {
        lastNumber = Math.max(lastNumber, number);
    }

    void usedSlot(int slot) {
        maker.usedUpTo(slot);
    }

    /** A slot that nothing counts in. */
    void addFree(SegmentMaker.Slot slot) {
        if (free.size() < READY && slot.size() == segmentSize) {
            free.add(slot);
        } else {
            maker.delete(slot);
        }
    }

    @Nullable
    Segment get(long number) {
        return counted.get(number);
    }

    int count() {
        return counted.size();
    }

    /** In order of number. */
    List<Segment> inOrder() {
        return new ArrayList<>(counted.values());
    }

    Optional<Segment> tail() {
        return Optional.ofNullable(tail);
    }

    /** Whether a batch of {@code octets} can be written without a new segment. */
    boolean fits(long octets) {
        Segment now = tail;
        return now != null && !now.sealed && now.end + Frame.toBlock(octets) <= now.size;
    }

    /** Octets that can be written without more disk. */
    long ready() {
        return rest() + segmentSize * free.size();
    }

    private long rest() {
        Segment now = tail;
        return now == null || now.sealed ? 0 : now.size - now.end;
    }

    /** Takes over what was made ahead and has more made, up to {@link #READY}. */
    void prepare() {
        maker.made().ifPresent(this::addFree);
        if (free.size() < READY) {
            maker.prepare(segmentSize);
        }
    }

    /** Whether fewer slots than wanted are there and the disk gives no more: what is in force is to be drawn together. */
    boolean isPressed() {
        return free.size() < READY && maker.isShort();
    }

    /** Looks whether all files still have their names; returns those found without one now. */
    List<Segment> losingNames() {
        ArrayList<Segment> now = new ArrayList<>(0);
        for (Segment segment : inOrder()) {
            if (!segment.nameless && !maker.isNamed(segment.slot)) {
                segment.nameless = true;
                segment.suspect = true; // not to be used again
                now.add(segment);
            }
        }
        free.removeIf(slot -> {
            boolean gone = !maker.isNamed(slot.number());
            if (gone) {
                maker.delete(slot);
            }
            return gone;
        });
        return now;
    }

    /** Whether a file without a name is still written, or is named by the newest header for nothing. */
    boolean isNamelessToLeave() {
        Segment now = tail;
        if (now != null && now.nameless) {
            return true;
        }
        if (!hasNameless()) {
            return false;
        }
        HashSet<Segment> kept = new HashSet<>(withoutFreed());
        return counted.values().stream().anyMatch(segment -> segment.nameless && !kept.contains(segment));
    }

    private boolean hasNameless() {
        return counted.values().stream().anyMatch(segment -> segment.nameless);
    }

    /** Whether the next header would free more slots than it takes. */
    boolean isHarvestDue() {
        HashSet<Segment> kept = new HashSet<>(withoutFreed());
        long gain = counted.values().stream()
                .filter(segment -> segment != tail && !segment.suspect && segment.size == segmentSize)
                .filter(segment -> !kept.contains(segment))
                .count();
        return !free.isEmpty() && gain > 1;
    }

    /**
     * Ends the tail and begins a segment with room for a frame of {@code frame} octets (docs/spool.md, rules 4 and 5).
     *
     * @param ids every message id given is below
     */
    void begin(long frame, long firstBatch, long ids) throws IOException {
        List<Segment> kept = withoutFreed();
        SegmentMaker.Slot slot = slot(SegmentHeader.framesAt(kept.size()) + Frame.toBlock(frame), kept);
        long number = ++lastNumber;
        ArrayList<SegmentHeader.Older> older = new ArrayList<>(kept.size());
        for (Segment each : kept) {
            older.add(new SegmentHeader.Older(each.slot, each.suspect, each.number, each.epoch, each.end));
        }
        SegmentHeader header = new SegmentHeader(
                slot.number(),
                number,
                epoch,
                firstBatch,
                ids,
                world.clock().now().toEpochMilli(),
                older);
        if (tail != null) {
            tail.sealed = true;
        }
        try {
            slot.file().write(0, header.encode());
            slot.file().force();
        } catch (IOException e) {
            maker.delete(slot);
            throw e;
        }
        free(kept);
        long framesAt = header.framesAt();
        Segment begun = new Segment(number, epoch, slot.number(), slot.file(), slot.size(), framesAt, framesAt);
        add(begun);
        tail = begun;
        prepare();
    }

    private void uncount(Segment segment) {
        counted.remove(segment.number);
        taken -= segment.size;
    }

    private SegmentMaker.Slot slot(long atLeast, List<Segment> kept) throws IOException {
        long roomy = Math.max(atLeast, HEADER_PART * SegmentHeader.framesAt(kept.size()));
        if (roomy > segmentSize) {
            return maker.make(Frame.toBlock(roomy));
        }
        maker.made().ifPresent(this::addFree);
        SegmentMaker.Slot slot = free.poll();
        if (slot != null) {
            return slot;
        }
        try {
            return maker.take(segmentSize);
        } catch (IOException e) {
            return emptied(kept).orElseThrow(() -> e);
        }
    }

    /**
     * A segment that the next header leaves out, to write that header over at once: only when the disk gives nothing else. Only
     * one whose records mean nothing even to a recovery by the former header (docs/spool.md, crash state 4).
     */
    private Optional<SegmentMaker.Slot> emptied(List<Segment> kept) {
        for (Segment segment : inOrder()) {
            boolean means = kept.contains(segment)
                    || segment.leansOn.stream().anyMatch(counted::containsKey)
                    || segment.copiesOf.stream().anyMatch(counted::containsKey);
            if (!means && segment != tail && !segment.suspect && segment.size == segmentSize) {
                uncount(segment);
                return Optional.of(new SegmentMaker.Slot(segment.slot, segment.file, segment.size));
            }
        }
        return Optional.empty();
    }

    /** All that must be named by the next header: what leans on others goes after them. */
    private List<Segment> withoutFreed() {
        LinkedHashMap<Long, Segment> kept = new LinkedHashMap<>();
        for (Segment segment : inOrder()) {
            boolean leans = segment.leansOn.stream().anyMatch(kept::containsKey)
                    || segment.copiesOf.stream().anyMatch(kept::containsKey);
            if (segment.inForce > 0 || leans) {
                kept.put(segment.number, segment);
            }
        }
        return List.copyOf(kept.values());
    }

    private void free(List<Segment> kept) {
        HashSet<Segment> stays = new HashSet<>(kept);
        for (Segment segment : inOrder()) {
            if (!stays.contains(segment)) {
                uncount(segment);
                SegmentMaker.Slot slot = new SegmentMaker.Slot(segment.slot, segment.file, segment.size);
                if (segment.suspect) {
                    maker.delete(slot);
                } else {
                    addFree(slot);
                }
            }
        }
    }

    /** Replaces what is in force for one message. */
    void account(@Nullable IndexEntry old, @Nullable IndexEntry now) {
        if (old != null) {
            account(old, -1);
        }
        if (now != null) {
            account(now, 1);
        }
    }

    private void account(IndexEntry entry, int sign) {
        account(entry.home, sign, entry.cost);
        if (entry.meta != 0) {
            account(entry.meta, sign, Segment.SMALL_COST);
        }
        for (long location : entry.states) {
            account(location, sign, Segment.SMALL_COST);
        }
    }

    private void account(long location, int sign, long cost) {
        Segment segment = counted.get(Segment.numberOf(location));
        if (segment != null) {
            segment.inForce += sign;
            segment.live += sign * cost;
            live += sign * cost;
        }
    }

    /** Notes that {@code segment} has a GONE for a message in {@code older}. */
    void ends(Segment segment, long older) {
        segment.gones++;
        if (older < segment.number && counted.containsKey(older)) {
            segment.leansOn.add(older);
        }
    }

    /** Notes that {@code segment} has a newer copy of a message in {@code older}. */
    void copies(Segment segment, long older) {
        if (older < segment.number && counted.containsKey(older)) {
            segment.copiesOf.add(older);
        }
    }

    boolean isCounted(long number) {
        return counted.containsKey(number);
    }

    /** The segment to copy next, when the journal takes much more than what is in force (docs/spool.md). */
    Optional<Segment> compactable() {
        if (!isPressed() && !isWasteful(taken) && !hasNameless()) {
            return Optional.empty();
        }
        List<Segment> kept = withoutFreed();
        long keptTaken = 0;
        Segment best = null;
        for (Segment segment : kept) {
            keptTaken += segment.size;
            boolean source = segment != tail
                    && !segment.damaged
                    && segment.copiesOf.stream().noneMatch(counted::containsKey);
            if (source && segment.nameless) {
                return Optional.of(segment);
            }
            if (source && (best == null || cost(segment) < cost(best))) {
                best = segment;
            }
        }
        boolean needed = isWasteful(keptTaken);
        if (isPressed()) {
            // no slot is spent on copies then, and what is copied must be worth the room it takes
            needed = best != null && cost(best) <= Math.min(rest(), segmentSize / PRESSED_PART);
        }
        return needed && best != null && cost(best) < best.size / 4 * 3 ? Optional.of(best) : Optional.empty();
    }

    /** Begins to be so a little before the bound of {@link #isOverBound}, for copying takes its time. */
    private boolean isWasteful(long octets) {
        return octets > live / 8 * 15 + segmentSize;
    }

    /** Whether those that count take more than twice what is in force and two segments. */
    boolean isOverBound() {
        return taken > 2 * live + 2 * segmentSize;
    }

    /** Octets that a copy of all in force would take. */
    long live() {
        return live;
    }

    private long cost(Segment segment) {
        boolean leans = segment.leansOn.stream().anyMatch(counted::containsKey);
        return segment.live + (leans ? (long) segment.gones * GONE_COST : 0);
    }

    /** All of {@code segment} that is needed lies elsewhere, forced. */
    void copied(Segment segment) {
        segment.leansOn.clear();
    }

    void close() throws IOException {
        for (Segment segment : inOrder()) {
            segment.file.close();
        }
        for (SegmentMaker.Slot slot : free) {
            slot.file().close();
        }
    }
}
