package org.hikyaku.smtp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The octets after DATA to the octets of the message (RFC 5321 4.1.1.4, 4.5.2): finds the end of data, takes the stuffed
 * dots out, notices what a message must not hold. Together with {@link LineFramer} this is what stands against
 * smuggling: <em>the data end at the true CR LF . CR LF and nowhere else</em>, whatever the setting.
 *
 * <p>Yields slices of the array it is given, as long as they can be: no object and no copy per line. With {@code fix}
 * each bare CR and each bare LF inside the message is handed on as CR LF; a line so begun is no line of the protocol: a
 * dot at its start is neither the end nor stuffed.
 *
 * <p><i>Failure:</i> after a fault (bare CR or LF without fix, line or message too long) nothing more is yielded, and the
 * rest is read to the end of data, so that no octet of a message is ever taken for a command.
 */
public final class DataFramer {
    /** Takes the message's octets; the array is valid only during the call. */
    public interface Sink {
        void octets(byte[] array, int offset, int length);
    }

    private enum State {
        /** After a true CR LF, and at the beginning. */
        LINE_START,
        TEXT,
        /** A CR in the text, not yet handed on. */
        CR,
        /** A dot at a line's start, dropped. */
        DOT,
        /** CR after that dot. */
        DOT_CR,
        END
    }

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long CRS = 0x0d0d0d0d0d0d0d0dL;
    private static final long LFS = 0x0a0a0a0a0a0a0a0aL;
    private static final byte[] CRLF = {'\r', '\n'};

    private final long sizeMax;
    private final int lineMax;
    private final boolean fix;
    /** Dots at the start of lines mean something; else the octets are counted elsewhere ({@link ChunkFramer}). */
    private final boolean dots;

    private final Sink sink;

    private State state = State.LINE_START;
    private long size;
    private long lineLength;
    private long high;
    private boolean bare;
    private boolean tooBig;
    private boolean lineTooLong;

    /**
     * @param sizeMax octets of a message
     * @param lineMax octets of a line, without its CR LF
     * @param fix make each bare CR or LF a CR LF, rather than note a fault
     */
    public DataFramer(long sizeMax, int lineMax, boolean fix, Sink sink) {
        this(sizeMax, lineMax, fix, true, sink);
    }

    private DataFramer(long sizeMax, int lineMax, boolean fix, boolean dots, Sink sink) {
        this.sizeMax = sizeMax;
        this.lineMax = lineMax;
        this.fix = fix;
        this.dots = dots;
        this.sink = sink;
    }

    /** For text whose end its reader knows: no dot is an end or is stuffed, {@link #endText} says when it is over. */
    static DataFramer ofText(long sizeMax, int lineMax, boolean fix, Sink sink) {
        return new DataFramer(sizeMax, lineMax, fix, false, sink);
    }

    /** Reads from {@code octets[from..to)}; returns the index of the first octet after the end of data, or {@code to}. */
    public int read(byte[] octets, int from, int to) {
        int p = from;
        while (p < to && state != State.END) {
            p = switch (state) {
                case LINE_START -> lineStart(octets, p);
                case TEXT -> text(octets, p, to);
                case CR -> afterCr(octets, p);
                case DOT -> afterDot(octets, p);
                case DOT_CR -> afterDotCr(octets, p);
                case END -> p;
            };
        }
        return p;
    }

    /** The text is over: a CR that waited for its LF stands alone. */
    void endText() {
        if (state == State.CR) {
            bareLineEnd();
        }
        state = State.END;
    }

    /** Whether the end of data has been read. */
    public boolean ended() {
        return state == State.END;
    }

    /** Octets of the message so far, also of those not yielded after a fault. */
    public long size() {
        return size;
    }

    public boolean isTooBig() {
        return tooBig;
    }

    public boolean hasLineTooLong() {
        return lineTooLong;
    }

    /** A bare CR or LF was there; with {@code fix} it was mended and is no fault. */
    public boolean hasBareLineEnd() {
        return bare;
    }

    /** A bare CR or LF was there and was not to be mended. */
    public boolean hasBareFault() {
        return bare && !fix;
    }

    /** An octet over 127 was there. */
    public boolean hasEightBit() {
        return (high & HIGHS) != 0;
    }

    /** Whether the message has a fault and what was yielded is not the whole. */
    public boolean isFaulty() {
        return tooBig || lineTooLong || hasBareFault();
    }

    private int lineStart(byte[] octets, int p) {
        lineLength = 0;
        if (dots && octets[p] == '.') {
            state = State.DOT;
            return p + 1;
        }
        state = State.TEXT;
        return p;
    }

    /** Lines of text, as many as can be yielded in one slice. */
    private int text(byte[] octets, int from, int to) {
        int p = from;
        while (true) {
            int q = lineEnd(octets, p, to);
            countLine(q - p);
            if (q == to) {
                yieldOctets(octets, from, to);
                return to;
            }
            if (octets[q] == '\n' || (q + 1 < to && octets[q + 1] != '\n')) {
                yieldOctets(octets, from, q);
                bareLineEnd();
                return q + 1;
            }
            if (q + 1 == to) {
                yieldOctets(octets, from, q);
                state = State.CR;
                return to;
            }
            p = q + 2;
            lineLength = 0;
            if (p == to || (dots && octets[p] == '.')) {
                yieldOctets(octets, from, p);
                state = State.LINE_START;
                return p;
            }
        }
    }

    private int afterCr(byte[] octets, int p) {
        if (octets[p] == '\n') {
            yieldOctets(CRLF, 0, 2);
            state = State.LINE_START;
            return p + 1;
        }
        bareLineEnd();
        state = State.TEXT;
        return p;
    }

    /** RFC 5321 4.5.2: a dot alone ends the data, a dot before anything else is taken out. */
    private int afterDot(byte[] octets, int p) {
        if (octets[p] == '\r') {
            state = State.DOT_CR;
            return p + 1;
        }
        state = State.TEXT;
        return p;
    }

    private int afterDotCr(byte[] octets, int p) {
        if (octets[p] == '\n') {
            state = State.END;
            return p + 1;
        }
        bareLineEnd();
        state = State.TEXT;
        return p;
    }

    private void bareLineEnd() {
        bare = true;
        lineLength = 0;
        if (fix) {
            yieldOctets(CRLF, 0, 2);
        } else {
            size++;
        }
    }

    private void countLine(int count) {
        lineLength += count;
        if (lineLength > lineMax) {
            lineTooLong = true;
        }
    }

    private void yieldOctets(byte[] octets, int from, int to) {
        if (from == to) {
            return;
        }
        size += to - from;
        if (size > sizeMax) {
            tooBig = true;
        }
        if (!isFaulty()) {
            sink.octets(octets, from, to - from);
        }
    }

    /** The index of the first CR or LF from {@code p} on, or {@code to}; eight octets at a time. */
    private int lineEnd(byte[] octets, int from, int to) {
        int p = from;
        long seen = 0;
        for (; p + Long.BYTES <= to; p += Long.BYTES) {
            long eight = (long) LONGS.get(octets, p);
            long cr = eight ^ CRS;
            long lf = eight ^ LFS;
            // the lowest marked octet is the first that is CR or LF; marks above it may be false
            long marks = (((cr - ONES) & ~cr) | ((lf - ONES) & ~lf)) & HIGHS;
            if (marks != 0) {
                int bits = Long.numberOfTrailingZeros(marks) & ~7;
                high |= seen | (eight & ((1L << bits) - 1));
                return p + bits / 8;
            }
            seen |= eight;
        }
        for (; p < to && octets[p] != '\r' && octets[p] != '\n'; p++) {
            seen |= octets[p] & 0xffL;
        }
        high |= seen;
        return p;
    }
}
