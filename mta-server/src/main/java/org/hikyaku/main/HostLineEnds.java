package org.hikyaku.main;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Input of a program that may end its lines as the host does: if the first ends with LF alone, all that do so get the CR that SMTP wants
 * (RFC 5321 2.3.8), but the counted octets of a BDAT: with more of them than it says the last would be commands, by whoever wrote the
 * message. One whose first line is right is carried octet for octet.
 *
 * <p><i>Failure:</i> none.
 */
final class HostLineEnds {
    private final SessionTally tally;
    private boolean known;
    private boolean converts;
    private int last = -1;

    /** @param tally is told what is said, and tells what is counted of it */
    HostLineEnds(SessionTally tally) {
        this.tally = tally;
    }

    /** What is to be said for the first {@code count} octets of {@code piece}; said at once, for the tally holds it for said. */
    byte[] of(byte[] piece, int count) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(count + count / 16);
        for (int at = 0; at < count; ) {
            int counted = converts ? (int) Math.min(tally.counted(), count - at) : 0;
            int end = counted > 0 ? at + counted : endOfLine(piece, at, count);
            byte[] said = Arrays.copyOfRange(piece, at, end);
            if (counted > 0) {
                last = -1; // no line goes on behind it
            } else {
                said = line(said);
            }
            tally.sent(said, said.length);
            out.writeBytes(said);
            at = end;
        }
        return out.toByteArray();
    }

    private static int endOfLine(byte[] piece, int at, int count) {
        int end = at;
        while (end < count && piece[end] != '\n') {
            end++;
        }
        return Math.min(end + 1, count);
    }

    /** A line, or some of one. */
    private byte[] line(byte[] said) {
        int end = said.length - 1;
        int before = end > 0 ? said[end - 1] : last;
        last = said[end];
        if (last != '\n') {
            return said;
        }
        converts |= !known && before != '\r';
        known = true;
        if (!converts || before == '\r') {
            return said;
        }
        byte[] whole = Arrays.copyOf(said, said.length + 1);
        whole[end] = '\r';
        whole[end + 1] = '\n';
        return whole;
    }
}
