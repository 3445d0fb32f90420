package org.hikyaku.mime;

/** CRLF becomes LF, the line end of files on this kind of host; any other CR stays. For Maildir. */
public final class LocalLines implements Transform {
    private static final byte[] CR = {'\r'};

    private boolean heldCr;

    @Override
    public void feed(byte[] octets, int offset, int length, Sink out) {
        int end = offset + length;
        int from = offset;
        for (int i = offset; i < end; i++) {
            byte b = octets[i];
            if (heldCr) {
                heldCr = false;
                if (b != '\n') {
                    out.put(CR);
                }
            }
            if (b == '\r') {
                out.put(octets, from, i - from);
                from = i + 1;
                heldCr = true;
            }
        }
        out.put(octets, from, end - from);
    }

    @Override
    public void finish(Sink out) {
        if (heldCr) {
            out.put(CR);
        }
    }
}
