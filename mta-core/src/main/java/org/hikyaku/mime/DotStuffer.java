package org.hikyaku.mime;

/**
 * The message as DATA sends it: a dot before each line that begins with one, then the end of data (RFC 5321 4.5.2,
 * 4.1.1.4). Works on slices, makes no object per line; lines over 998 octets pass unbroken. A message that does not end in
 * CRLF gets one, so that the final dot stands on a line of its own.
 *
 * <p>What leaves is one message for every reader, also for one who takes a bare CR or LF for a line end, or leaves NUL out:
 * a bare CR or LF goes as CRLF (RFC 5321 2.3.8), NUL at the start of a line does not go. No message that was taken by DATA
 * or by BDAT as text has the first.
 */
public final class DotStuffer implements Transform {
    private static final byte[] DOT = {'.'};
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] END = {'.', '\r', '\n'};

    private boolean lineStart = true;
    /** A CR came last and was not put yet. */
    private boolean crHeld;

    @Override
    public void feed(byte[] octets, int offset, int length, Sink out) {
        int end = offset + length;
        int from = offset;
        if (crHeld && length > 0) {
            from += octets[offset] == '\n' ? 1 : 0;
            lineEnd(out);
        }
        for (int i = from; i < end; i++) {
            byte b = octets[i];
            if (b == '\r' && i + 1 < end && octets[i + 1] == '\n') {
                i++;
                lineStart = true;
            } else if (b == '\r' || b == '\n') {
                out.put(octets, from, i - from);
                from = i + 1;
                crHeld = b == '\r' && from == end;
                if (!crHeld) {
                    lineEnd(out);
                }
            } else if (lineStart && b == 0) {
                out.put(octets, from, i - from);
                from = i + 1;
            } else if (lineStart && b == '.') {
                out.put(octets, from, i - from);
                out.put(DOT);
                from = i;
                lineStart = false;
            } else {
                lineStart = false;
            }
        }
        out.put(octets, from, end - from);
    }

    private void lineEnd(Sink out) {
        out.put(CRLF);
        crHeld = false;
        lineStart = true;
    }

    @Override
    public void finish(Sink out) {
        if (crHeld || !lineStart) {
            out.put(CRLF);
        }
        out.put(END);
    }
}
