package org.hikyaku.mime;

import java.util.Arrays;
import java.util.Base64;

/** Encodes octets to base64 in lines of 76 as they stream by (RFC 2045 6.8). */
final class Base64Lines {
    private static final int OCTETS_PER_LINE = 57;
    private static final byte[] CRLF = {'\r', '\n'};

    private final byte[] held = new byte[OCTETS_PER_LINE];
    private int count;
    private boolean lineBefore;

    void put(byte[] octets, int offset, int length, Sink out) {
        int from = offset;
        int rest = length;
        while (rest > 0) {
            int taken = Math.min(rest, OCTETS_PER_LINE - count);
            System.arraycopy(octets, from, held, count, taken);
            count += taken;
            from += taken;
            rest -= taken;
            if (count == OCTETS_PER_LINE) {
                line(out);
            }
        }
    }

    /** The body ends; no line end is put after the last line. */
    void finish(Sink out) {
        if (count > 0) {
            line(out);
        }
    }

    private void line(Sink out) {
        if (lineBefore) {
            out.put(CRLF);
        }
        lineBefore = true;
        out.put(Base64.getEncoder().encode(Arrays.copyOf(held, count)));
        count = 0;
    }
}
