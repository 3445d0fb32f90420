package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;

/** Who hears what of outcomes, and in which order. */
class OutcomeNewsTest {
    private static final Instant ARRIVAL = Instant.EPOCH;

    private final List<String> told = new ArrayList<>();
    private final OutcomeNews news = new OutcomeNews((event, values) -> told.add(event.name() + " " + values[1]));

    private record Empty() implements Content {
        @Override
        public long size() {
            return 0;
        }

        @Override
        public int read(ByteBuffer target, long position) {
            return 0;
        }
    }

    private static Settlement settlement(RecipientState... states) {
        List<Recipient> to = List.of(Recipient.of(Address.of("a@y.example")), Recipient.of(Address.of("b@y.example")));
        StoredMessage message = new StoredMessage(
                new SpoolId(1),
                ARRIVAL,
                new Envelope(Address.of("x@x.example"), to, false, false),
                new Origin(Origin.Kind.SMTP, "192.0.2.7", "", "s1"),
                List.of(RecipientState.fresh(ARRIVAL), RecipientState.fresh(ARRIVAL)),
                "",
                new Empty());
        Parcel parcel = Parcels.of(message, Sender.of(message, 0), 10, Homing.BY_DOMAIN, state -> 0L)
                .getFirst();
        return new Settlement(
                new Claim(message, parcel.site(), List.of(0, 1)),
                parcel,
                ARRIVAL.plus(Duration.ofSeconds(3)),
                Map.of(0, states[0], 1, states[1]),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Set.of());
    }

    private static RecipientState state(RecipientState.Status status) {
        return new RecipientState(status, 1, ARRIVAL, Diagnosis.ours("4.4.1", "no answer"), false);
    }

    /** A refusal is never seen as all there is: who hears it first would take it for the whole answer. */
    @Test
    void whoHasItIsToldBeforeWhoWasRefused() {
        news.to(new QueueManager.OutcomeEar() {
            @Override
            public void refused(StoredMessage message, Recipient to, Outcome.Failed how) {
                told.add("refused " + to.address());
            }

            @Override
            public void taken(StoredMessage message, Recipient to) {
                told.add("taken " + to.address());
            }
        });
        news.tell(
                settlement(state(RecipientState.Status.FAILED), state(RecipientState.Status.DELIVERED)),
                List.of(QueueBed.failed(), QueueBed.delivered()));
        assertThat(told)
                .containsExactly(
                        "taken b@y.example",
                        Event.RECIPIENT_FAILED + " a@y.example",
                        "refused a@y.example",
                        Event.RECIPIENT_DELIVERED + " b@y.example");
    }

    @Test
    void whoseTimeIsOverExpiresAndFails() {
        news.tell(
                settlement(state(RecipientState.Status.FAILED), state(RecipientState.Status.PENDING)),
                List.of(QueueBed.retry(), QueueBed.retry()));
        assertThat(told)
                .containsExactly(
                        Event.MESSAGE_EXPIRED + " a@y.example",
                        Event.RECIPIENT_FAILED + " a@y.example",
                        Event.RECIPIENT_DEFERRED + " b@y.example");
    }
}
