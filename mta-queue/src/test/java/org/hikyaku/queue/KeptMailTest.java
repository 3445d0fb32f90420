package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mail that its sender wants kept for later (RFC 4865). */
class KeptMailTest {
    private static final Duration LATER = Duration.ofDays(12);

    private final QueueStories queue = new QueueStories();

    @AfterEach
    void end() {
        queue.close();
    }

    private static Instant send(QueueBed bed) {
        Instant at = bed.world.clock().now().plus(LATER);
        Wishes wishes = Wishes.NONE.with(new Wishes.Release(at, "for;" + LATER.toSeconds()));
        bed.send(
                "",
                new Envelope(
                        Address.of("ann@c.example"),
                        List.of(Recipient.of(Address.of("bob@b.example"))),
                        false,
                        false,
                        0,
                        wishes));
        return at;
    }

    private static void goesAt(Instant at, QueueBed bed) {
        bed.take();
        assertThat(bed.world.clock().now()).isBetween(at, at.plusSeconds(2));
    }

    /** RFC 4865 4.2 (5), (6). */
    @Test
    void itGoesWhenItsTimeHasComeAndNotBefore() {
        queue.run(bed -> {
            Instant at = send(bed);
            assertThat(bed.takeSoon()).isEmpty();
            goesAt(at, bed);
        });
    }

    @Test
    void soItDoesAfterARestart() {
        AtomicReference<Instant> at = new AtomicReference<>();
        queue.run(bed -> at.set(send(bed)));
        queue.run(bed -> goesAt(at.get(), bed));
    }

    /** RFC 4865 5.1.2: and the time that it was kept is none of its time to live. */
    @Test
    void itsTimeBeginsWhenItIsReleasedAndTheNoticeTellsWhatWasAsked() {
        queue.run(bed -> {
            Instant at = send(bed);
            bed.settle(bed.take(), QueueBed.retry());
            Claim next = bed.take();
            assertThat(next.message().envelope().sender().isNull()).isFalse(); // no notice yet, no bounce
            assertThat(bed.world.clock().now()).isBefore(at.plus(Duration.ofHours(1)));
            bed.settle(next, QueueBed.failed());
            String notice =
                    new String(queue.store.bodies.get(bed.take().message().id()), StandardCharsets.UTF_8);
            assertThat(notice).contains("Future-Release-Request: for;" + LATER.toSeconds(), "Arrival-Date:");
        });
    }
}
