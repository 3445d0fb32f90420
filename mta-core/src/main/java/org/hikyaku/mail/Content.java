package org.hikyaku.mail;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The bytes of a message as they leave: header and body, lines ended by CRLF, no dot-stuffing. Immutable.
 *
 * <p><i>Failure:</i> an {@link IOException} means that the store cannot give the bytes now (or that they were found
 * damaged): the attempt is deferred, never sent short.
 */
public interface Content {
    /** Octets in all. */
    long size();

    /**
     * Copies octets from {@code position} on into {@code target}; returns how many, at least 1 unless {@code target} is
     * full or {@code position} is {@link #size}. Safe to call from several tasks at once.
     */
    int read(ByteBuffer target, long position) throws IOException;
}
