package org.hikyaku.spool;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;

/** What one commit changes: all of it lasts, or nothing. Each entry is self-contained and may be replayed. */
public record Change(List<Entry> entries) {
    public Change {
        entries = List.copyOf(entries);
    }

    public static Change of(Entry... entries) {
        return new Change(List.of(entries));
    }

    /** One step. */
    public sealed interface Entry {
        /**
         * A new message.
         *
         * @param prepended header lines put before the body, CRLF each; stored apart from the body
         * @param states one per recipient of the envelope
         */
        record Accept(
                Draft draft,
                byte[] prepended,
                Envelope envelope,
                Origin origin,
                Instant arrival,
                List<RecipientState> states,
                String held)
                implements Entry {}

        /**
         * Recipients' states from now on, by their place in the envelope. A message whose recipients are all finished is
         * gone.
         */
        record Progress(SpoolId id, Map<Integer, RecipientState> states) implements Entry {}

        /**
         * Held from delivery.
         *
         * @param why and by whom; empty text releases
         * @param yields says nothing of a message that is held when its turn comes
         */
        record Hold(SpoolId id, String why, boolean yields) implements Entry {
            public Hold(SpoolId id, String why) {
                this(id, why, false);
            }
        }

        /**
         * Other recipients for some pending ones: places {@code replaced} are finished, {@code added} follow behind the last.
         * The only entry of its change on this message.
         */
        record Redirect(SpoolId id, List<Integer> replaced, List<Recipient> added, Instant due) implements Entry {}

        /** Taken out by an operator or by a verdict. */
        record Remove(SpoolId id, String why) implements Entry {}
    }
}
