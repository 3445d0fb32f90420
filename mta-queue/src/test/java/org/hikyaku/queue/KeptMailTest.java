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
import org.hikyaku.operate.Verb;
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

    /** RFC 4865 6 (2). */
    @Test
    void whatAUserHasKeptIsCountedAsLongAsItIsKept() {
        AtomicReference<Instant> at = new AtomicReference<>();
        queue.run(bed -> {
            assertThat(hasRoom(bed, 1, 1)).isTrue();
            at.set(send(bed));
            assertThat(hasRoom(bed, 1, 1000)).isFalse();
            assertThat(hasRoom(bed, 2, 1000)).isTrue();
            assertThat(hasRoom(bed, 2, 20)).isFalse();
            assertThat(bed.queue
                            .kept()
                            .hasRoom("another", 1, 1, 1, bed.world.clock().now()))
                    .isTrue();
        });
        queue.run(bed -> {
            assertThat(hasRoom(bed, 1, 1000)).isFalse();
            goesAt(at.get(), bed);
            assertThat(hasRoom(bed, 1, 1)).isTrue();
        });
    }

    private static boolean hasRoom(QueueBed bed, int messagesMax, long octetsMax) {
        return bed.queue
                .kept()
                .hasRoom("", 1, messagesMax, octetsMax, bed.world.clock().now());
    }

    /** RFC 4865 is silent on it; an operator may. */
    @Test
    void anOperatorFindsCancelsAndRestoresIt() {
        queue.sim.run(world -> {
            OperatorBed op = new OperatorBed(world, queue.store);
            QueueBed bed = op.bed;
            Instant at = send(bed);
            bed.send("other@c.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.retry());
            assertThat(op.list("until > 11d and until <= 12d")).containsExactly("ann");
            assertThat(op.list("until < 100d")).containsExactly("ann");
            assertThat(op.list("until > " + at)).isEmpty();
            var cancelled = op.run(new Verb.Remove(false), "until = " + at);
            assertThat(cancelled.done()).isEqualTo(1);
            world.tasks().sleep(Duration.ofMinutes(1));
            assertThat(op.run(new Verb.Undo(cancelled.operation()), "all").done())
                    .isEqualTo(1);
            assertThat(op.list("until > 0s")).containsExactly("ann");
            assertThat(op.run(new Verb.Remove(true), "until > 0s").done()).isEqualTo(1);
            assertThat(queue.store.messages).hasSize(1);
            assertThat(hasRoom(bed, 1, 1)).isTrue();
        });
    }

    @Test
    void anOperatorMaySendItNow() {
        queue.sim.run(world -> {
            OperatorBed op = new OperatorBed(world, queue.store);
            send(op.bed);
            assertThat(op.bed.takeSoon()).isEmpty();
            assertThat(op.run(new Verb.Retry(), "until > 1d").done()).isEqualTo(1);
            op.bed.settle(op.bed.take(), QueueBed.delivered());
            world.tasks().sleep(Duration.ofSeconds(1));
            assertThat(hasRoom(op.bed, 1, 1)).isTrue();
        });
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
