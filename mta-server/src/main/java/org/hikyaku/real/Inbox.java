package org.hikyaku.real;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;

/** Octets that came during a pause, in order. Owns its buffers. */
final class Inbox {
    /** More can only come when the peer has ended: then the kernel hands over all it has. */
    private static final int OCTETS_MAX = 1024 * 1024;

    private final Deque<ByteBuf> held = new ArrayDeque<>();
    private int octets;

    boolean isEmpty() {
        return held.isEmpty();
    }

    boolean isTooFull() {
        return octets > OCTETS_MAX;
    }

    void add(ByteBuf received) {
        held.addLast(received);
        octets += received.readableBytes();
    }

    /** What was taken and not wholly used. */
    void putBack(ByteBuf rest) {
        held.addFirst(rest);
        octets += rest.readableBytes();
    }

    /** The oldest; the caller's to release. */
    ByteBuf take() {
        ByteBuf oldest = held.removeFirst();
        octets -= oldest.readableBytes();
        return oldest;
    }

    void drop() {
        held.forEach(ByteBuf::release);
        held.clear();
        octets = 0;
    }
}
