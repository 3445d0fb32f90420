package org.hikyaku.smtp.client;

import java.util.List;
import org.hikyaku.smtp.Reply;

/** What the runner of a conversation has to do, in order. */
public sealed interface Act {
    record Send(byte[] octets) implements Act {}

    /** Begin TLS on the wire; then {@link SmtpConversation#secured}. */
    record StartTls() implements Act {}

    /**
     * Send the message, each part with {@link SmtpConversation#beforePart} before it; then {@link SmtpConversation#bodyEnded}.
     * By DATA it is dot-stuffed, with its final dot.
     */
    record SendBody() implements Act {}

    /** Send no more of it. */
    record StopBody() implements Act {}

    /** The host takes a transaction now. */
    record Ready(ServerOffer offer) implements Act {}

    /**
     * The transaction is over.
     *
     * @param fates one per recipient, in their order
     * @param reusable whether another may follow on this connection
     */
    record Done(List<Fate> fates, boolean reusable) implements Act {
        public Done {
            fates = List.copyOf(fates);
        }
    }

    /** The answer to {@link SmtpConversation#ask}. */
    record Told(Reply reply) implements Act {}

    /** There will be no (further) transaction: before the first one, or while idle. */
    record Unusable(Trouble why) implements Act {}

    /** End the connection at once. */
    record Close() implements Act {}
}
