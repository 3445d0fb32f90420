package org.hikyaku.deliver;

import java.io.IOException;

/** Wraps a failure of the spool, to be told from one of the mailbox. */
final class SpoolReadException extends IOException {
    private static final long serialVersionUID = 1;

    SpoolReadException(IOException cause) {
        super(cause);
    }

    /** The next part of {@code message}. */
    static byte[] next(Outgoing message) throws SpoolReadException {
        try {
            return message.next();
        } catch (IOException e) {
            throw new SpoolReadException(e);
        }
    }
}
