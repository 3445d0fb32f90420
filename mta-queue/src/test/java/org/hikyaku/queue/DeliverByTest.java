package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mail that is wanted by a certain time (RFC 2852). */
class DeliverByTest {
    private final QueueStories queue = new QueueStories();

    @AfterEach
    void end() {
        queue.close();
    }

    private static Instant send(QueueBed bed, int seconds, boolean returns, Recipient... to) {
        return send("", bed, seconds, returns, to);
    }

    private static Instant send(String fields, QueueBed bed, int seconds, boolean returns, Recipient... to) {
        Instant at = bed.world.clock().now().plusSeconds(seconds);
        Wishes wishes = Wishes.NONE.with(new Wishes.Deadline(at, returns, false));
        bed.send("", new Envelope(Address.of("ann@c.example"), List.of(to), false, false, 0, wishes), fields);
        return at;
    }

    private static Recipient to(String address, int when) {
        return new Recipient(Address.of(address), Address.of(address), new Notify(when, ""));
    }

    private String text(Claim claim) {
        return new String(queue.store.bodies.get(claim.message().id()), StandardCharsets.UTF_8);
    }

    /** RFC 2852 4.1.3, 5. */
    @Test
    void withModeRItIsGivenUpWhenItsTimeIsOver() {
        queue.run(bed -> {
            Instant at = send(bed, 100, true, Recipient.of(Address.of("bob@b.example")));
            bed.settle(bed.take(), QueueBed.retry());
            Claim last = bed.take(); // the usual wait would be five minutes
            assertThat(bed.world.clock().now()).isBetween(at, at.plusSeconds(2));
            bed.settle(last, QueueBed.retry());
            assertThat(text(bed.take()))
                    .contains("Action: failed", "Status: 5.4.7", "Deliver-By-Date:", "Arrival-Date:");
        });
        assertThat(queue.store.messages).hasSize(1); // the notice
    }

    /** RFC 2852 4.1.3. */
    @Test
    void withModeNTheSenderIsToldAndItIsTriedOn() {
        queue.run(bed -> {
            Instant at = send(
                    bed,
                    100,
                    false,
                    Recipient.of(Address.of("unsaid@b.example")),
                    to("delay@b.example", Notify.DELAY),
                    to("failure@b.example", Notify.FAILURE));
            bed.settle(bed.take(), QueueBed.retry());
            Claim then = bed.take();
            assertThat(bed.world.clock().now()).isBetween(at, at.plusSeconds(2));
            bed.settle(then, QueueBed.retry());
            Claim notice = bed.take();
            assertThat(text(notice))
                    .contains("Action: delayed", "Status: 4.4.7", "unsaid@b.example", "delay@b.example")
                    .doesNotContain("failure@b.example");
            bed.settle(notice, QueueBed.delivered());
            Claim again = bed.take();
            assertThat(again.places()).hasSize(3);
            bed.settle(again, QueueBed.retry());
            assertThat(bed.take().message().envelope().sender().isNull()).isFalse(); // told once
        });
    }

    /** RFC 2852 4.1.3: a MUST, that RFC 3834 says nothing against. */
    @Test
    void withModeNTheSenderOfAutomaticMailIsToldToo() {
        queue.run(bed -> {
            Recipient bob = Recipient.of(Address.of("bob@b.example"));
            send("Auto-Submitted: auto-generated\r\nPrecedence: list\r\n", bed, 100, false, bob);
            bed.settle(bed.take(), QueueBed.retry());
            bed.settle(bed.take(), QueueBed.retry());
            assertThat(text(bed.take())).contains("Action: delayed", "Status: 4.4.7");
        });
    }

    /** RFC 2852 4.1.4, 4.1.4.2: whoever did not forbid it hears that it has left. */
    @Test
    void thatItWasRelayedIsToldToAllButNever() {
        queue.run(bed -> {
            send(
                    bed,
                    100,
                    false,
                    Recipient.of(Address.of("unsaid@b.example")),
                    to("failure@b.example", Notify.FAILURE),
                    to("never@b.example", 0));
            bed.settle(bed.take(), new Outcome.Delivered("mx", "mx.b.example", "", "250 ok", Outcome.Word.ANNOUNCED));
            assertThat(text(bed.take()))
                    .contains("Action: relayed", "unsaid@b.example", "failure@b.example")
                    .doesNotContain("never@b.example");
        });
    }
}
