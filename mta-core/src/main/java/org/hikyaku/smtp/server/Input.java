package org.hikyaku.smtp.server;

import java.time.Instant;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.LineFramer;
import org.jspecify.annotations.Nullable;

/** What a {@link SmtpSession} hears. */
public sealed interface Input {
    /**
     * The connection is there; the first input.
     *
     * @param at by the day's clock
     */
    record Connected(Instant at) implements Input {}

    /** A line of the client, {@code octets[from..to)} without its CR LF; only while {@link SmtpSession#wantsLine}. */
    record Line(byte[] octets, int from, int to) implements Input {
        @Override
        public String toString() {
            return "Line[" + (to - from) + "]"; // may hold a password
        }
    }

    /** A line that is refused whole: {@code BROKEN} or {@code TOO_LONG}. */
    record BadLine(LineFramer.Found found) implements Input {}

    /** To {@link Action.Ask}. */
    record Answer(Verdict verdict) implements Input {}

    /** To {@link Action.StartTls}. */
    record Secured(TlsFacts facts) implements Input {}

    /** To {@link Action.Rest}. */
    record Rested() implements Input {}

    /**
     * To {@link Action.StartQueue}.
     *
     * @param works false: nothing is sent at the moment, whatever is asked
     * @param pending messages for these domains
     * @param all no others are in the spool that the queue does not know yet
     */
    record QueueStarted(boolean works, int pending, boolean all) implements Input {}

    /** To {@link Action.PrepareTurn}. */
    record TurnPrepared(Fetching how) implements Input {}

    /** Whether mail can be fetched. */
    enum Fetching {
        READY,
        NO_MAIL,
        /** Somebody of this name is at it. */
        BUSY,
        UNABLE
    }

    /** To {@link Action.OpenDraft}. */
    record DraftOpened(SpoolId id, Instant opened) implements Input {}

    /** To {@link Action.Receive}: the end of data was read; {@code content} is null when the message has a fault. */
    record DataEnd(DataFacts facts, @Nullable Content content) implements Input {}

    /** To {@link Action.ReceiveChunk}: its octets have come; what is wrong with the message so far. */
    record ChunkEnd(boolean tooBig, boolean bareLineEnd, boolean lineTooLong) implements Input {}

    /** To {@link Action.Skip}. */
    record Skipped() implements Input {}

    /** To {@link Action.Commit}: it is on disk. */
    record Stored() implements Input {}

    /**
     * To {@link Action.Commit}: it is not.
     *
     * @param ofMessage it lies in the message: trying again changes nothing
     */
    record NotStored(boolean full, boolean ofMessage) implements Input {
        public NotStored(boolean full) {
            this(full, false);
        }
    }

    /** The moment of {@link SmtpSession#deadline} has come. */
    record TimedOut() implements Input {}

    /** The service stops: end as soon as nothing is under way. */
    record Stop() implements Input {}

    /**
     * What was found while a message came in.
     *
     * @param size octets of the message
     */
    record DataFacts(
            long size,
            boolean tooBig,
            boolean bareLineEnd,
            boolean lineTooLong,
            boolean eightBit,
            HeaderFacts headers) {}
}
