package org.hikyaku.queue;

/**
 * The parcels of one lane that are due, in the order in which senders take turns. Each parcel gets a number when it
 * comes: the cost of its priority above the last number of its sender, or above the number served last, whichever is
 * higher; the lowest number goes first. So a sender with much waits behind himself and not in front of others, and
 * what costs more goes later but never for ever.
 *
 * <p>The last numbers of senders are kept in two rows of counters, each sender in one of each row by hash, the lower of
 * the two being his: memory is bounded, there is no object for a sender. Two senders count as one when they meet in
 * both rows.
 */
final class Turns {
    private static final int ROW_LEAST = 16;
    private static final int ROW_MOST = 2048;
    private static final long[] NONE = {};

    final Lane lane;
    /** Whether these were tried before. */
    final boolean again;

    private final Heap heap = new Heap();
    private long served;
    private long[] last = NONE;

    /** Its number in the {@link Ring} of lanes, kept until it is served. */
    long turn;

    long order;
    boolean numbered;
    boolean inRing;

    Turns(Lane lane, boolean again) {
        this.lane = lane;
        this.again = again;
    }

    int size() {
        return heap.size();
    }

    boolean isEmpty() {
        return heap.isEmpty();
    }

    boolean has(Parcel parcel) {
        return heap.has(parcel);
    }

    Parcel first() {
        return heap.first();
    }

    void add(Parcel parcel) {
        grow();
        long key = served;
        if (last.length > 0) {
            key = Math.max(key, Math.min(last[one(parcel)], last[two(parcel)]));
        }
        key += parcel.priority.cost;
        heap.add(parcel, key);
        note(parcel);
    }

    /** One that was taken out in its turn and comes back untried: it goes before others of its sender. */
    void back(Parcel parcel) {
        heap.add(parcel, served);
    }

    Parcel poll() {
        Parcel parcel = heap.poll();
        served = Math.max(served, parcel.key);
        forget();
        return parcel;
    }

    void remove(Parcel parcel) {
        heap.remove(parcel);
        forget();
    }

    private void forget() {
        if (heap.isEmpty()) {
            last = NONE;
        }
    }

    /** A longer table when more wait, filled from what waits; the longest is never made anew. */
    private void grow() {
        int row = last.length >> 1;
        if (heap.isEmpty() || row >= ROW_MOST || heap.size() << 1 < row) {
            return;
        }
        last = new long[2 * Math.max(ROW_LEAST, row << 1)];
        for (int i = 0; i < heap.size(); i++) {
            note(heap.get(i));
        }
    }

    private void note(Parcel parcel) {
        if (last.length > 0) {
            last[one(parcel)] = Math.max(last[one(parcel)], parcel.key);
            last[two(parcel)] = Math.max(last[two(parcel)], parcel.key);
        }
    }

    private int one(Parcel parcel) {
        return parcel.sender & ((last.length >> 1) - 1);
    }

    private int two(Parcel parcel) {
        int row = last.length >> 1;
        return row + ((parcel.sender >>> 16) & (row - 1));
    }
}
