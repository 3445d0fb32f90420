package org.hikyaku.queue;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Parcels by their key, the lowest first; at the same key the older message, then the lower place. Each parcel knows
 * its index, so one in the middle is taken out as fast as the first: in the logarithm of how many there are.
 *
 * <p><i>Failure:</i> taking out what is not there is a bug of the caller and throws.
 */
final class Heap {
    static final int NOWHERE = -1;
    private static final int LEAST = 4;
    private static final @Nullable Parcel[] EMPTY = {};

    private @Nullable Parcel[] slots = EMPTY;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    Parcel first() {
        return get(0);
    }

    /** In no order that means anything. */
    Parcel get(int index) {
        return Objects.requireNonNull(slots[index]);
    }

    boolean has(Parcel parcel) {
        return parcel.at >= 0 && parcel.at < size && slots[parcel.at] == parcel;
    }

    void add(Parcel parcel, long key) {
        if (size == slots.length) {
            slots = Arrays.copyOf(slots, Math.max(LEAST, size + (size >> 1)));
        }
        parcel.key = key;
        up(size++, parcel);
    }

    Parcel poll() {
        Parcel parcel = first();
        remove(parcel);
        return parcel;
    }

    void remove(Parcel parcel) {
        if (!has(parcel)) {
            throw new IllegalStateException(parcel.spoolId() + " does not wait here");
        }
        int at = parcel.at;
        Parcel last = get(--size);
        slots[size] = null;
        parcel.at = NOWHERE;
        if (last != parcel) {
            down(at, last);
            if (last.at == at) {
                up(at, last);
            }
        }
        if (size < slots.length >> 2) {
            slots = size == 0 ? EMPTY : Arrays.copyOf(slots, Math.max(LEAST, size << 1));
        }
    }

    private void up(int from, Parcel parcel) {
        int at = from;
        while (at > 0) {
            Parcel above = get((at - 1) >> 1);
            if (!isBefore(parcel, above)) {
                break;
            }
            put(at, above);
            at = (at - 1) >> 1;
        }
        put(at, parcel);
    }

    private void down(int from, Parcel parcel) {
        int at = from;
        for (int below = 2 * at + 1; below < size; below = 2 * at + 1) {
            if (below + 1 < size && isBefore(get(below + 1), get(below))) {
                below++;
            }
            if (!isBefore(get(below), parcel)) {
                break;
            }
            put(at, get(below));
            at = below;
        }
        put(at, parcel);
    }

    private void put(int at, Parcel parcel) {
        slots[at] = parcel;
        parcel.at = at;
    }

    private static boolean isBefore(Parcel a, Parcel b) {
        if (a.key != b.key) {
            return a.key < b.key;
        }
        return a.id != b.id ? Long.compareUnsigned(a.id, b.id) < 0 : a.place() < b.place();
    }
}
