package org.hikyaku.listen;

import java.util.Arrays;

/** Octets that came while the session was busy: at most what was on its way when reading was paused. */
final class Held {
    private static final byte[] NOTHING = {};

    private byte[] octets = NOTHING;

    boolean isEmpty() {
        return octets.length == 0;
    }

    void add(byte[] array, int from, int to) {
        int old = octets.length;
        octets = Arrays.copyOf(octets, old + (to - from));
        System.arraycopy(array, from, octets, old, to - from);
    }

    /** All of it; nothing is held then. */
    byte[] take() {
        byte[] all = octets;
        octets = NOTHING;
        return all;
    }

    void drop() {
        octets = NOTHING;
    }
}
