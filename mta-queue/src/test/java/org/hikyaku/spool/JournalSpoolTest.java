package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Tasks;
import org.junit.jupiter.api.Test;

class JournalSpoolTest {
    @Test
    void whatIsStoredIsReadBackBeforeAndAfterARestart() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                SpoolId id = SpoolHand.store(world, spool, "Subject: x\r\n\r\nhello\r\n", 2);
                StoredMessage before = spool.read(id).orElseThrow();
                spool.close();
                spool = SpoolHand.open(world);
                StoredMessage after = spool.read(id).orElseThrow();
                assertThat(SpoolHand.text(after.content())).isEqualTo(SpoolHand.body("Subject: x\r\n\r\nhello\r\n"));
                assertThat(SpoolHand.text(before.content())).isEqualTo(SpoolHand.text(after.content()));
                assertThat(after.envelope()).isEqualTo(before.envelope());
                assertThat(after.states()).isEqualTo(before.states());
                assertThat(after.origin()).isEqualTo(before.origin());
                assertThat(after.arrival()).isEqualTo(before.arrival());
                assertThat(SpoolHand.text(spool.content(id, after.content().size())))
                        .isEqualTo(SpoolHand.text(after.content()));
                spool.close();
            });
            assertThat(sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isZero();
            assertThat(sim.events().count(Event.SPOOL_TAIL_CUT)).isZero();
            assertThat(sim.disk().openFiles()).isZero();
        }
    }

    @Test
    void aLargeBodyGoesToAFileAndComesBack() {
        String body = SpoolHand.large(1, 300_000);
        try (SimWorld sim = new SimWorld(2)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                SpoolId id = SpoolHand.store(world, spool, body, 1);
                assertThat(world.disk().list(SpoolHand.DIR.resolve("bodies"))).containsExactly(id.toString());
                assertThat(SpoolHand.text(spool.read(id).orElseThrow().content()))
                        .isEqualTo(SpoolHand.body(body));
                spool.close();
                spool = SpoolHand.open(world);
                assertThat(SpoolHand.text(spool.read(id).orElseThrow().content()))
                        .isEqualTo(SpoolHand.body(body));
                SpoolHand.finish(world, spool, id);
                spool.close();
                assertThat(world.disk().list(SpoolHand.DIR.resolve("bodies"))).isEmpty();
            });
        }
    }

    @Test
    void aDraftCanBeReadWhileItComesWhereverItsOctetsLie() {
        try (SimWorld sim = new SimWorld(3)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                Draft draft = spool.draft();
                StringBuilder all = new StringBuilder();
                for (int i = 0; i < 40; i++) {
                    String piece = SpoolHand.large(i, 5_000);
                    all.append(piece);
                    draft.append(piece.getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, 5_000);
                    assertThat(SpoolHand.text(draft.content())).isEqualTo(all.toString());
                }
                assertThat(draft.size()).isEqualTo(all.length());
                draft.abort();
                spool.close();
                assertThat(world.disk().list(SpoolHand.DIR.resolve("bodies"))).isEmpty();
            });
        }
    }

    @Test
    void aMarkOfADeliveryAloneIsStoredAfterTheSetTimeAndNoLater() {
        try (SimWorld sim = new SimWorld(41)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                SpoolId id = SpoolHand.store(world, spool, "x\r\n", 2);
                long begin = world.clock().nanos();
                assertThat(SpoolHand.commit(world, spool, Change.of(SpoolHand.done(id, 0)))
                                .await())
                        .isEmpty();
                assertThat(Duration.ofNanos(world.clock().nanos() - begin))
                        .isBetween(SpoolHand.MARKS_WAIT, Duration.ofSeconds(1));
                spool.close();
            });
        }
    }

    @Test
    void aMarkOfADeliveryIsForcedWithTheNextMessageAndEightWaitForNone() {
        try (SimWorld sim = new SimWorld(42)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world, Duration.ofSeconds(1));
                SpoolId id = SpoolHand.store(world, spool, "x\r\n", 9);
                long begin = world.clock().nanos();
                Tasks.Promise<String> mark = SpoolHand.commit(world, spool, Change.of(SpoolHand.done(id, 0)));
                SpoolHand.store(world, spool, "next\r\n", 1);
                assertThat(mark.await()).isEmpty();
                List<Tasks.Promise<String>> eight = new ArrayList<>();
                for (int place = 1; place <= 8; place++) {
                    eight.add(SpoolHand.commit(world, spool, Change.of(SpoolHand.done(id, place))));
                }
                eight.forEach(each -> assertThat(each.await()).isEmpty());
                assertThat(Duration.ofNanos(world.clock().nanos() - begin)).isLessThan(Duration.ofSeconds(1));
                spool.close();
            });
        }
    }

    /** The window of docs/spool.md: a power cut in it leads to a second copy, never to a loss. */
    @Test
    void aMarkThatStillWaitsIsLostInAPowerCutAndItsRecipientIsTriedAgain() {
        try (SimWorld sim = new SimWorld(43)) {
            AtomicReference<SpoolId> stored = new AtomicReference<>();
            boolean ended = sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world, Duration.ofSeconds(1));
                stored.set(SpoolHand.store(world, spool, "x\r\n", 1));
                SpoolHand.commit(world, spool, Change.of(SpoolHand.done(stored.get(), 0)));
                world.tasks().sleep(Duration.ofMillis(900));
                sim.crash();
            });
            assertThat(ended).isFalse();
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                assertThat(spool.read(stored.get()).orElseThrow().states())
                        .allMatch(state -> state.status() == RecipientState.Status.PENDING);
                spool.close();
            });
        }
    }

    @Test
    void whatIsStillToBeMarkedAtTheCloseIsStored() {
        try (SimWorld sim = new SimWorld(44)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world, Duration.ofSeconds(1));
                SpoolId id = SpoolHand.store(world, spool, "x\r\n", 1);
                Tasks.Promise<String> mark = SpoolHand.commit(world, spool, Change.of(SpoolHand.done(id, 0)));
                spool.close();
                assertThat(mark.await()).isEmpty();
                spool = SpoolHand.open(world);
                assertThat(spool.read(id)).isEmpty();
                spool.close();
            });
        }
    }

    @Test
    void aHoldThatYieldsTakesOnlyWhatIsFreeAndWhatARuleHeldOrAnOperatorHurriedIsRemembered() {
        try (SimWorld sim = new SimWorld(4)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                SpoolId id = SpoolHand.store(world, spool, "x\r\n", 2);
                RecipientState ruled = SpoolHand.deferred(world, 1).ruled(true);
                RecipientState hurried = SpoolHand.deferred(world, 2).at(Instant.EPOCH, true);
                List<Change> steps = List.of(
                        Change.of(new Change.Entry.Progress(id, Map.of(0, hurried))),
                        Change.of(new Change.Entry.Hold(id, "@trash", false), new Change.Entry.Hold(id, "rule", true)),
                        Change.of(new Change.Entry.Hold(id, "rule", true)),
                        Change.of(new Change.Entry.Progress(id, Map.of(1, ruled))));
                for (Change step : steps) {
                    assertThat(SpoolHand.commit(world, spool, step).await()).isEmpty();
                }
                for (int i = 0; i < 2; i++) {
                    StoredMessage now = spool.read(id).orElseThrow();
                    assertThat(now.held()).isEqualTo("@trash");
                    assertThat(now.states().get(0)).isEqualTo(hurried);
                    assertThat(now.states().get(0).ruled()).isFalse();
                    assertThat(now.states().get(1).hurried()).isFalse();
                    assertThat(now.states().get(1)).isEqualTo(ruled);
                    assertThat(now.wasRuled()).isTrue();
                    spool.close();
                    spool = SpoolHand.open(world);
                }
                Change free = Change.of(new Change.Entry.Hold(id, ""), new Change.Entry.Hold(id, "rule", true));
                assertThat(SpoolHand.commit(world, spool, free).await()).isEmpty();
                assertThat(spool.read(id).orElseThrow().held()).isEqualTo("rule");
                spool.close();
            });
        }
    }

    @Test
    void progressHoldAndRedirectLast() {
        try (SimWorld sim = new SimWorld(4)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                SpoolId id = SpoolHand.store(world, spool, "x\r\n", 3);
                RecipientState late = SpoolHand.deferred(world, 2);
                List<Change.Entry> steps = List.of(
                        SpoolHand.done(id, 0),
                        new Change.Entry.Progress(id, Map.of(1, late)),
                        new Change.Entry.Hold(id, "by joe"),
                        new Change.Entry.Redirect(
                                id,
                                List.of(2),
                                List.of(Recipient.of(Address.of("new@c.example"))),
                                world.clock().now()));
                for (Change.Entry step : steps) {
                    assertThat(SpoolHand.commit(world, spool, Change.of(step)).await())
                            .isEmpty();
                }
                for (int i = 0; i < 2; i++) {
                    StoredMessage now = spool.read(id).orElseThrow();
                    assertThat(now.held()).isEqualTo("by joe");
                    assertThat(now.envelope().recipients()).hasSize(4);
                    assertThat(now.states().get(0)).isEqualTo(SpoolHand.delivered());
                    assertThat(now.states().get(1)).isEqualTo(late);
                    assertThat(now.states().get(2).status()).isEqualTo(RecipientState.Status.REPLACED);
                    assertThat(now.states().get(3).status()).isEqualTo(RecipientState.Status.PENDING);
                    assertThat(SpoolHand.text(now.content())).isEqualTo(SpoolHand.body("x\r\n"));
                    spool.close();
                    spool = SpoolHand.open(world);
                }
                assertThat(SpoolHand.commit(world, spool, Change.of(SpoolHand.done(id, 1), SpoolHand.done(id, 3)))
                                .await())
                        .isEmpty();
                assertThat(spool.read(id)).isEmpty();
                spool.close();
                spool = SpoolHand.open(world);
                assertThat(SpoolHand.recovered(spool)).isEmpty();
                spool.close();
            });
        }
    }

    @Test
    void manyTriesOfManyRecipientsAreSaidAnewAndNotForgotten() {
        try (SimWorld sim = new SimWorld(5)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                SpoolId id = SpoolHand.store(world, spool, "x\r\n", 100);
                Map<Integer, RecipientState> last = new LinkedHashMap<>();
                for (int i = 0; i < 300; i++) {
                    RecipientState state = SpoolHand.deferred(world, i);
                    last.put(i % 99, state);
                    assertThat(SpoolHand.commit(
                                            world,
                                            spool,
                                            Change.of(new Change.Entry.Progress(id, Map.of(i % 99, state))))
                                    .await())
                            .isEmpty();
                }
                spool.close();
                spool = SpoolHand.open(world);
                List<StoredMessage> all = SpoolHand.recovered(spool);
                assertThat(all).hasSize(1);
                last.forEach((place, state) ->
                        assertThat(all.getFirst().states().get(place)).isEqualTo(state));
                for (int i = 0; i < 99; i++) {
                    SpoolHand.commit(world, spool, Change.of(SpoolHand.done(id, i)));
                }
                assertThat(SpoolHand.commit(world, spool, Change.of(SpoolHand.done(id, 99)))
                                .await())
                        .isEmpty();
                assertThat(spool.read(id)).isEmpty();
                spool.close();
            });
        }
    }

    @Test
    void oneForceServesAllWhoWaitAndALoopIsPostedToOnce() {
        try (SimWorld sim = new SimWorld(6)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                Loop loop = world.net().loop();
                AtomicInteger told = new AtomicInteger();
                Tasks.Promise<Boolean> all = world.tasks().promise();
                long before = world.clock().nanos();
                for (int i = 0; i < 500; i++) {
                    Draft draft = SpoolHand.draft(spool, "x\r\n");
                    spool.commit(Change.of(SpoolHand.accept(world, draft, 1)), loop, new Spool.Done() {
                        @Override
                        public void stored() {
                            assertThat(loop.isHere()).isTrue();
                            if (told.incrementAndGet() == 500) {
                                all.complete(true);
                            }
                        }

                        @Override
                        public void failed(Spool.SpoolFailure why) {
                            throw new AssertionError(why.toString());
                        }
                    });
                }
                assertThat(all.await(Duration.ofMinutes(1))).isPresent();
                // a force takes up to 4 ms here: 500 of them would take about a second
                assertThat(Duration.ofNanos(world.clock().nanos() - before)).isLessThan(Duration.ofMillis(400));
                spool.close();
            });
        }
    }

    @Test
    void idsGrowAndNeverComeTwiceWhateverTheClockDoes() {
        try (SimWorld sim = new SimWorld(7)) {
            Set<SpoolId> seen = new HashSet<>();
            List<SpoolId> inOrder = new ArrayList<>();
            for (int run = 0; run < 5; run++) {
                int now = run;
                sim.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    for (int i = 0; i < 50; i++) {
                        SpoolId id = spool.draft().id();
                        assertThat(seen.add(id)).isTrue();
                        inOrder.add(id);
                    }
                    sim.clock().jump(Duration.ofDays(now % 2 == 0 ? -3 : 2));
                    for (int i = 0; i < 50; i++) {
                        SpoolId id = i % 10 == 0
                                ? SpoolHand.store(world, spool, "x", 1)
                                : spool.draft().id();
                        assertThat(seen.add(id)).isTrue();
                        inOrder.add(id);
                    }
                    if (now % 3 == 0) {
                        spool.close();
                    } else {
                        sim.crash();
                    }
                });
            }
            assertThat(inOrder).isSorted().hasSize(500);
        }
    }

    @Test
    void theSecondProcessOnADirectoryIsRefused() {
        try (SimWorld sim = new SimWorld(8)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                assertThatThrownBy(() -> SpoolHand.open(world))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("another process");
                spool.close();
                SpoolHand.open(world).close();
            });
        }
    }

    @Test
    void draftMemoryIsBoundedAndReliefComes() {
        try (SimWorld sim = new SimWorld(9)) {
            sim.run(world -> {
                JournalSpool spool = JournalSpool.open(world, SpoolHand.DIR, SpoolHand.settings(), 100_000);
                List<Draft> drafts = new ArrayList<>();
                byte[] piece = new byte[8_000];
                boolean goOn = true;
                while (goOn) {
                    Draft draft = spool.draft();
                    drafts.add(draft);
                    goOn = draft.append(piece, 0, piece.length);
                    assertThat(drafts).hasSizeLessThan(20);
                }
                Tasks.Promise<Boolean> relief = world.tasks().promise();
                drafts.getLast().onRelief(() -> relief.complete(true));
                assertThat(relief.await(Duration.ofMinutes(1)))
                        .as("drafts are pushed to disk")
                        .isPresent();
                for (Draft draft : drafts) {
                    draft.append(piece, 0, piece.length);
                    String told = SpoolHand.commit(world, spool, Change.of(SpoolHand.accept(world, draft, 1)))
                            .await();
                    assertThat(told).isEmpty();
                    assertThat(spool.read(draft.id()).orElseThrow().content().size())
                            .isEqualTo(16_000 + "Received: x\r\n".length());
                }
                spool.close();
            });
        }
    }

    @Test
    void aDraftIsCommittedOnceAndNotAfterAbort() {
        try (SimWorld sim = new SimWorld(10)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                Draft draft = SpoolHand.draft(spool, "x");
                Change change = Change.of(SpoolHand.accept(world, draft, 1));
                assertThat(SpoolHand.commit(world, spool, change).await()).isEmpty();
                assertThat(SpoolHand.commit(world, spool, change).await()).startsWith("failed");
                Draft aborted = SpoolHand.draft(spool, "y");
                aborted.abort();
                assertThat(SpoolHand.commit(world, spool, Change.of(SpoolHand.accept(world, aborted, 1)))
                                .await())
                        .startsWith("failed");
                assertThat(spool.size()).isEqualTo(1);
                spool.close();
                assertThat(SpoolHand.commit(world, spool, Change.of(SpoolHand.done(draft.id(), 0)))
                                .await())
                        .startsWith("failed");
            });
        }
    }

    @Test
    void newsOfAFinishedMessageIsNoNews() {
        try (SimWorld sim = new SimWorld(11)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                SpoolId id = SpoolHand.store(world, spool, "x", 1);
                SpoolHand.finish(world, spool, id);
                for (Change.Entry late : List.of(
                        SpoolHand.done(id, 0), new Change.Entry.Hold(id, "x"), new Change.Entry.Remove(id, "x"))) {
                    assertThat(SpoolHand.commit(world, spool, Change.of(late)).await())
                            .isEmpty();
                }
                assertThat(spool.read(id)).isEmpty();
                assertThat(spool.ids(null, 10)).isEmpty();
                spool.close();
            });
        }
    }

    @Test
    void idsAreListedInOrderAndInPages() {
        try (SimWorld sim = new SimWorld(12)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                List<SpoolId> stored = new ArrayList<>();
                for (int i = 0; i < 25; i++) {
                    stored.add(SpoolHand.store(world, spool, "x", 1));
                }
                List<SpoolId> listed = new ArrayList<>(spool.ids(null, 10));
                while (true) {
                    List<SpoolId> more = spool.ids(listed.getLast(), 10);
                    if (more.isEmpty()) {
                        break;
                    }
                    listed.addAll(more);
                }
                assertThat(listed).isEqualTo(stored);
                spool.close();
            });
        }
    }
}
