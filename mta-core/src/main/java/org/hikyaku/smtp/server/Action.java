package org.hikyaku.smtp.server;

import java.time.Duration;
import java.util.List;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.Envelope;
import org.hikyaku.policy.Question;
import org.hikyaku.smtp.ChunkFramer;
import org.hikyaku.smtp.Reply;

/** What a {@link SmtpSession} wants done. In a list only the last one may be answered by an {@link Input}. */
public sealed interface Action {
    /** Queue a reply; sent no later than when the session waits for the client. */
    record Send(Reply reply) implements Action {}

    /** Ask policy; answered by {@link Input.Answer}. */
    record Ask(Question question) implements Action {}

    /** Begin TLS as server; answered by {@link Input.Secured}. What was read and not yet used is dropped. */
    record StartTls() implements Action {}

    /** Let time go by, taking nothing of the client's meanwhile; answered by {@link Input.Rested}. */
    record Rest(Duration time) implements Action {}

    /** Have what waits for these domains sent; answered by {@link Input.QueueStarted}. */
    record StartQueue(List<DomainPattern> domains) implements Action {
        public StartQueue {
            domains = List.copyOf(domains);
        }
    }

    /** See what is there to be fetched, by this user; answered by {@link Input.TurnPrepared}. */
    record PrepareTurn(String user, List<DomainPattern> domains) implements Action {
        public PrepareTurn {
            domains = List.copyOf(domains);
        }
    }

    /** Send what is queued, and give the connection to who prepared it: from now on he is the client. The session is over. */
    record Turn() implements Action {}

    /** Begin a draft; answered by {@link Input.DraftOpened}. */
    record OpenDraft() implements Action {}

    /** From here on the octets are a message, until its end; answered by {@link Input.DataEnd}. */
    record Receive(boolean fixBareLineEnds) implements Action {}

    /**
     * The next {@code octets} are a part of the message, which {@code last} ends; answered by {@link Input.ChunkEnd}, or {@link
     * Input.DataEnd} to the last. All parts of a message come with the same {@code lineEnds}.
     */
    record ReceiveChunk(long octets, boolean last, ChunkFramer.LineEnds lineEnds) implements Action {}

    /** The next {@code octets} are nothing; answered by {@link Input.Skipped}. */
    record Skip(long octets) implements Action {}

    /**
     * Store the draft; answered by {@link Input.Stored} or {@link Input.NotStored}.
     *
     * @param prepended header lines to stand before it, CRLF each
     * @param hold why it is to be held, or empty
     * @param messageId for the log, may be empty
     */
    record Commit(byte[] prepended, Envelope envelope, String hold, String messageId) implements Action {}

    /** Forget the draft. */
    record AbortDraft() implements Action {}

    /**
     * Close when all replies are out; nothing more is read.
     *
     * @param bidden by QUIT: the client sends no more
     */
    record Close(String why, boolean bidden) implements Action {}

    /** Tell the log. */
    record Tell(Note note) implements Action {}
}
