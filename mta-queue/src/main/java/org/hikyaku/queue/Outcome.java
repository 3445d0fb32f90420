package org.hikyaku.queue;

import java.time.Duration;
import java.util.Optional;
import org.hikyaku.mail.Diagnosis;

/** What one attempt did for one recipient. */
public sealed interface Outcome {
    /** The route of what no next hop was asked for. */
    String NO_ROUTE = "none";

    /**
     * The next hop has it.
     *
     * @param route {@code mx}, {@code smarthost}, {@code maildir}, {@code lmtp}
     * @param tls {@code TLSv1.3} or empty
     * @param word whose word it is to tell the sender of the success, if he wants to hear of it
     */
    record Delivered(String route, String remote, String tls, String reply, Word word) implements Outcome {}

    /** Who tells the sender that it went well (RFC 3461 5.2.1 to 5.2.3). */
    enum Word {
        /** We: it lies in the mailbox. */
        DELIVERED,
        /** We, that it has left: the next hop tells nothing. */
        RELAYED,
        /** The next hop, which was told what he wants. */
        PASSED_ON,
        /** We, that it has left, also to who did not ask: a wish of RFC 2852 ends here, or every hop is to be told. */
        ANNOUNCED
    }

    /**
     * Not now.
     *
     * @param soon to be tried again after this time, whatever the schedule says
     * @param ruled a rule of routes has held the message: none does so again
     */
    record Retry(String route, Diagnosis why, Optional<Duration> soon, boolean ruled) implements Outcome {
        public Retry(String route, Diagnosis why, Optional<Duration> soon) {
            this(route, why, soon, false);
        }

        public Retry(String route, Diagnosis why) {
            this(route, why, Optional.empty());
        }
    }

    /**
     * Never.
     *
     * @param ofRecipient a server said so of this recipient alone, when it was asked for him
     */
    record Failed(String route, Diagnosis why, boolean ofRecipient) implements Outcome {
        public Failed(String route, Diagnosis why) {
            this(route, why, false);
        }
    }
}
