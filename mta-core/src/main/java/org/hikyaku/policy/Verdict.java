package org.hikyaku.policy;

import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.sasl.RemoteLogin;
import org.hikyaku.sasl.ScramKeys;
import org.hikyaku.smtp.Reply;

/** The answer to a {@link Question}. */
public sealed interface Verdict {
    Verdict PASS = new Pass(List.of());

    /** Go on; header lines (without CRLF) to be put before the message. */
    record Pass(List<String> headers) implements Verdict {}

    /** No, for good (5xx) or for now (4xx), with the reply to send. */
    record Reject(Reply reply) implements Verdict {}

    /** Reject, and close after the reply (421, 521). */
    record Close(Reply reply) implements Verdict {}

    /** Take the message, keep it from delivery until an operator decides. */
    record Hold(String why) implements Verdict {}

    /** Answer 250 and throw the message away; logged. */
    record Discard(String why) implements Verdict {}

    /** To {@link Question.Verify}: who it is. */
    record Found(List<Address> addresses) implements Verdict {
        public Found {
            addresses = List.copyOf(addresses);
        }
    }
    /** To {@link Question.LoginRemote}: what the other server says of credentials that it has looked at. */
    record Remote(RemoteLogin.Answer answer) implements Verdict {}

    /**
     * To {@link Question.LoginToken}: whom it stands for.
     *
     * @param user empty when it does not hold
     * @param scope what it would need, for the client
     * @param why it does not hold, for the log
     */
    record Token(Optional<String> user, String scope, String why) implements Verdict {}

    /** To {@link Question.LoginKeys}. */
    record Keys(ScramKeys keys) implements Verdict {}
}
