package org.hikyaku.deliver;

import java.util.List;
import org.hikyaku.smtp.Reply;
import org.hikyaku.smtp.client.Fate;
import org.hikyaku.smtp.client.ServerOffer;
import org.hikyaku.smtp.client.Trouble;

/** What a task hears from the runner of a conversation. */
sealed interface Step {
    /** A transaction may begin. */
    record Ready(ServerOffer offer) implements Step {}

    /** The next part of the message is wanted. */
    record More() implements Step {}

    /** The transaction is over. */
    record Done(List<Fate> fates, boolean reusable) implements Step {}

    /** The answer to a command that is no mail. */
    record Told(Reply reply) implements Step {}

    /** There is no conversation, or none any more. */
    record Unusable(Trouble why) implements Step {}
}
