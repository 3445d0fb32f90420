package org.hikyaku.mime;

/** Puts header lines (each with its CRLF) before the message. */
public final class PrependHeaders implements Transform {
    private final byte[] lines;
    private boolean put;

    public PrependHeaders(byte[] lines) {
        this.lines = lines.clone();
    }

    @Override
    public void feed(byte[] octets, int offset, int length, Sink out) {
        putOnce(out);
        out.put(octets, offset, length);
    }

    @Override
    public void finish(Sink out) {
        putOnce(out);
    }

    private void putOnce(Sink out) {
        if (!put) {
            put = true;
            out.put(lines);
        }
    }
}
