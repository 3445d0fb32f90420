package org.hikyaku.queue;

import java.time.Duration;
import java.util.List;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Recipient;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;

/**
 * Tells what became of a claim's recipients: an event for each, and who listens hears what receivers said. It does not wait.
 *
 * <p>It promises that who has it is told before who was refused, so that a refusal is never seen as all there is.
 *
 * <p><i>Failure:</i> none; what is told here is stored afterwards, or tried again.
 */
final class OutcomeNews {
    private final Events events;
    private volatile QueueManager.OutcomeEar ear = QueueManager.OutcomeEar.NONE;

    OutcomeNews(Events events) {
        this.events = events;
    }

    /** From now on {@code hears} is told, too. */
    void to(QueueManager.OutcomeEar hears) {
        ear = hears;
    }

    void tell(Settlement settlement, List<Outcome> outcomes) {
        Claim claim = settlement.claim();
        for (int i = 0; i < outcomes.size(); i++) {
            if (outcomes.get(i) instanceof Outcome.Delivered) {
                ear.taken(
                        claim.message(),
                        recipient(claim.message(), claim.places().get(i)));
            }
        }
        for (int i = 0; i < outcomes.size(); i++) {
            tell(settlement, claim.places().get(i), outcomes.get(i));
        }
    }

    private void tell(Settlement settlement, int place, Outcome outcome) {
        StoredMessage message = settlement.claim().message();
        Recipient to = recipient(message, place);
        var state = settlement.states().get(place);
        switch (outcome) {
            case Outcome.Delivered d ->
                events.emit(
                        Event.RECIPIENT_DELIVERED,
                        message.id(),
                        to.address(),
                        d.route(),
                        d.remote(),
                        d.tls(),
                        d.reply(),
                        Duration.between(message.arrival(), settlement.at()).toSeconds());
            case Outcome.Failed f -> {
                failed(message, to, f.route(), f.why());
                ear.refused(message, to, f);
            }
            case Outcome.Retry r
            when state != null && state.status().isFinished() -> {
                events.emit(Event.MESSAGE_EXPIRED, message.id(), to.address());
                failed(message, to, r.route(), state.last());
            }
            case Outcome.Retry r ->
                events.emit(
                        Event.RECIPIENT_DEFERRED,
                        message.id(),
                        to.address(),
                        r.route(),
                        r.why().remote(),
                        r.why().status(),
                        said(r.why()),
                        state == null ? null : state.due());
        }
    }

    private static Recipient recipient(StoredMessage message, int place) {
        return message.envelope().recipients().get(place);
    }

    private void failed(StoredMessage message, Recipient to, String route, Diagnosis why) {
        events.emit(Event.RECIPIENT_FAILED, message.id(), to.address(), route, why.remote(), why.status(), said(why));
    }

    private static String said(Diagnosis why) {
        return why.reply().isEmpty() ? why.text() : why.reply();
    }
}
