package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.hikyaku.mail.Address;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What became of a message, and could not be stored. */
class QueueUnstoredTest {
    private final QueueStories queue = new QueueStories();

    @AfterEach
    void end() {
        queue.close();
    }

    @Test
    void anOutcomeThatIsNotStoredIsKeptAndNobodyIsTriedMeanwhile() {
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.send("ann@c.example", "eve@e.example");
            queue.store.refuse = 3;
            Claim claim = bed.take();
            bed.settle(claim, QueueBed.failed());
            bed.world.tasks().sleep(Duration.ofMillis(100));
            assertThat(bed.queue.admin().counts().unstored()).isEqualTo(1);
            assertThat(bed.takeSoon()).as("all lending stops").isEmpty();
            Claim next = bed.take();
            assertThat(next.message().id()).isNotEqualTo(claim.message().id());
            bed.settle(next, QueueBed.delivered());
            Claim bounce = bed.take();
            assertThat(bounce.message().envelope().sender()).isEqualTo(Address.NULL);
            assertThat(bed.takeSoon()).isEmpty();
            assertThat(bed.queue.admin().counts().unstored()).isZero();
        });
        assertThat(queue.count(Event.QUEUE_STALLED)).isEqualTo(1);
        assertThat(queue.count(Event.QUEUE_RESUMED)).isEqualTo(1);
    }

    @Test
    void aDeliveredOneIsNotDeliveredAgainWhileItsOutcomeWaitsForTheStore() {
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            queue.store.refuse = 100;
            bed.settle(bed.take(), QueueBed.delivered());
            bed.world.tasks().sleep(Duration.ofMinutes(10));
            queue.store.refuse = 0;
            assertThat(bed.takeSoon()).isEmpty();
            bed.world.tasks().sleep(Duration.ofMinutes(1));
            assertThat(bed.takeSoon()).isEmpty();
        });
        assertThat(queue.store.messages).isEmpty();
    }

    @Test
    void whatIsNotStoredYetIsTriedOnceMoreAtTheEnd() {
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            queue.store.refuse = 1;
            bed.settle(bed.take(), QueueBed.delivered());
            assertThat(bed.queue.stop(Duration.ofSeconds(30))).isTrue();
        });
        assertThat(queue.store.messages).isEmpty();
    }

    @Test
    void aStoreThatStaysBrokenDoesNotKeepTheQueueFromStopping() {
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            queue.store.refuse = 100;
            bed.settle(bed.take(), QueueBed.delivered());
            assertThat(bed.queue.stop(Duration.ofSeconds(30))).isFalse();
            bed.world.tasks().sleep(Duration.ofMinutes(2));
        });
        assertThat(queue.store.refuse).as("tries after the stop").isGreaterThan(97);
        assertThat(queue.store.messages).hasSize(1);
    }

    @Test
    void aSpoolThatStoresNothingStopsTheLendingUntilItStoresAgainOrTheQueueEnds() {
        queue.run(bed -> {
            queue.store.frozen = true;
            bed.send("ann@c.example", "bob@b.example");
            assertThat(bed.takeSoon()).isEmpty();
            queue.store.frozen = false;
            bed.settle(bed.take(), QueueBed.delivered());
            queue.store.frozen = true;
            bed.send("ann@c.example", "bob@b.example");
            assertThat(bed.takeSoon()).isEmpty();
            bed.queue.stop(Duration.ofSeconds(1));
            assertThat(queue.sim.host().tasks()).noneMatch(name -> name.contains("stalled"));
        });
        assertThat(queue.count(Event.QUEUE_STALLED)).isEqualTo(2);
        assertThat(queue.count(Event.QUEUE_RESUMED)).isEqualTo(1);
    }

    @Test
    void aMessageThatCannotBeReadIsPutOffNotLost() {
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.retry());
            queue.store.unreadable = true;
            Tasks.Promise<Claim> claim = bed.world.tasks().promise();
            bed.world.tasks().start("deliverer", () -> claim.complete(bed.take()));
            bed.world.tasks().sleep(Duration.ofMinutes(10));
            assertThat(claim.isDone()).isFalse();
            queue.store.unreadable = false;
            claim.await();
        });
        assertThat(queue.count(Event.MESSAGE_UNREADABLE)).isBetween(3L, 10L);
    }
}
