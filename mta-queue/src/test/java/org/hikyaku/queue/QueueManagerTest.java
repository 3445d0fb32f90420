package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Site;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages lent to deliverers, settled, and done with; the end of the queue. */
class QueueManagerTest {
    private final QueueStories queue = new QueueStories();

    @AfterEach
    void end() {
        queue.close();
    }

    @Test
    void aMessageIsTakenDeliveredAndGoneWithoutBeingReadBack() {
        queue.run(bed -> {
            SpoolId id = bed.send("ann@a.example", "bob@b.example");
            Claim claim = bed.take();
            assertThat(claim.message().id()).isEqualTo(id);
            assertThat(QueueStories.to(claim)).containsExactly(Address.of("bob@b.example"));
            bed.settle(claim, QueueBed.delivered());
            assertThat(bed.queue.stop(Duration.ofSeconds(5))).isTrue();
        });
        assertThat(queue.store.messages).isEmpty();
        assertThat(queue.store.reads).isZero();
        assertThat(queue.count(Event.MESSAGE_DONE)).isEqualTo(1);
        assertThat(queue.count(Event.RECIPIENT_DELIVERED)).isEqualTo(1);
    }

    @Test
    void aClaimHoldsOneDomainAndABoundedNumber() {
        String[] many = new String[60];
        for (int i = 0; i < many.length; i++) {
            many[i] = "u" + i + (i == 30 ? "@c.example" : "@b.example");
        }
        queue.run(bed -> {
            bed.send("ann@a.example", many);
            List<Integer> sizes = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Claim claim = bed.take();
                assertThat(QueueStories.to(claim).stream()
                                .map(Address::requireDomain)
                                .distinct())
                        .hasSize(1);
                sizes.add(claim.places().size());
            }
            assertThat(sizes).containsExactlyInAnyOrder(50, 9, 1);
        });
    }

    @Test
    void whatFailsWithoutAskingTheSiteIsNoSignThatItWorks() {
        assertThat(windowAfter(new Outcome.Failed(Outcome.NO_ROUTE, Diagnosis.ours("5.1.1", "on the list"))))
                .isLessThan(windowAfter(QueueBed.failed()));
    }

    /** How many are lent at once, notices among them, when the first deliveries of a site have ended so. */
    private static int windowAfter(Outcome outcome) {
        int[] lent = {0};
        try (QueueStories stories = new QueueStories()) {
            stories.run(bed -> {
                for (int i = 0; i < 40; i++) {
                    bed.send("ann@a.example", "u" + i + "@b.example");
                }
                List<Claim> first = new ArrayList<>();
                for (Optional<Claim> c = bed.takeSoon(); c.isPresent(); c = bed.takeSoon()) {
                    first.add(c.get());
                }
                first.forEach(claim -> bed.settle(claim, outcome));
                while (bed.takeSoon().isPresent()) {
                    lent[0]++;
                }
            });
        }
        return lent[0];
    }

    @Test
    void aMessageToTenThousandDomainsIsHandledInTime() {
        String[] many = new String[10_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = "u@d" + i + ".example";
        }
        queue.run(bed -> {
            bed.send("ann@c.example", many);
            for (int i = 0; i < many.length; i++) {
                bed.settle(bed.take(), QueueBed.delivered());
            }
            assertThat(bed.queue.stop(Duration.ofSeconds(5))).isTrue();
        });
        assertThat(queue.store.messages).isEmpty();
        assertThat(queue.store.reads).isZero();
    }

    @Test
    void aHundredForADeadSiteDoNotDelayAnother() {
        queue.run(bed -> {
            for (int i = 0; i < 100; i++) {
                bed.send("ann@c.example", "u" + i + "@dead.example");
            }
            for (int i = 0; i < 12; i++) {
                bed.world.tasks().start("deliverer", () -> {
                    for (Optional<Claim> c = bed.queue.take(); c.isPresent(); c = bed.queue.take()) {
                        boolean dead = c.get().site().key().contains("dead");
                        bed.world.tasks().sleep(dead ? Duration.ofMinutes(5) : Duration.ofMillis(10));
                        bed.settle(c.get(), dead ? QueueBed.retry() : QueueBed.delivered());
                    }
                });
            }
            bed.world.tasks().sleep(Duration.ofSeconds(1));
            for (int i = 0; i < 20; i++) {
                bed.send("ann@c.example", "u@live.example");
            }
            bed.world.tasks().sleep(Duration.ofSeconds(1));
            assertThat(queue.count(Event.MESSAGE_DONE)).isEqualTo(20);
            assertThat(bed.queue.stop(Duration.ofMinutes(6))).isTrue();
        });
    }

    @Test
    void aFullSiteTakesAClaimBackAndItWaitsThere() {
        Site mx = new Site("mx:one");
        queue.run(bed -> {
            List<Claim> held = new ArrayList<>();
            for (int i = 0; i <= Flow.PROBES; i++) {
                bed.send("ann@c.example", "u@d" + i + ".example");
                Claim claim = bed.take();
                if (bed.queue.siteKnown(claim, mx)) {
                    held.add(claim);
                }
            }
            assertThat(held).hasSize(Flow.PROBES);
            assertThat(bed.takeSoon()).isEmpty();
            bed.settle(held.getFirst(), QueueBed.delivered());
            Claim last = bed.take();
            assertThat(last.site()).isEqualTo(mx);
            assertThat(QueueStories.to(last)).containsExactly(Address.of("u@d" + Flow.PROBES + ".example"));
        });
    }

    @Test
    void anOpenConnectionGetsTheNextOfItsSite() {
        queue.run(bed -> {
            bed.send("ann@c.example", "one@b.example");
            Claim first = bed.take();
            bed.send("ann@c.example", "two@b.example");
            bed.settle(first, QueueBed.delivered());
            assertThat(bed.queue.more(Site.ofDomain(Domain.of("b.example")))).isPresent();
            assertThat(bed.queue.more(Site.ofDomain(Domain.of("b.example")))).isEmpty();
        });
    }

    @Test
    void settlingTwiceIsABug() {
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            Claim claim = bed.take();
            bed.settle(claim, QueueBed.delivered());
            assertThatThrownBy(() -> bed.settle(claim, QueueBed.delivered())).isInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void aClaimThatIsGivenBackCountsNoAttempt() {
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.queue.giveBack(bed.take());
            assertThat(bed.takeSoon()).isEmpty();
            assertThat(bed.take().message().states().getFirst().attempts()).isZero();
        });
    }

    @Test
    void aDelivererThatGoesAwayWhileItWaitsTakesNothingWithIt() {
        queue.run(bed -> {
            Tasks.Task waiting = bed.world.tasks().start("deliverer", () -> bed.queue.take());
            bed.world.tasks().sleep(Duration.ofMillis(10));
            waiting.cancel();
            bed.send("ann@c.example", "bob@b.example");
            assertThat(bed.takeSoon()).isPresent();
        });
    }

    @Test
    void stoppingEndsWaitingDeliverersAndWaitsForTheOthers() {
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.send("ann@c.example", "eve@b.example");
            Claim claim = bed.take();
            Claim other = bed.take();
            Tasks.Promise<Boolean> ended = bed.world.tasks().promise();
            bed.world
                    .tasks()
                    .start("idle", () -> ended.complete(bed.queue.take().isEmpty()));
            bed.world.tasks().start("busy", () -> {
                bed.world.tasks().sleep(Duration.ofSeconds(3));
                bed.settle(claim, QueueBed.delivered());
            });
            assertThat(bed.queue.stop(Duration.ofSeconds(1))).isFalse();
            assertThat(ended.await()).isTrue();
            assertThat(bed.queue.take()).isEmpty();
            bed.settle(other, QueueBed.retry());
            assertThat(bed.queue.stop(Duration.ofSeconds(9))).isTrue();
        });
        assertThat(queue.store.messages).hasSize(1);
    }

    @Test
    void whatWasHeldOnceIsLentAsItIsThenNotAsItCame() {
        try (SimWorld sim = new SimWorld(3)) {
            sim.run(world -> {
                QueueBed bed = new QueueBed(world, new MemorySpool.Store());
                SpoolId id = bed.send("x@c.example", "one@b.example", "two@d.example");
                Claim first = bed.take();
                Tasks.Promise<QueueAdmin.Answer> told = world.tasks().promise();
                bed.queue.admin().holdIfFree(id, "rule: look", told::complete);
                told.await();
                Diagnosis why = Diagnosis.ours("4.7.0", "held");
                bed.settle(first, new Outcome.Retry("none", why, Optional.empty(), true));
                assertThat(bed.takeSoon()).isEmpty();
                bed.release(id);
                Claim second = bed.take();
                assertThat(second.places()).isNotEqualTo(first.places());
                assertThat(second.message().wasRuled()).isTrue();
                bed.settle(second, QueueBed.retry());
            });
        }
    }
}
