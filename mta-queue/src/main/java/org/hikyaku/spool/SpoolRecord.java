package org.hikyaku.spool;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;

/** An entry of a frame, as it is read back (docs/spool.md, Frame). */
sealed interface SpoolRecord {
    /**
     * All that is known of a message but its octets.
     *
     * @param states one per recipient
     */
    record Meta(Instant arrival, Origin origin, Envelope envelope, List<RecipientState> states, String held) {
        /** With some states, or the hold, replaced. */
        Meta with(States change) throws Damaged {
            ArrayList<RecipientState> now = new ArrayList<>(states);
            for (Map.Entry<Integer, RecipientState> state : change.states().entrySet()) {
                if (state.getKey() >= now.size()) {
                    throw new Damaged("a state of no recipient");
                }
                now.set(state.getKey(), state.getValue());
            }
            return new Meta(arrival, origin, envelope, now, change.setsHeld() ? change.held() : held);
        }

        /** With recipients {@code replaced} finished and others behind the last. */
        Meta redirected(List<Integer> replaced, List<Recipient> added, Instant due) {
            ArrayList<Recipient> recipients = new ArrayList<>(envelope.recipients());
            recipients.addAll(added);
            ArrayList<RecipientState> now = new ArrayList<>(states);
            for (int place : replaced) {
                now.set(place, now.get(place).finished(RecipientState.Status.REPLACED));
            }
            now.addAll(Collections.nCopies(added.size(), RecipientState.fresh(due)));
            return new Meta(arrival, origin, envelope.withRecipients(recipients), now, held);
        }
    }

    /**
     * A message, with its body in the frame or in a file.
     *
     * @param prepended octets of the header put before the body
     * @param bodySize octets of the body, without the prepended
     * @param bodyOffset where prepended and inline body begin, from the start of the frame
     * @param bodyCrc over the inline body, then the prepended
     * @param cost octets of this entry and its body in the journal
     */
    record Message(
            long id, Meta meta, int prepended, boolean inFile, long bodySize, int bodyOffset, int bodyCrc, int cost)
            implements SpoolRecord {
        /** Octets in the frame, prepended and body. */
        int inline() {
            return inFile ? prepended : prepended + (int) bodySize;
        }
    }

    /** Stands for all that was said of a message before, but its body. */
    record Restated(long id, Meta meta) implements SpoolRecord {}

    /**
     * News of a message.
     *
     * @param all stands for all {@code States} before
     */
    record States(long id, boolean setsHeld, String held, boolean all, Map<Integer, RecipientState> states)
            implements SpoolRecord {}

    /** A message is finished; its MESSAGE lies in segment {@code home}. */
    record Gone(long id, long home, boolean inFile) implements SpoolRecord {}

    /** Every id given is below. */
    record Ids(long bound) implements SpoolRecord {}
}
