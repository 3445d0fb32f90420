package org.hikyaku.spool;

import java.time.Instant;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;

/**
 * A message on its way in. Used by one loop or task at a time; never blocks. A draft above the spool's inline bound goes
 * to disk as it comes, behind the caller's back.
 *
 * <p><i>Failure:</i> what goes wrong underneath (a full disk) is told by the commit.
 */
public interface Draft {
    /** The id the message will have; given when the draft is opened, so that it can stand in Received. */
    SpoolId id();

    Instant opened();

    /** Octets so far. */
    long size();

    /**
     * Adds octets of the message (CRLF lines, no dot-stuffing); the array is copied.
     *
     * @return false when draft memory is at its bound: the caller stops reading until {@code relief} has run
     */
    boolean append(byte[] octets, int offset, int length);

    /** Has {@code relief} run once, from anywhere, as soon as there is memory again (at once if there is). */
    void onRelief(Runnable relief);

    /** What was appended so far. Reading may block for a large draft; not after commit or abort. */
    Content content();

    /** Forgets the draft; no effect after a commit. */
    void abort();
}
