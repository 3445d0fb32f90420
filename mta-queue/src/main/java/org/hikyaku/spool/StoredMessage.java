package org.hikyaku.spool;

import java.time.Instant;
import java.util.List;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.SpoolId;

/**
 * A message in the spool at one moment.
 *
 * @param states one per recipient of the envelope, in its order
 * @param held why it is held, empty when it is not
 * @param content prepended header and body in one
 */
public record StoredMessage(
        SpoolId id,
        Instant arrival,
        Envelope envelope,
        Origin origin,
        List<RecipientState> states,
        String held,
        Content content) {
    public StoredMessage {
        states = List.copyOf(states);
    }
}
