package org.hikyaku.mime;

/** Takes octets in order; the array belongs to the caller again as soon as the call returns. */
public interface Sink {
    void put(byte[] octets, int offset, int length);

    default void put(byte[] octets) {
        put(octets, 0, octets.length);
    }
}
