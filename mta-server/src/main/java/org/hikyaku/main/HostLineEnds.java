package org.hikyaku.main;

import java.io.ByteArrayOutputStream;

/**
 * Input of a program that may end its lines as the host does: if the first ends with LF alone, all that do so get the CR that SMTP wants
 * (RFC 5321 2.3.8). One whose first line is right is carried octet for octet.
 *
 * <p><i>Failure:</i> none.
 */
final class HostLineEnds {
    private boolean known;
    private boolean converts;
    private int last = -1;

    /** What is to be said for the first {@code count} octets of {@code piece}. */
    byte[] of(byte[] piece, int count) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(count + count / 16);
        for (int i = 0; i < count; i++) {
            int octet = piece[i];
            if (octet == '\n') {
                converts |= !known && last != '\r';
                known = true;
                if (converts && last != '\r') {
                    out.write('\r');
                }
            }
            out.write(octet);
            last = octet;
        }
        return out.toByteArray();
    }
}
