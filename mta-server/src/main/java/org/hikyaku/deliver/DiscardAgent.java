package org.hikyaku.deliver;

import org.hikyaku.mail.Recipient;
import org.hikyaku.queue.Outcome;

/**
 * Takes mail and keeps nothing of it.
 *
 * <p><i>Failure:</i> none.
 */
public final class DiscardAgent implements DeliveryAgent {
    @Override
    public Outcomes deliver(Delivery delivery) {
        Outcomes outcomes = new Outcomes(delivery.recipients().size(), delivery.route());
        int place = 0;
        for (Recipient recipient : delivery.recipients()) {
            outcomes.delivered(place++, "", "", "discarded for " + recipient.address(), Outcome.Word.DELIVERED);
        }
        return outcomes;
    }
}
