package org.hikyaku.spool;

import java.time.Instant;
import java.util.List;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.mail.Wishes;

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

    /** The same, held for that reason. */
    public StoredMessage heldFor(String why) {
        return new StoredMessage(id, arrival, envelope, origin, states, why, content);
    }

    /** Whether a rule of routes has held it once: since then an operator has released it, or will. */
    public boolean wasRuled() {
        return states.stream().anyMatch(RecipientState::ruled);
    }

    /** From when it was to be delivered: its arrival, or the time until which its sender had it kept (RFC 4865). */
    public Instant begins() {
        return begins(arrival, envelope);
    }

    /** As {@link #begins()}, of a message that is not stored yet. */
    public static Instant begins(Instant arrival, Envelope envelope) {
        return envelope.wishes()
                .release()
                .map(Wishes.Release::at)
                .filter(at -> at.isAfter(arrival))
                .orElse(arrival);
    }
}
