package org.hikyaku.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.hikyaku.mail.Recipient;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;

/**
 * A message of the queue as a row of JSON. Times are those of ISO 8601, sizes octets.
 *
 * @param from the sender, empty for a notice
 * @param held why it is held, empty when it is not
 * @param by by which door it came
 * @param delivering whether it is being delivered right now
 * @param header the header of the message where it was asked for, else empty
 */
public record QueueRow(
        String id,
        String arrived,
        long size,
        String from,
        String held,
        String by,
        String client,
        String user,
        boolean delivering,
        List<To> recipients,
        String header) {
    /**
     * One recipient.
     *
     * @param original what the sender wrote, when it differs; else empty
     * @param state {@code pending}, {@code delivered}, {@code failed}, {@code replaced}
     * @param due when it is tried next, empty when it is finished
     * @param why what the last attempt said
     */
    public record To(
            String address,
            String original,
            String state,
            int attempts,
            String due,
            String status,
            String remote,
            String why) {}

    static QueueRow of(StoredMessage message, boolean delivering, String header) {
        List<To> to = new ArrayList<>();
        for (int i = 0; i < message.states().size(); i++) {
            to.add(to(message.envelope().recipients().get(i), message.states().get(i)));
        }
        return new QueueRow(
                message.id().toString(),
                message.arrival().toString(),
                message.content().size(),
                message.envelope().sender().toString(),
                message.held(),
                message.origin().kind().name().toLowerCase(Locale.ROOT),
                message.origin().client(),
                message.origin().user(),
                delivering,
                to,
                header);
    }

    private static To to(Recipient recipient, RecipientState state) {
        boolean same = recipient.original().equals(recipient.address());
        boolean finished = state.status().isFinished();
        String reply = state.last().reply();
        return new To(
                recipient.address().toString(),
                same ? "" : recipient.original().toString(),
                state.status().name().toLowerCase(Locale.ROOT),
                state.attempts(),
                finished ? "" : state.due().toString(),
                state.last().status(),
                state.last().remote(),
                reply.isEmpty() ? state.last().text() : reply);
    }
}
