package org.hikyaku.mime;

import java.util.Arrays;

/** A sink that keeps what it is given; its user bounds it by how much he feeds. */
public final class OctetBuffer implements Sink {
    private byte[] octets;
    private int size;

    public OctetBuffer(int capacity) {
        octets = new byte[Math.max(16, capacity)];
    }

    @Override
    public void put(byte[] from, int offset, int length) {
        if (length > octets.length - size) {
            octets = Arrays.copyOf(octets, Math.max(octets.length * 2, Math.addExact(size, length)));
        }
        System.arraycopy(from, offset, octets, size, length);
        size += length;
    }

    public int size() {
        return size;
    }

    public void clear() {
        size = 0;
    }

    /** Forgets all octets from {@code newSize} on. */
    void cut(int newSize) {
        size = newSize;
    }

    byte at(int index) {
        return octets[index];
    }

    /** Puts what is held into {@code out}. */
    public void drainTo(Sink out) {
        out.put(octets, 0, size);
        size = 0;
    }

    public byte[] toArray() {
        return Arrays.copyOf(octets, size);
    }
}
