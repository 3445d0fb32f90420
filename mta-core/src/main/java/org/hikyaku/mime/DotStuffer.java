package org.hikyaku.mime;

/**
 * The message as DATA sends it: a dot before each line that begins with one, then the end of data (RFC 5321 4.5.2,
 * 4.1.1.4). Works on slices, makes no object per line; lines over 998 octets pass unbroken. A message that does not end in
 * CRLF gets one, so that the final dot stands on a line of its own.
 */
public final class DotStuffer implements Transform {
    private static final byte[] DOT = {'.'};
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] END = {'.', '\r', '\n'};

    private boolean lineStart = true;
    private boolean afterCr;

    @Override
    public void feed(byte[] octets, int offset, int length, Sink out) {
        int end = offset + length;
        int from = offset;
        boolean start = lineStart;
        boolean cr = afterCr;
        for (int i = offset; i < end; i++) {
            byte b = octets[i];
            if (start && b == '.') {
                out.put(octets, from, i - from);
                out.put(DOT);
                from = i;
            }
            start = cr && b == '\n';
            cr = b == '\r';
        }
        lineStart = start;
        afterCr = cr;
        out.put(octets, from, end - from);
    }

    @Override
    public void finish(Sink out) {
        if (!lineStart) {
            out.put(CRLF);
        }
        out.put(END);
    }
}
