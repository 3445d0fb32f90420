package org.hikyaku.smtp;

import java.util.Arrays;

/**
 * Octets to lines, for commands on the server's side and replies on the client's. A line ends at CR LF and nowhere else
 * (RFC 5321 2.3.8): a bare CR, a bare LF or a NUL is noticed and belongs to the line it stands in.
 *
 * <p>Use: {@link #read} consumes octets up to and including one line end and says whether a line is there; then
 * {@link #array}, {@link #start} and {@link #end} show it, without its CR LF, until the next call. A line that lies
 * within one read is not copied.
 *
 * <p><i>Failure:</i> of a line longer than the limit nothing is kept; it comes once, as {@link Found#TOO_LONG}, when its
 * CR LF has come. At most the limit is ever held.
 */
public final class LineFramer {
    /** What a read found. */
    public enum Found {
        /** No line end yet; all octets were consumed. */
        MORE,
        LINE,
        /** A line that holds a bare CR, a bare LF or a NUL: to be refused whole. */
        BROKEN,
        TOO_LONG
    }

    private static final int FIRST_CAPACITY = 128;

    private final int limit;
    private byte[] held = new byte[0];
    private int heldLength;
    /** Octets of the unfinished line, kept or not. */
    private long length;

    private boolean broken;
    private boolean lastWasCr;
    private int position;
    private byte[] array = held;
    private int start;
    private int end;

    /**
     * @param limit octets of a line, its CR LF included
     */
    public LineFramer(int limit) {
        this.limit = limit;
    }

    /** Reads from {@code octets[from..to)}; {@link #position} is then the first octet that was not consumed. */
    public Found read(byte[] octets, int from, int to) {
        for (int p = from; p < to; p++) {
            byte c = octets[p];
            if (lastWasCr) {
                lastWasCr = false;
                if (c == '\n') {
                    position = p + 1;
                    return finish(octets, from, p + 1);
                }
                broken = true;
            }
            if (c == '\r') {
                lastWasCr = true;
            } else if (c == '\n' || c == 0) {
                broken = true;
            }
        }
        keep(octets, from, to);
        position = to;
        return Found.MORE;
    }

    /** Where the next read is to begin. */
    public int position() {
        return position;
    }

    /** The array that holds the line; only valid until the next read. */
    public byte[] array() {
        return array;
    }

    public int start() {
        return start;
    }

    /** The index after the line's last octet. */
    public int end() {
        return end;
    }

    /** Forgets an unfinished line (RFC 3207 4.2: nothing of before TLS is read after it). */
    public void reset() {
        heldLength = 0;
        length = 0;
        broken = false;
        lastWasCr = false;
    }

    private Found finish(byte[] octets, int from, int to) {
        boolean tooLong = length + (to - from) > limit;
        boolean wasBroken = broken;
        if (length == 0) {
            array = octets;
            start = from;
            end = to - 2;
        } else {
            keep(octets, from, to);
            array = held;
            start = 0;
            end = heldLength - 2;
        }
        reset();
        return tooLong ? Found.TOO_LONG : wasBroken ? Found.BROKEN : Found.LINE;
    }

    private void keep(byte[] octets, int from, int to) {
        int count = to - from;
        length += count;
        if (length > limit) {
            heldLength = 0;
            return;
        }
        if (heldLength + count > held.length) {
            held = Arrays.copyOf(
                    held, Math.min(limit, Math.max(heldLength + count, Math.max(FIRST_CAPACITY, 2 * held.length))));
        }
        System.arraycopy(octets, from, held, heldLength, count);
        heldLength += count;
    }
}
