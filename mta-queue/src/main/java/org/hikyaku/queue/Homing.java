package org.hikyaku.queue;

import org.hikyaku.mail.Site;
import org.hikyaku.spool.StoredMessage;

/**
 * Where a recipient's mail waits until the site that serves it is known: by his domain, and apart where a rule sends some mail of that
 * domain another way, or an address has an agent of its own. For any thread; never waits, so it does not read the message.
 */
public interface Homing {
    /** The usual: by the domain alone. */
    Homing BY_DOMAIN = (message, place) ->
            Site.ofDomain(message.envelope().recipients().get(place).address().requireDomain());

    /** The same for one message with perhaps many recipients, for one task or loop: what is said of them all is found once. */
    default Homing of(StoredMessage message) {
        return this;
    }

    /** Of the recipient at that place of the envelope. */
    Site home(StoredMessage message, int place);

    /** Whether each such recipient is delivered by himself, as by a run of a program: so he is settled by himself, too. */
    default boolean isAlone(StoredMessage message, int place) {
        return false;
    }
}
