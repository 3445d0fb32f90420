package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.QueueAdmin.Answer;
import org.hikyaku.queue.QueueAdmin.Filter;
import org.hikyaku.queue.QueueAdmin.State;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QueueAdminTest {
    private final SimWorld sim = new SimWorld(1);
    private final MemorySpool.Store store = new MemorySpool.Store();

    @AfterEach
    void end() {
        sim.close();
    }

    /** What a test does with a queue. */
    private interface Story {
        void tell(QueueBed bed) throws Exception;
    }

    private void run(Story story) {
        sim.run(world -> story.tell(new QueueBed(world, store)));
    }

    @Test
    void aHeldMessageWaitsUntilItIsReleasedAlsoOverARestart() {
        run(bed -> {
            SpoolId id = bed.send("ann@c.example", "bob@b.example");
            assertThat(bed.queue.admin().hold(id, "ops")).isInstanceOf(Answer.Done.class);
            assertThat(bed.takeSoon()).isEmpty();
            assertThat(bed.queue.admin().counts().held()).isEqualTo(1);
            sim.crash();
        });
        run(bed -> {
            SpoolId id = store.messages.firstKey();
            assertThat(bed.takeSoon()).isEmpty();
            assertThat(bed.queue.admin().release(id, "ops")).isInstanceOf(Answer.Done.class);
            bed.settle(bed.take(), QueueBed.delivered());
            assertThat(bed.queue.admin().counts().held()).isZero();
        });
        assertThat(sim.events().count(Event.MESSAGE_HELD)).isEqualTo(1);
        assertThat(sim.events().count(Event.MESSAGE_RELEASED)).isEqualTo(1);
    }

    @Test
    void whatIsHeldWhileItIsBeingDeliveredIsNotTriedAgain() {
        run(bed -> {
            SpoolId id = bed.send("ann@c.example", "bob@b.example");
            Claim claim = bed.take();
            bed.queue.admin().hold(id, "ops");
            bed.settle(claim, QueueBed.retry());
            bed.world.tasks().sleep(Duration.ofHours(1));
            assertThat(bed.takeSoon()).isEmpty();
            bed.queue.admin().release(id, "ops");
            assertThat(bed.takeSoon()).isPresent();
        });
    }

    @Test
    void aRemovedMessageIsGoneAlsoWhileItIsBeingDelivered() {
        run(bed -> {
            SpoolId waiting = bed.send("ann@c.example", "bob@b.example");
            Claim claim = bed.take();
            assertThat(bed.queue.admin().remove(waiting, "ops")).isInstanceOf(Answer.Done.class);
            bed.settle(claim, QueueBed.failed());
            assertThat(bed.takeSoon()).isEmpty();
            assertThat(bed.queue.admin().remove(waiting, "ops")).isInstanceOf(Answer.NoSuchMessage.class);
            assertThat(bed.queue.admin().counts())
                    .extracting(
                            QueueAdmin.Counts::messages, QueueAdmin.Counts::recipients, QueueAdmin.Counts::delivering)
                    .containsExactly(0, 0, 0);
        });
        assertThat(store.messages).isEmpty();
        assertThat(sim.events().count(Event.BOUNCE_QUEUED)).isZero();
    }

    @Test
    void retryMakesWhatWaitsDueNow() {
        run(bed -> {
            SpoolId one = bed.send("ann@c.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.retry());
            bed.send("ann@c.example", "eve@e.example");
            bed.settle(bed.take(), QueueBed.retry());
            bed.world.tasks().sleep(Duration.ofSeconds(1));
            assertThat(bed.queue.admin().retry(one)).isInstanceOf(Answer.Done.class);
            assertThat(bed.takeSoon()).isPresent();
            assertThat(bed.takeSoon()).isEmpty();
            assertThat(bed.queue.admin().retryAll(Optional.of(Domain.of("b.example"))))
                    .isZero();
            assertThat(bed.queue.admin().retryAll(Optional.of(Domain.of("e.example"))))
                    .isEqualTo(1);
            assertThat(bed.takeSoon()).isPresent();
            assertThat(bed.queue.admin().retry(new SpoolId(999))).isInstanceOf(Answer.NoSuchMessage.class);
        });
    }

    @Test
    void aStoreThatRefusesIsToldAndChangesNothing() {
        run(bed -> {
            SpoolId id = bed.send("ann@c.example", "bob@b.example");
            store.refuse = 1;
            assertThat(bed.queue.admin().hold(id, "ops")).isEqualTo(new Answer.StorageFailed("full"));
            assertThat(bed.takeSoon()).isPresent();
        });
    }

    private static List<String> list(QueueBed bed, Filter filter) throws Exception {
        List<String> senders = new ArrayList<>();
        bed.queue.admin().list(filter, row -> {
            senders.add(row.message().envelope().sender().local() + (row.delivering() ? "*" : ""));
            return true;
        });
        return senders;
    }

    @Test
    void listsPassBySenderRecipientDomainAgeAndState() {
        run(bed -> {
            bed.send("one@c.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.retry());
            bed.world.tasks().sleep(Duration.ofSeconds(100));
            bed.send("two@c.example", "eve@e.example");
            bed.sendHeld("odd", "three@c.example", "Bob@e.example");
            assertThat(list(bed, Filter.all())).containsExactly("one", "two", "three");
            bed.take();
            assertThat(list(bed, Filter.all())).containsExactly("one", "two*", "three");
            Optional<Domain> none = Optional.empty();
            Optional<Duration> ever = Optional.empty();
            assertThat(list(bed, new Filter("T", "", none, ever, State.ANY))).containsExactly("two*", "three");
            assertThat(list(bed, new Filter("", "bob@", none, ever, State.ANY))).containsExactly("one", "three");
            assertThat(list(bed, new Filter("", "", Optional.of(Domain.of("e.example")), ever, State.ANY)))
                    .containsExactly("two*", "three");
            assertThat(list(bed, new Filter("", "", none, Optional.of(Duration.ofSeconds(50)), State.ANY)))
                    .containsExactly("one");
            assertThat(list(bed, new Filter("", "", none, ever, State.HELD))).containsExactly("three");
            assertThat(list(bed, new Filter("", "", none, ever, State.DEFERRED)))
                    .containsExactly("one");
            assertThat(list(bed, new Filter("", "", none, ever, State.FRESH))).containsExactly("two*");
        });
    }

    @Test
    void aLongListComesInPagesAndStopsWhenAsked() {
        run(bed -> {
            for (int i = 0; i < 450; i++) {
                bed.send("u" + i + "@c.example", "bob@b.example");
            }
            assertThat(list(bed, Filter.all())).hasSize(450).endsWith("u449");
            int[] seen = new int[1];
            bed.queue.admin().list(Filter.all(), row -> ++seen[0] < 7);
            assertThat(seen[0]).isEqualTo(7);
        });
    }
}
