package org.hikyaku.sim;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One file twice: as programs see it, and as the medium holds it. A write changes what is seen and marks its sectors
 * dirty; a force carries them over; a crash leaves, of the dirty ones, what the seed says.
 */
final class SimInode implements SimNode {
    static final int PAGE = 4096;
    static final int SECTOR = 512;
    private static final int SECTORS = PAGE / SECTOR;
    /** Shared by all pages that were written full of zeros; copied before anything is written to it. */
    private static final byte[] ZEROS = new byte[PAGE];

    private final SimRoom room;
    private final List<byte @Nullable []> seen = new ArrayList<>();
    private final List<byte @Nullable []> held = new ArrayList<>();
    private BitSet dirty = new BitSet();
    /** Pages that cannot be read. */
    private final BitSet bad = new BitSet();

    private long size;
    private long heldSize;
    private int pages;
    private boolean counted;
    /** After a failed force: clean sectors may differ from the medium, so pages cannot be carried over whole. */
    private boolean diverged;

    int open;
    boolean locked;
    Instant modified = Instant.EPOCH;
    int uid = 990;

    @Nullable
    SimDirectory heldIn;

    @Nullable
    String heldAs;

    SimInode(SimRoom room) {
        this.room = room;
    }

    /** Whether its pages count as room taken: while it has a name. */
    void counts(boolean now) {
        if (counted != now) {
            counted = now;
            room.add(now ? pages : -pages);
        }
    }

    private void pages(int now) {
        if (counted) {
            room.add(now - pages);
        }
        pages = now;
    }

    @Override
    public void heldAs(@Nullable SimDirectory directory, @Nullable String name) {
        heldIn = directory;
        heldAs = name;
    }

    @Override
    public @Nullable SimDirectory heldIn() {
        return heldIn;
    }

    @Override
    public @Nullable String heldName() {
        return heldAs;
    }

    long size() {
        return size;
    }

    boolean isBeginningOverwritten() {
        return heldSize > 0 && dirty.get(0);
    }

    /** Octets of pages that a write there would add. */
    long growth(long position, int length) {
        long more = 0;
        int end = (int) ((position + length + PAGE - 1) / PAGE);
        for (int i = (int) (position / PAGE); i < end; i++) {
            more += page(seen, i) == null ? PAGE : 0;
        }
        return more;
    }

    boolean isDirty() {
        return size != heldSize || !dirty.isEmpty();
    }

    /** -1 at the end. */
    int read(ByteBuffer target, long position) {
        if (position >= size) {
            return target.hasRemaining() ? -1 : 0;
        }
        int count = (int) Math.min(target.remaining(), size - position);
        int left = count;
        long at = position;
        while (left > 0) {
            int offset = (int) (at % PAGE);
            int some = Math.min(left, PAGE - offset);
            byte[] page = page(seen, (int) (at / PAGE));
            if (page == null) {
                target.put(ZEROS, 0, some);
            } else {
                target.put(page, offset, some);
            }
            at += some;
            left -= some;
        }
        return count;
    }

    void write(long position, byte[] octets, int length) {
        int done = 0;
        while (done < length) {
            long at = position + done;
            int offset = (int) (at % PAGE);
            int some = Math.min(length - done, PAGE - offset);
            if (some < PAGE || !zeros((int) (at / PAGE), octets, done)) {
                System.arraycopy(octets, done, ownPage((int) (at / PAGE)), offset, some);
            }
            done += some;
        }
        if (length > 0) {
            bad.clear((int) (position / PAGE), (int) ((position + length - 1) / PAGE) + 1);
            dirty.set((int) (position / SECTOR), (int) ((position + length - 1) / SECTOR) + 1);
            size = Math.max(size, position + length);
        }
    }

    /** Takes a page of zeros without a copy, if it is one. */
    private boolean zeros(int index, byte[] octets, int from) {
        if (Arrays.mismatch(octets, from, from + PAGE, ZEROS, 0, PAGE) >= 0) {
            return false;
        }
        if (page(seen, index) == null) {
            pages(pages + 1);
        }
        put(seen, index, ZEROS);
        return true;
    }

    void setSize(long wanted) {
        if (wanted < size) {
            int offset = (int) (wanted % PAGE);
            if (offset > 0 && page(seen, (int) (wanted / PAGE)) != null) {
                Arrays.fill(ownPage((int) (wanted / PAGE)), offset, PAGE, (byte) 0);
            }
            for (int i = (int) ((wanted + PAGE - 1) / PAGE); i < seen.size(); i++) {
                if (seen.get(i) != null) {
                    seen.set(i, null);
                    pages(pages - 1);
                }
            }
            dirty.set((int) (wanted / SECTOR), (int) ((size - 1) / SECTOR) + 1);
        }
        size = wanted;
    }

    /** What a force that begins now will make last. */
    record Forcing(BitSet sectors, long size) {}

    Forcing beginForce() {
        return new Forcing((BitSet) dirty.clone(), size);
    }

    void force(Forcing forcing) {
        for (int sector = forcing.sectors.nextSetBit(0); sector >= 0; ) {
            int page = sector / SECTORS;
            int next = (page + 1) * SECTORS;
            if (diverged || !onlyOf(forcing.sectors, page)) {
                for (int s = sector; s >= 0 && s < next; s = forcing.sectors.nextSetBit(s + 1)) {
                    hold(s);
                }
            } else {
                put(held, page, page(seen, page));
                dirty.clear(page * SECTORS, next);
            }
            sector = forcing.sectors.nextSetBit(next);
        }
        heldSize = Math.min(forcing.size, size);
    }

    /** The kernel writes some dirty sectors of its own accord. */
    void writeBack(SimRandom random) {
        int from = dirty.length() == 0 ? 0 : random.below(dirty.length());
        for (int s = dirty.nextSetBit(from), n = 0; s >= 0 && n < 64; s = dirty.nextSetBit(s + 1), n++) {
            if (random.chance(0.5)) {
                hold(s);
            }
        }
        if (random.chance(0.3)) {
            heldSize = size;
        }
    }

    /** A failed force: the dirty sectors count as clean, whether they reached the medium or not; some are forgotten. */
    void drop(SimRandom random) {
        boolean evicted = random.chance(0.5);
        for (int s = dirty.nextSetBit(0); s >= 0; s = dirty.nextSetBit(s + 1)) {
            if (random.chance(0.3)) {
                hold(s);
            } else if (evicted) {
                byte[] page = page(held, s / SECTORS);
                copySector(page == null ? ZEROS : page, ownPage(s / SECTORS), s);
            }
        }
        dirty.clear();
        diverged = true;
    }

    /** Its last name is gone and nobody has it open: what the medium does not hold yet is never written. */
    void dropUnforced() {
        showHeld();
    }

    /** The machine stops: what is seen from now on is what the medium holds. */
    void crash(SimRandom random, SimTally tally) {
        int mode = random.below(4);
        int kept = 0;
        int lost = 0;
        int tornPage = -1;
        int lastPage = -1;
        boolean lastKept = false;
        for (int s = dirty.nextSetBit(0); s >= 0; s = dirty.nextSetBit(s + 1)) {
            boolean keep = mode == 1 || (mode > 1 && random.chance(0.5));
            if (keep) {
                hold(s);
                kept++;
            } else {
                lost++;
            }
            if (lastPage == s / SECTORS && keep != lastKept && tornPage != lastPage) {
                tornPage = lastPage;
                tally.add(SimFault.PAGE_TORN);
            }
            lastPage = s / SECTORS;
            lastKept = keep;
        }
        count(tally, SimFault.SECTOR_KEPT, kept);
        count(tally, SimFault.SECTOR_LOST, lost);
        settleSize(mode, random, tally);
        showHeld();
    }

    private void settleSize(int mode, SimRandom random, SimTally tally) {
        if (size == heldSize) {
            return;
        }
        long low = Math.min(size, heldSize);
        long high = Math.max(size, heldSize);
        long survivor = switch (mode) {
            case 0 -> heldSize;
            case 1 -> size;
            default -> random.chance(0.5) ? heldSize : random.between(low, high);
        };
        if (survivor != size) {
            tally.add(SimFault.SIZE_LOST);
        }
        heldSize = survivor;
    }

    private void showHeld() {
        seen.clear();
        int kept = 0;
        int count = (int) ((heldSize + PAGE - 1) / PAGE);
        for (int i = 0; i < Math.min(count, held.size()); i++) {
            seen.add(held.get(i));
            kept += held.get(i) == null ? 0 : 1;
        }
        pages(kept);
        while (held.size() > count) {
            held.removeLast();
        }
        size = heldSize;
        dirty = new BitSet();
        diverged = false;
        open = 0;
        locked = false;
        int tail = (int) (size % PAGE);
        if (tail > 0 && page(held, count - 1) != null) {
            Arrays.fill(ownPage(count - 1), tail, PAGE, (byte) 0);
            held.set(count - 1, seen.get(count - 1));
        }
    }

    /** Flips one bit, on the medium too. */
    void rot(long position, int bit) {
        byte[] page = page(seen, (int) (position / PAGE));
        if (page != null) {
            byte[] bad = page.clone();
            bad[(int) (position % PAGE)] ^= (byte) (1 << bit);
            seen.set((int) (position / PAGE), bad);
            put(held, (int) (position / PAGE), bad.clone());
            diverged = true;
        }
    }

    /** The page of {@code position} cannot be read until it is written again. */
    void bad(long position) {
        bad.set((int) (position / PAGE));
    }

    boolean isBad(long position, int count) {
        int next = bad.isEmpty() ? -1 : bad.nextSetBit((int) (position / PAGE));
        return next >= 0 && count > 0 && (long) next * PAGE < position + count;
    }

    private boolean onlyOf(BitSet sectors, int page) {
        for (int s = dirty.nextSetBit(page * SECTORS);
                s >= 0 && s < (page + 1) * SECTORS;
                s = dirty.nextSetBit(s + 1)) {
            if (!sectors.get(s)) {
                return false;
            }
        }
        return true;
    }

    /** Carries one sector over to the medium. */
    @SuppressWarnings("ReferenceEquality") // whether it is the same array
    private void hold(int sector) {
        int index = sector / SECTORS;
        byte[] from = page(seen, index);
        byte[] to = page(held, index);
        if (from != to) {
            if (to == null || to == ZEROS) {
                to = new byte[PAGE];
                put(held, index, to);
            }
            copySector(from == null ? ZEROS : from, to, sector);
        }
        dirty.clear(sector);
    }

    private static void copySector(byte[] from, byte[] to, int sector) {
        int offset = sector % SECTORS * SECTOR;
        System.arraycopy(from, offset, to, offset, SECTOR);
    }

    /** The seen page {@code index} for writing: never one that the medium shares. */
    @SuppressWarnings("ReferenceEquality") // whether it is the same array
    private byte[] ownPage(int index) {
        byte[] page = page(seen, index);
        if (page == null) {
            page = new byte[PAGE];
            pages(pages + 1);
            put(seen, index, page);
        } else if (page == ZEROS || page == page(held, index)) {
            page = page.clone();
            seen.set(index, page);
        }
        return page;
    }

    private static byte @Nullable [] page(List<byte @Nullable []> pages, int index) {
        return index < pages.size() ? pages.get(index) : null;
    }

    private static void put(List<byte @Nullable []> pages, int index, byte @Nullable [] page) {
        while (pages.size() <= index) {
            pages.add(null);
        }
        pages.set(index, page);
    }

    private static void count(SimTally tally, SimFault fault, int times) {
        for (int i = 0; i < times; i++) {
            tally.add(fault);
        }
    }
}
