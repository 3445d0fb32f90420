package org.hikyaku.mime;

/**
 * Changes a message as it streams by, for one hop; the stored bytes stay what they are. One object serves one message:
 * {@link #feed} any number of times with pieces of any size, then {@link #finish} once. Memory is bounded whatever the
 * message.
 *
 * <p><i>Failure:</i> none: a transform that cannot serve a message says so before it is made (see {@link Downgrade}).
 */
public interface Transform {
    /** Takes the next octets of the message and puts what is ready. */
    void feed(byte[] octets, int offset, int length, Sink out);

    /** The message has ended: puts the rest. */
    void finish(Sink out);

    /** This one's output through {@code next}. */
    default Transform then(Transform next) {
        Transform first = this;
        return new Transform() {
            @Override
            public void feed(byte[] octets, int offset, int length, Sink out) {
                first.feed(octets, offset, length, (b, o, n) -> next.feed(b, o, n, out));
            }

            @Override
            public void finish(Sink out) {
                first.finish((b, o, n) -> next.feed(b, o, n, out));
                next.finish(out);
            }
        };
    }

    /** Changes nothing. */
    static Transform identity() {
        return new Transform() {
            @Override
            public void feed(byte[] octets, int offset, int length, Sink out) {
                out.put(octets, offset, length);
            }

            @Override
            public void finish(Sink out) {}
        };
    }
}
