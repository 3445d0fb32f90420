package org.hikyaku.listen;

import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.HeaderScan;
import org.hikyaku.smtp.DataFramer;
import org.hikyaku.smtp.server.Input;
import org.hikyaku.spool.Draft;
import org.jspecify.annotations.Nullable;

/**
 * The message that a session is receiving: its draft, from the opening to the commit, and while octets come, what frames them
 * and looks at the header. On the session's loop only.
 *
 * <p><i>Failure:</i> of a faulty message the draft is given back at once, the rest is only read away; {@link #abort} gives it back
 * however the session ends.
 */
final class Incoming {
    private final Supplier<Draft> drafts;
    private final Runnable onPressure;
    private @Nullable Draft draft;
    private @Nullable DataFramer framer;
    private @Nullable HeaderScan headers;

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

    /** Octets of the message come now. */
    void begin(Config.Limits limits, boolean fixBareLineEnds) {
        headers = new HeaderScan(limits.headersSizeMax());
        framer = new DataFramer(limits.messageSizeMax(), limits.bodyLineMax(), fixBareLineEnds, this::append);
    }

    /** Reads octets; returns the index behind the last that was the message's. */
    int read(byte[] octets, int from, int to) {
        return framer().read(octets, from, to);
    }

    /** What came, when it has come whole; null before. */
    Input.@Nullable DataEnd end() {
        DataFramer read = framer();
        HeaderScan scan = headers;
        if (read.isFaulty()) {
            abort();
        }
        if (!read.ended() || scan == null) {
            return null;
        }
        framer = null;
        headers = null;
        var facts = new Input.DataFacts(
                read.size(),
                read.isTooBig(),
                read.hasBareFault(),
                read.hasLineTooLong(),
                read.hasEightBit(),
                scan.facts());
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

    void abort() {
        if (draft != null) {
            draft.abort();
            draft = null;
        }
    }
}
