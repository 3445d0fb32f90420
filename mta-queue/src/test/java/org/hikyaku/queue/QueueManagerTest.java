package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Site;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.RecipientState.Status;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QueueManagerTest {
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

    private boolean run(Story story) {
        return sim.run(world -> story.tell(new QueueBed(world, store)));
    }

    private static List<Address> to(Claim claim) {
        return claim.recipients().stream().map(Recipient::address).toList();
    }

    private long count(Event event) {
        return sim.events().count(event);
    }

    @Test
    void aMessageIsTakenDeliveredAndGoneWithoutBeingReadBack() {
        run(bed -> {
            SpoolId id = bed.send("ann@a.example", "bob@b.example");
            Claim claim = bed.take();
            assertThat(claim.message().id()).isEqualTo(id);
            assertThat(to(claim)).containsExactly(Address.of("bob@b.example"));
            bed.settle(claim, QueueBed.delivered());
            assertThat(bed.queue.stop(Duration.ofSeconds(5))).isTrue();
        });
        assertThat(store.messages).isEmpty();
        assertThat(store.reads).isZero();
        assertThat(count(Event.MESSAGE_DONE)).isEqualTo(1);
        assertThat(count(Event.RECIPIENT_DELIVERED)).isEqualTo(1);
    }

    @Test
    void aClaimHoldsOneDomainAndABoundedNumber() {
        String[] many = new String[60];
        for (int i = 0; i < many.length; i++) {
            many[i] = "u" + i + (i == 30 ? "@c.example" : "@b.example");
        }
        run(bed -> {
            bed.send("ann@a.example", many);
            List<Integer> sizes = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Claim claim = bed.take();
                assertThat(to(claim).stream().map(Address::requireDomain).distinct())
                        .hasSize(1);
                sizes.add(claim.places().size());
            }
            assertThat(sizes).containsExactlyInAnyOrder(50, 9, 1);
        });
    }

    @Test
    void aFailureForNowIsTriedAgainAsPlannedAndRemembersWhatWasSaid() {
        run(bed -> {
            bed.send("ann@a.example", "bob@b.example");
            Instant first = bed.world.clock().now();
            bed.settle(bed.take(), QueueBed.retry());
            assertThat(bed.takeSoon()).isEmpty();
            Claim second = bed.take();
            Duration waited = Duration.between(first, bed.world.clock().now());
            assertThat(waited).isBetween(Duration.ofSeconds(269), Duration.ofSeconds(331));
            assertThat(second.message().states().getFirst().attempts()).isEqualTo(1);
            assertThat(second.message().states().getFirst().last().text()).isEqualTo("no answer");
        });
    }

    /** RFC 5321 6.1. */
    @Test
    void aBounceAndTheSettlingItAnswersAreOneCommitAndItsOwnFailureIsSilent() {
        run(bed -> {
            SpoolId id = bed.send("ann@c.example", "bob@b.example", "bea@b.example");
            bed.settle(bed.take(), QueueBed.failed());
            Claim bounce = bed.take();
            Change change = store.changes.getLast();
            assertThat(change.entries()).hasSize(2);
            Change.Entry.Progress progress =
                    (Change.Entry.Progress) change.entries().getFirst();
            assertThat(progress.id()).isEqualTo(id);
            assertThat(progress.states().values()).extracting(s -> s.status()).containsOnly(Status.FAILED);
            assertThat(bounce.message().envelope().sender()).isEqualTo(Address.NULL);
            assertThat(to(bounce)).containsExactly(Address.of("ann@c.example"));
            String text = new String(store.bodies.get(bounce.message().id()), StandardCharsets.UTF_8);
            assertThat(text).contains("bob@b.example", "bea@b.example", "550 5.1.1 nobody", "Subject: hi");
            bed.settle(bounce, QueueBed.failed());
            assertThat(bed.takeSoon()).isEmpty();
        });
        assertThat(store.messages).isEmpty();
        assertThat(count(Event.BOUNCE_QUEUED)).isEqualTo(1);
        assertThat(count(Event.BOUNCE_DROPPED)).isEqualTo(1);
    }

    @Test
    void anUnknownSenderOfOursGetsNoBounce() {
        run(bed -> {
            bed.send("nobody@a.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.failed());
            assertThat(bed.takeSoon()).isEmpty();
        });
        assertThat(count(Event.BOUNCE_DROPPED)).isEqualTo(1);
        assertThat(store.messages).isEmpty();
    }

    @Test
    void oneNoticeAfterFourHoursAndTheEndAfterFiveDays() {
        run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            Instant start = bed.world.clock().now();
            Map<Duration, String> told = new LinkedHashMap<>();
            while (told.size() < 2) {
                Claim claim = bed.take();
                if (claim.message().envelope().sender().isNull()) {
                    String text = new String(store.bodies.get(claim.message().id()), StandardCharsets.UTF_8);
                    told.put(Duration.between(start, bed.world.clock().now()), text);
                    bed.settle(claim, QueueBed.delivered());
                } else {
                    bed.settle(claim, QueueBed.retry());
                }
            }
            List<Duration> times = List.copyOf(told.keySet());
            assertThat(times.get(0))
                    .isBetween(Duration.ofHours(4), Duration.ofHours(4).plusSeconds(10));
            assertThat(times.get(1))
                    .isBetween(Duration.ofDays(5), Duration.ofDays(5).plusSeconds(10));
            assertThat(told.get(times.get(0))).contains("Action: delayed", "Status: 4.4.1", "Will-Retry-Until:");
            assertThat(told.get(times.get(1))).contains("Action: failed", "Status: 4.4.7", "no answer");
            bed.queue.stop(Duration.ofSeconds(5));
        });
        assertThat(store.messages).isEmpty();
        assertThat(count(Event.NOTICE_QUEUED)).isEqualTo(1);
        assertThat(count(Event.MESSAGE_EXPIRED)).isEqualTo(1);
    }

    @Test
    void anOutcomeThatIsNotStoredIsKeptAndNobodyIsTriedMeanwhile() {
        run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.send("ann@c.example", "eve@e.example");
            store.refuse = 3;
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
        assertThat(count(Event.QUEUE_STALLED)).isEqualTo(1);
        assertThat(count(Event.QUEUE_RESUMED)).isEqualTo(1);
    }

    @Test
    void aDeliveredOneIsNotDeliveredAgainWhileItsOutcomeWaitsForTheStore() {
        run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            store.refuse = 100;
            bed.settle(bed.take(), QueueBed.delivered());
            bed.world.tasks().sleep(Duration.ofMinutes(10));
            store.refuse = 0;
            assertThat(bed.takeSoon()).isEmpty();
            bed.world.tasks().sleep(Duration.ofMinutes(1));
            assertThat(bed.takeSoon()).isEmpty();
        });
        assertThat(store.messages).isEmpty();
    }

    @Test
    void whatIsNotStoredYetIsTriedOnceMoreAtTheEnd() {
        run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            store.refuse = 1;
            bed.settle(bed.take(), QueueBed.delivered());
            assertThat(bed.queue.stop(Duration.ofSeconds(30))).isTrue();
        });
        assertThat(store.messages).isEmpty();
    }

    @Test
    void aStoreThatStaysBrokenDoesNotKeepTheQueueFromStopping() {
        run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            store.refuse = 100;
            bed.settle(bed.take(), QueueBed.delivered());
            assertThat(bed.queue.stop(Duration.ofSeconds(30))).isFalse();
            bed.world.tasks().sleep(Duration.ofMinutes(2));
        });
        assertThat(store.refuse).as("tries after the stop").isGreaterThan(97);
        assertThat(store.messages).hasSize(1);
    }

    @Test
    void aMessageToTenThousandDomainsIsHandledInTime() {
        String[] many = new String[10_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = "u@d" + i + ".example";
        }
        run(bed -> {
            bed.send("ann@c.example", many);
            for (int i = 0; i < many.length; i++) {
                bed.settle(bed.take(), QueueBed.delivered());
            }
            assertThat(bed.queue.stop(Duration.ofSeconds(5))).isTrue();
        });
        assertThat(store.messages).isEmpty();
        assertThat(store.reads).isZero();
    }

    @Test
    void aCrashBetweenDeliveryAndSettlingLeadsToASecondCopyAndNothingElse() {
        boolean ended = run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.take();
            sim.crash();
        });
        assertThat(ended).isFalse();
        run(bed -> {
            Claim again = bed.take();
            assertThat(to(again)).containsExactly(Address.of("bob@b.example"));
            bed.settle(again, QueueBed.delivered());
            assertThat(bed.takeSoon()).isEmpty();
        });
        assertThat(store.messages).isEmpty();
    }

    @Test
    void whatFellDueWhileWeWereDownDoesNotAllGoAtOnce() {
        run(bed -> {
            for (int i = 0; i < 300; i++) {
                bed.send("ann@c.example", "u@d" + i + ".example");
                bed.settle(bed.take(), QueueBed.retry());
            }
            bed.world.tasks().sleep(Duration.ofSeconds(1));
            sim.crash();
        });
        sim.runFor(Duration.ofHours(1));
        run(bed -> {
            Instant start = bed.world.clock().now();
            int[] perMinute = new int[6];
            for (int i = 0; i < 300; i++) {
                Claim claim = bed.take();
                perMinute[(int) Duration.between(start, bed.world.clock().now()).toMinutes()]++;
                bed.settle(claim, QueueBed.delivered());
            }
            for (int minute = 0; minute < 5; minute++) {
                assertThat(perMinute[minute]).isBetween(30, 90);
            }
        });
    }

    @Test
    void aClockThatIsSetAYearForwardOrBackMovesNothingThatWaits() {
        for (int direction : new int[] {1, -1}) {
            run(bed -> {
                for (int i = 0; i < 100; i++) {
                    bed.send("ann@c.example", "u@d" + i + ".example");
                    bed.settle(bed.take(), QueueBed.retry());
                }
                sim.clock().jump(Duration.ofDays(365).multipliedBy(direction));
                assertThat(bed.takeSoon()).as("no stampede").isEmpty();
                long began = bed.world.clock().nanos();
                for (int i = 0; i < 100; i++) {
                    bed.settle(bed.take(), QueueBed.delivered());
                }
                Duration took = Duration.ofNanos(bed.world.clock().nanos() - began);
                assertThat(took).as("none starves").isBetween(Duration.ofMinutes(4), Duration.ofMinutes(6));
                assertThat(bed.queue.stop(Duration.ofSeconds(5))).isTrue();
            });
            assertThat(store.messages).isEmpty();
        }
    }

    @Test
    void aClockThatWasPutBackAYearWhileWeWereDownStarvesNothing() {
        run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.retry());
            bed.world.tasks().sleep(Duration.ofSeconds(1));
            sim.crash();
        });
        sim.clock().jump(Duration.ofDays(-365));
        run(bed -> {
            long began = bed.world.clock().nanos();
            bed.settle(bed.take(), QueueBed.retry());
            bed.settle(bed.take(), QueueBed.delivered());
            assertThat(Duration.ofNanos(bed.world.clock().nanos() - began)).isLessThan(Duration.ofMinutes(20));
            assertThat(bed.queue.stop(Duration.ofSeconds(5))).isTrue();
        });
        assertThat(store.messages).isEmpty();
    }

    @Test
    void dueTimesOutliveARestart() {
        Instant[] due = new Instant[1];
        run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.retry());
            bed.world.tasks().sleep(Duration.ofSeconds(1));
            due[0] = store.messages.firstEntry().getValue().states().getFirst().due();
            sim.crash();
        });
        run(bed -> {
            bed.take();
            assertThat(Duration.between(due[0], bed.world.clock().now()))
                    .isBetween(Duration.ZERO, Duration.ofSeconds(1));
        });
    }

    @Test
    void aHundredForADeadSiteDoNotDelayAnother() {
        run(bed -> {
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
            assertThat(count(Event.MESSAGE_DONE)).isEqualTo(20);
            assertThat(bed.queue.stop(Duration.ofMinutes(6))).isTrue();
        });
    }

    @Test
    void aFullSiteTakesAClaimBackAndItWaitsThere() {
        Site mx = new Site("mx:one");
        run(bed -> {
            List<Claim> held = new ArrayList<>();
            for (int i = 0; i < 11; i++) {
                bed.send("ann@c.example", "u@d" + i + ".example");
                Claim claim = bed.take();
                if (bed.queue.siteKnown(claim, mx)) {
                    held.add(claim);
                }
            }
            assertThat(held).hasSize(10);
            assertThat(bed.takeSoon()).isEmpty();
            bed.settle(held.getFirst(), QueueBed.delivered());
            Claim last = bed.take();
            assertThat(last.site()).isEqualTo(mx);
            assertThat(to(last)).containsExactly(Address.of("u@d10.example"));
        });
    }

    @Test
    void anOpenConnectionGetsTheNextOfItsSite() {
        run(bed -> {
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
        run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            Claim claim = bed.take();
            bed.settle(claim, QueueBed.delivered());
            assertThatThrownBy(() -> bed.settle(claim, QueueBed.delivered())).isInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void aClaimThatIsGivenBackCountsNoAttempt() {
        run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.queue.giveBack(bed.take());
            assertThat(bed.takeSoon()).isEmpty();
            assertThat(bed.take().message().states().getFirst().attempts()).isZero();
        });
    }

    @Test
    void aDelivererThatGoesAwayWhileItWaitsTakesNothingWithIt() {
        run(bed -> {
            Tasks.Task waiting = bed.world.tasks().start("deliverer", () -> bed.queue.take());
            bed.world.tasks().sleep(Duration.ofMillis(10));
            waiting.cancel();
            bed.send("ann@c.example", "bob@b.example");
            assertThat(bed.takeSoon()).isPresent();
        });
    }

    @Test
    void aMessageThatCannotBeReadIsPutOffNotLost() {
        run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.retry());
            store.unreadable = true;
            Tasks.Promise<Claim> claim = bed.world.tasks().promise();
            bed.world.tasks().start("deliverer", () -> claim.complete(bed.take()));
            bed.world.tasks().sleep(Duration.ofMinutes(10));
            assertThat(claim.isDone()).isFalse();
            store.unreadable = false;
            claim.await();
        });
        assertThat(count(Event.MESSAGE_UNREADABLE)).isBetween(3L, 10L);
    }

    @Test
    void stoppingEndsWaitingDeliverersAndWaitsForTheOthers() {
        run(bed -> {
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
        assertThat(store.messages).hasSize(1);
    }

    @Test
    void oneSeedOfManyWhateverHappensEachRecipientIsDeliveredOrBounced() {
        for (long seed = 0; seed < 40; seed++) {
            MemorySpool.Store disk = new MemorySpool.Store();
            List<String> outcomes = new ArrayList<>();
            try (SimWorld world = new SimWorld(seed)) {
                if (seed % 2 == 0) {
                    world.crashAfter(300 + 37 * seed);
                }
                boolean ended = world.run(w -> history(new QueueBed(w, disk), outcomes, 30));
                if (!ended) {
                    world.run(w -> history(new QueueBed(w, disk), outcomes, 5));
                }
                assertThat(disk.messages).as("seed " + seed).isEmpty();
                assertThat(world.events().count(Event.TASK_DIED))
                        .as("seed " + seed)
                        .isZero();
            }
            if (seed % 2 == 1) {
                List<String> finals =
                        outcomes.stream().filter(o -> o.endsWith("final")).toList();
                assertThat(finals).as("seed " + seed).doesNotHaveDuplicates().hasSizeGreaterThan(90);
            }
        }
    }

    /** Sends messages to sites that deliver, delay and refuse by chance, and waits until the queue is empty. */
    private static void history(QueueBed bed, List<String> outcomes, int messages) {
        for (int i = 0; i < 5; i++) {
            bed.world.tasks().start("deliverer", () -> {
                for (Optional<Claim> c = bed.queue.take(); c.isPresent(); c = bed.queue.take()) {
                    deliver(bed, c.get(), outcomes);
                }
            });
        }
        for (int i = 0; i < messages; i++) {
            bed.send("ann@c.example", "a@d" + i % 4 + ".example", "b@d" + i % 3 + ".example", "c@d0.example");
        }
        while (bed.queue.admin().counts().messages() > 0) {
            bed.world.tasks().sleep(Duration.ofMinutes(10));
        }
        assertThat(bed.queue.admin().counts().recipients()).isZero();
        assertThat(bed.queue.admin().counts().waiting()).isZero();
    }

    private static void deliver(QueueBed bed, Claim claim, List<String> outcomes) {
        bed.world.tasks().sleep(Duration.ofMillis(bed.world.entropy().below(2000)));
        if (bed.world.entropy().below(3) == 0 && !bed.queue.siteKnown(claim, new Site("mx:all"))) {
            return;
        }
        bed.queue.settle(
                claim,
                claim.places().stream()
                        .map(place -> {
                            int luck = bed.world.entropy().below(10);
                            outcomes.add(claim.message().id() + " " + place + (luck < 4 ? " again" : " final"));
                            return luck < 4 ? QueueBed.retry() : luck < 6 ? QueueBed.failed() : QueueBed.delivered();
                        })
                        .toList());
    }
}
