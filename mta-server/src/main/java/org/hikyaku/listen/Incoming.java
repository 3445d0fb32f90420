package org.hikyaku.listen;

import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.HeaderScan;
import org.hikyaku.smtp.ChunkFramer;
import org.hikyaku.smtp.DataFramer;
import org.hikyaku.smtp.server.Action;
import org.hikyaku.smtp.server.Input;
import org.hikyaku.spool.Draft;
import org.jspecify.annotations.Nullable;

/**
 * The message that a session is receiving: its draft, from the opening to the commit, and while octets come, what frames them
 * (by DATA's end or by the counts of BDATs) and looks at the header. On the session's loop only.
 *
 * <p><i>Failure:</i> of a faulty message the draft is given back at once, the rest is only read away; {@link #abort} gives it back
 * however the session ends.
 */
final class Incoming {
    private final Supplier<Draft> drafts;
    private final Runnable onPressure;
    private @Nullable Draft draft;
    private @Nullable DataFramer framer;
    private @Nullable ChunkFramer chunks;
    private @Nullable HeaderScan headers;
    private boolean inChunk;
    private boolean lastChunk;
    private boolean skipping;
    private long toSkip;

    /** @param onPressure run when draft memory is at its bound, for all that comes though it is */
    Incoming(Supplier<Draft> drafts, Runnable onPressure) {
        this.drafts = drafts;
        this.onPressure = onPressure;
    }

    Input.DraftOpened open() {
        Draft opened = drafts.get();
        draft = opened;
        return new Input.DraftOpened(opened.id(), opened.opened());
    }

    /** Octets of the message come now, to their end. */
    void begin(Config.Limits limits, boolean fixBareLineEnds) {
        headers = new HeaderScan(limits.headersSizeMax());
        framer = new DataFramer(limits.messageSizeMax(), limits.bodyLineMax(), fixBareLineEnds, this::append);
    }

    /** A counted part of the message comes now; the answer, if it is there at once. */
    @Nullable
    Input begin(Config.Limits limits, Action.ReceiveChunk chunk) {
        ChunkFramer reading = chunks;
        if (reading == null) {
            headers = new HeaderScan(limits.headersSizeMax());
            reading = new ChunkFramer(limits.messageSizeMax(), limits.bodyLineMax(), chunk.lineEnds(), this::append);
            chunks = reading;
        }
        reading.begin(chunk.octets());
        inChunk = true;
        lastChunk = chunk.last();
        return end();
    }

    /** Octets come that are nothing; the answer, if it is there at once. */
    @Nullable
    Input skip(long octets) {
        skipping = true;
        toSkip = octets;
        return end();
    }

    /** Reads octets; returns the index behind the last that was the message's. */
    int read(byte[] octets, int from, int to) {
        if (skipping) {
            int count = (int) Math.min(toSkip, to - from);
            toSkip -= count;
            return from + count;
        }
        ChunkFramer reading = chunks;
        return inChunk && reading != null ? reading.read(octets, from, to) : framer().read(octets, from, to);
    }

    /** What came, when it has come whole; null before. */
    @Nullable
    Input end() {
        if (skipping) {
            skipping = toSkip > 0;
            return skipping ? null : new Input.Skipped();
        }
        ChunkFramer reading = chunks;
        return inChunk && reading != null ? chunkEnd(reading) : dataEnd(framer());
    }

    private @Nullable Input dataEnd(DataFramer read) {
        if (read.isFaulty()) {
            giveBack();
        }
        if (!read.ended()) {
            return null;
        }
        framer = null;
        return whole(read.size(), read.isTooBig(), read.hasBareFault(), read.hasLineTooLong(), read.hasEightBit());
    }

    private @Nullable Input chunkEnd(ChunkFramer read) {
        if (read.ended() && lastChunk) {
            read.endMessage();
        }
        if (read.isFaulty()) {
            giveBack();
        }
        if (!read.ended()) {
            return null;
        }
        inChunk = false;
        if (!lastChunk) {
            return new Input.ChunkEnd(read.isTooBig(), read.hasBareFault(), read.hasLineTooLong());
        }
        chunks = null;
        return whole(read.size(), read.isTooBig(), read.hasBareFault(), read.hasLineTooLong(), read.hasEightBit());
    }

    private Input.DataEnd whole(long size, boolean tooBig, boolean bare, boolean lineTooLong, boolean eightBit) {
        HeaderScan scan = headers;
        if (scan == null) {
            throw new IllegalStateException("a message without a header");
        }
        headers = null;
        var facts = new Input.DataFacts(size, tooBig, bare, lineTooLong, eightBit, scan.facts());
        return new Input.DataEnd(facts, draft == null ? null : draft.content());
    }

    private DataFramer framer() {
        DataFramer reading = framer;
        if (reading == null) {
            throw new IllegalStateException("a message without a framer");
        }
        return reading;
    }

    private void append(byte[] octets, int offset, int length) {
        Draft current = draft;
        HeaderScan scan = headers;
        if (current == null || scan == null) {
            return;
        }
        scan.feed(octets, offset, length);
        if (!current.append(octets, offset, length)) {
            onPressure.run();
        }
    }

    /** Has {@code relief} run when there is memory again. */
    void onRelief(Runnable relief) {
        Draft current = draft;
        if (current != null) {
            current.onRelief(relief);
        }
    }

    /** The draft, to be committed: it is no more of this. */
    Draft take() {
        Draft done = draft;
        draft = null;
        if (done == null) {
            throw new IllegalStateException("nothing to commit");
        }
        return done;
    }

    /** The message is over, wherever it is. */
    void abort() {
        giveBack();
        framer = null;
        chunks = null;
        inChunk = false;
        headers = null;
    }

    private void giveBack() {
        if (draft != null) {
            draft.abort();
            draft = null;
        }
    }
}
