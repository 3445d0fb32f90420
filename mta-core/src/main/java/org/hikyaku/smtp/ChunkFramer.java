package org.hikyaku.smtp;

/**
 * The octets behind BDATs to the octets of the message (RFC 3030 2): of each chunk exactly as many as were announced, whatever
 * they are and however they were cut on their way; no dot and no line end in them ends anything.
 *
 * <p>A message that is not binary holds lines, as one sent by DATA does: the same is noticed, and mended if it is to be.
 * What is kept must be so at least in its header, which all that read it later read by lines. A CR at a chunk's end
 * and an LF at the start of the next are one line end.
 *
 * <p><i>Failure:</i> after a fault nothing more is yielded; the announced octets are read to their end all the same.
 */
public final class ChunkFramer {
    /** What becomes of a bare CR or LF. */
    public enum LineEnds {
        /** It is a fault. */
        REFUSE,
        /** It becomes CR LF. */
        FIX,
        /** It stays, behind the header (RFC 3030 3). */
        KEEP
    }

    private final boolean binary;
    private final DataFramer text;
    private final long sizeMax;
    private final DataFramer.Sink sink;
    private long rest;

    // Of a binary message only:
    private long size;
    private int high;
    private boolean tooBig;
    private boolean inHeader = true;
    private boolean bareInHeader;
    private boolean afterCr;
    private boolean lineEmpty = true;

    /**
     * @param sizeMax octets of a message
     * @param lineMax octets of a line without its CR LF, where there are lines
     */
    public ChunkFramer(long sizeMax, int lineMax, LineEnds lineEnds, DataFramer.Sink sink) {
        this.sizeMax = sizeMax;
        this.sink = sink;
        binary = lineEnds == LineEnds.KEEP;
        text = DataFramer.ofText(sizeMax, lineMax, lineEnds == LineEnds.FIX, sink);
    }

    /** A chunk begins. */
    public void begin(long octets) {
        rest = octets;
    }

    /** Reads from {@code octets[from..to)}; returns the index of the first octet that is not the chunk's, or {@code to}. */
    public int read(byte[] octets, int from, int to) {
        int end = from + (int) Math.min(rest, to - from);
        rest -= end - from;
        if (binary) {
            keep(octets, from, end);
        } else {
            text.read(octets, from, end);
        }
        return end;
    }

    /** Whether all octets of the chunk have been read. */
    public boolean ended() {
        return rest == 0;
    }

    /** The chunk was the last. */
    public void endMessage() {
        text.endText();
        bareInHeader |= inHeader && afterCr;
    }

    /** Octets of the message so far. */
    public long size() {
        return binary ? size : text.size();
    }

    public boolean isTooBig() {
        return tooBig || text.isTooBig();
    }

    public boolean hasLineTooLong() {
        return text.hasLineTooLong();
    }

    /** A bare CR or LF was there where none may be. */
    public boolean hasBareFault() {
        return bareInHeader || text.hasBareFault();
    }

    /** An octet over 127 was there. */
    public boolean hasEightBit() {
        return high < 0 || text.hasEightBit();
    }

    /** Whether the message has a fault and what was yielded is not the whole. */
    public boolean isFaulty() {
        return isTooBig() || hasLineTooLong() || hasBareFault();
    }

    private void keep(byte[] octets, int from, int to) {
        if (inHeader) {
            header(octets, from, to);
        }
        for (int p = from; p < to; p++) {
            high |= octets[p];
        }
        size += to - from;
        tooBig |= size > sizeMax;
        if (from < to && !isFaulty()) {
            sink.octets(octets, from, to - from);
        }
    }

    /** Looks at line ends up to the first empty line. */
    private void header(byte[] octets, int from, int to) {
        for (int p = from; p < to && inHeader; p++) {
            byte c = octets[p];
            if (c == '\n') {
                bareInHeader |= !afterCr;
                inHeader = !(afterCr && lineEmpty);
                lineEmpty = true;
                afterCr = false;
            } else {
                bareInHeader |= afterCr;
                afterCr = c == '\r';
                lineEmpty &= afterCr;
            }
        }
    }
}
