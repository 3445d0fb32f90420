package org.hikyaku.operate;

import java.io.IOException;

/** Keys of a million messages in 32 MiB: open addressing over plain numbers. The key of two zeros is never one of a message. */
final class KeySet {
    private static final int FIRST = 1 << 8;

    private long[] slots = new long[2 * FIRST];
    private int size;

    /** Takes keys. */
    interface Sink {
        void key(Key key) throws IOException;
    }

    int size() {
        return size;
    }

    boolean contains(Key key) {
        int at = find(slots, key);
        return slots[at] != 0 || slots[at + 1] != 0;
    }

    /** False when it is there already. */
    boolean add(Key key) {
        if (contains(key)) {
            return false;
        }
        if (4L * size >= slots.length) {
            long[] larger = new long[Math.multiplyExact(slots.length, 2)];
            for (int i = 0; i < slots.length; i += 2) {
                if (slots[i] != 0 || slots[i + 1] != 0) {
                    put(larger, new Key(slots[i], slots[i + 1]));
                }
            }
            slots = larger;
        }
        put(slots, key);
        size++;
        return true;
    }

    /** In no particular order, but always in the same. */
    void each(Sink sink) throws IOException {
        for (int i = 0; i < slots.length; i += 2) {
            if (slots[i] != 0 || slots[i + 1] != 0) {
                sink.key(new Key(slots[i], slots[i + 1]));
            }
        }
    }

    private static void put(long[] slots, Key key) {
        int at = find(slots, key);
        slots[at] = key.high();
        slots[at + 1] = key.low();
    }

    /** Where it is, or would be: at most half of the slots are taken, so there is an end. */
    private static int find(long[] slots, Key key) {
        int mask = slots.length / 2 - 1;
        int place = (int) key.low() & mask;
        while (true) {
            int at = 2 * place;
            boolean free = slots[at] == 0 && slots[at + 1] == 0;
            if (free || (slots[at] == key.high() && slots[at + 1] == key.low())) {
                return at;
            }
            place = (place + 1) & mask;
        }
    }
}
