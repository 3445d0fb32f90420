package org.hikyaku.world;

import org.hikyaku.mail.TlsFacts;
import org.jspecify.annotations.Nullable;

/** Hears what happens on one wire, always on its loop, never after {@link #closed}. Must not block. */
public interface WireHandler {
    /** The connection is there (for accepted wires right after the acceptor returned). */
    void opened(Wire wire);

    /** Octets came; the array is valid only during the call. */
    void received(byte[] octets, int offset, int length);

    /** TLS is up. */
    void secured(TlsFacts facts);

    /** All that was queued has been taken by the kernel. */
    default void writable() {}

    /**
     * The end, called exactly once; also when a connect or a handshake failed.
     *
     * @param cause null when the peer closed in order or we closed
     */
    void closed(@Nullable WireFailure cause);
}
