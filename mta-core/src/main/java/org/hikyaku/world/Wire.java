package org.hikyaku.world;

import java.util.Optional;
import java.util.OptionalInt;
import org.hikyaku.mail.TlsFacts;

/**
 * One connection. Every method is called on {@link #loop} only. What is written is sent in order; nothing here blocks
 * or throws: what goes wrong comes as {@link WireHandler#closed}.
 */
public interface Wire {
    Loop loop();

    Endpoint remote();

    Endpoint local();

    /**
     * The number of the user whose process connected to us over a Unix socket, by the kernel's word when it did; empty for any
     * other wire, and where the system does not tell.
     */
    default OptionalInt caller() {
        return OptionalInt.empty();
    }

    /** Queues octets; the array is copied or sent before this returns. Sent at {@link #flush}. */
    void write(byte[] octets, int offset, int length);

    /** Sends what was queued. */
    void flush();

    /**
     * Octets queued and not yet taken by the kernel. A writer stops above a bound of his own and goes on at
     * {@link WireHandler#writable}, which comes when it has fallen to zero.
     */
    long unsent();

    /** No {@link WireHandler#received} until {@link #resumeReading}; at most one more call may be on its way. */
    void pauseReading();

    void resumeReading();

    /**
     * Begins TLS, as server or as client; {@link WireHandler#secured} or {@link WireHandler#closed} follows. What was
     * received and not yet handed over in clear is dropped, never read as if it had come under TLS (RFC 3207 4.2); what
     * was written before goes out in clear first.
     */
    void startTls(TlsNeed need);

    /**
     * As {@link #startTls}, for who had to read what stands before the handshake and so read too far: {@code early} are the
     * first octets of the handshake itself.
     */
    void startTls(TlsNeed need, byte[] early);

    /** The facts of TLS on this wire, once secured. */
    Optional<TlsFacts> tls();

    /** Closes after all that was written has been sent, or after a few seconds. */
    void close();

    /**
     * Closes as {@link #close} does, but waits for no end of the peer: for a peer that has said that it sends no more. What
     * it sends nevertheless may cost it our last octets.
     */
    default void finish() {
        close();
    }

    /** Closes now. */
    void abort();
}
