package org.hikyaku.mime;

import java.nio.charset.StandardCharsets;

/** Encodes text to quoted-printable as it streams by (RFC 2045 6.7); its line ends stay line ends. */
final class QuotedPrintable {
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SOFT_BREAK = {'=', '\r', '\n'};
    private static final byte[] CRLF = {'\r', '\n'};
    /** Rule 5: 76 characters, the '=' of a soft break counted. */
    private static final int LINE_MAX = 75;

    private final byte[] unit = new byte[3];
    private int column;
    /** A space or tab, encoded only if the line ends after it (rule 3); -1 when none. */
    private int heldSpace = -1;

    void put(byte[] octets, int offset, int length, Sink out) {
        for (int i = offset; i < offset + length; i++) {
            byte b = octets[i];
            releaseSpace(false, out);
            if (b == ' ' || b == '\t') {
                heldSpace = b;
            } else {
                emit(b, b < '!' || b > '~' || b == '=', out);
            }
        }
    }

    void lineEnd(Sink out) {
        releaseSpace(true, out);
        out.put(CRLF);
        column = 0;
    }

    /** The body ends, maybe in the middle of a line. */
    void finish(Sink out) {
        releaseSpace(true, out);
    }

    private void releaseSpace(boolean last, Sink out) {
        if (heldSpace >= 0) {
            emit((byte) heldSpace, last, out);
            heldSpace = -1;
        }
    }

    private void emit(byte b, boolean encoded, Sink out) {
        int width = encoded ? 3 : 1;
        if (column + width > LINE_MAX) {
            out.put(SOFT_BREAK);
            column = 0;
        }
        if (encoded) {
            unit[0] = '=';
            unit[1] = HEX[(b >> 4) & 15];
            unit[2] = HEX[b & 15];
        } else {
            unit[0] = b;
        }
        out.put(unit, 0, width);
        column += width;
    }
}
