package org.hikyaku.mime;

/** Any line end (CRLF, LF, CR) becomes CRLF, and there is one at the end: for text that comes from a file of this host. */
public final class WireLines implements Transform {
    private static final byte[] LINE_END = {'\r', '\n'};

    private boolean afterCr;
    private long line;
    private long longest;
    private boolean eightBit;

    @Override
    public void feed(byte[] octets, int offset, int length, Sink out) {
        int end = offset + length;
        int from = offset;
        for (int i = offset; i < end; i++) {
            byte b = octets[i];
            eightBit |= b < 0;
            if (b == '\r' || b == '\n') {
                out.put(octets, from, i - from);
                from = i + 1;
                if (b == '\r' || !afterCr) {
                    out.put(LINE_END);
                }
                line = 0;
            } else {
                longest = Math.max(longest, ++line);
            }
            afterCr = b == '\r';
        }
        out.put(octets, from, end - from);
    }

    @Override
    public void finish(Sink out) {
        if (line > 0) {
            out.put(LINE_END);
        }
    }

    /** Octets of the longest line so far, without its end. */
    public long longest() {
        return longest;
    }

    /** Whether an octet over 127 was among them. */
    public boolean hasEightBit() {
        return eightBit;
    }
}
