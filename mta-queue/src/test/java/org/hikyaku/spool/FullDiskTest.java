package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** The disk is full, by our doing or by others': what is queued goes on, what is new waits outside. */
class FullDiskTest {
    private static final Path JOURNAL = SpoolHand.DIR.resolve("journal");

    private static List<SpoolId> fill(World world, JournalSpool spool, int count) {
        List<SpoolId> stored = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            stored.add(SpoolHand.store(world, spool, SpoolHand.large(i, 3_000), 2));
        }
        world.tasks().sleep(Duration.ofSeconds(1)); // what is made ahead is made
        return stored;
    }

    private static int highestSlot(World world) throws IOException {
        return Integer.parseInt(world.disk().list(JOURNAL).getLast());
    }

    /** One recipient done, the other tried again and again, in the end bounced: what an hour of delivery records. */
    private static void work(World world, JournalSpool spool, SpoolId id, int attempts) {
        must(world, spool, Change.of(SpoolHand.done(id, 0)));
        for (int i = 1; i <= attempts; i++) {
            world.tasks().sleep(Duration.ofMinutes(1));
            must(world, spool, Change.of(new Change.Entry.Progress(id, Map.of(1, SpoolHand.deferred(world, i)))));
        }
        Draft bounce = SpoolHand.draft(spool, "Your message was not delivered.\r\n".repeat(20));
        must(
                world,
                spool,
                new Change(List.of(
                        new Change.Entry.Progress(id, Map.of(1, SpoolHand.delivered())), notice(world, bounce))));
        must(world, spool, Change.of(SpoolHand.done(bounce.id(), 0)));
    }

    private static Change.Entry.Accept notice(World world, Draft draft) {
        return new Change.Entry.Accept(
                draft,
                "X: y\r\n".getBytes(StandardCharsets.US_ASCII),
                new Envelope(Address.NULL, List.of(Recipient.of(Address.of("a@a.example"))), false, false),
                Origin.ownNotice(),
                world.clock().now(),
                Collections.nCopies(1, RecipientState.fresh(world.clock().now())),
                "");
    }

    private static void must(World world, Spool spool, Change change) {
        assertThat(SpoolHand.commit(world, spool, change).await()).isEmpty();
    }

    @Test
    void withTheDiskFullForHoursTheQueueDrainsAcrossRestartsAndCrashes() {
        for (long seed = 0; seed < 12; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                List<SpoolId> stored = new ArrayList<>();
                sim.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    stored.addAll(fill(world, spool, 150));
                    sim.disk().capacity(0); // others took all that was left
                    if (!stored.isEmpty()) {
                        sim.crash();
                    }
                });
                for (int run = 0; run < 3; run++) {
                    int from = run * 50;
                    int last = run;
                    sim.run(world -> {
                        JournalSpool spool = SpoolHand.open(world);
                        assertThat(spool.isStoring()).isTrue();
                        assertThat(spool.hasRoom(100_000)).isFalse();
                        for (SpoolId id : stored.subList(from, from + 50)) {
                            work(world, spool, id, 4);
                        }
                        world.tasks().sleep(Duration.ofMinutes(10));
                        assertThat(highestSlot(world))
                                .as("numbers are used again")
                                .isLessThan(20);
                        if (last < 2) {
                            sim.crash();
                        }
                        assertThat(spool.size()).isZero();
                        sim.disk().capacity(1L << 40);
                        world.tasks().sleep(Duration.ofMinutes(10));
                        assertThat(spool.hasRoom(100_000)).isTrue();
                        SpoolHand.store(world, spool, "again", 1);
                        spool.close();
                    });
                }
                assertThat(sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isZero();
                assertThat(sim.events().count(Event.SPOOL_FULL)).isPositive();
                assertThat(sim.events().count(Event.TASK_DIED)).isZero();
            }
        }
    }

    @Test
    void aSpoolWithoutASlotOpensShowsWhatItHoldsTakesNothingAndComesBackAlone() {
        try (SimWorld sim = new SimWorld(1)) {
            List<SpoolId> stored = new ArrayList<>();
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                stored.addAll(fill(world, spool, 10));
                sim.kill();
            });
            sim.run(world -> {
                for (String name : world.disk().list(JOURNAL)) {
                    if (Integer.parseInt(name) > 1) {
                        world.disk().delete(JOURNAL.resolve(name)); // what was made ahead
                    }
                }
                sim.disk().capacity(0);
            });
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                assertThat(spool.isStoring()).isFalse();
                assertThat(spool.hasRoom(0)).isFalse();
                assertThat(SpoolHand.recovered(spool))
                        .extracting(StoredMessage::id)
                        .containsExactlyElementsOf(stored);
                Draft draft = SpoolHand.draft(spool, "x");
                assertThat(SpoolHand.commit(world, spool, Change.of(SpoolHand.accept(world, draft, 1)))
                                .await())
                        .startsWith("full");
                assertThat(SpoolHand.commit(world, spool, Change.of(SpoolHand.done(stored.getFirst(), 0)))
                                .await())
                        .startsWith("full");
                world.tasks().sleep(Duration.ofHours(3));
                assertThat(spool.isStoring()).isFalse();
                sim.disk().capacity(1L << 40);
                world.tasks().sleep(Duration.ofMinutes(1));
                assertThat(spool.isStoring()).isTrue();
                assertThat(highestSlot(world)).isLessThan(10);
                SpoolHand.store(world, spool, "again", 1);
                spool.close();
                assertThat(SpoolHand.recovered(SpoolHand.open(world))).hasSize(11);
            });
            assertThat(sim.events().count(Event.SPOOL_RECOVERED)).isPositive();
        }
    }

    @Test
    void aBodyThatOutgrowsTheDiskIsFullNotFailedAndLeavesNothing() {
        try (SimWorld sim = new SimWorld(3)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                fill(world, spool, 1);
                long used = (1L << 40) - world.disk().freeBytes(SpoolHand.DIR);
                sim.disk().capacity(used + 500_000);
                fill(world, spool, 1); // the look around
                assertThat(spool.hasRoom(400_000)).isTrue();
                assertThat(spool.hasRoom(600_000)).as("no segment can hold it").isFalse();
                Draft large = SpoolHand.draft(spool, SpoolHand.large(1, 600_000));
                assertThat(SpoolHand.commit(world, spool, Change.of(SpoolHand.accept(world, large, 1)))
                                .await())
                        .startsWith("full");
                SpoolHand.store(world, spool, "small", 1);
                spool.close();
                assertThat(world.disk().list(SpoolHand.DIR.resolve("bodies"))).isEmpty();
            });
        }
    }

    @Test
    void aDiskThatTakesNothingForHoursCostsNoNumbersAndFewTries() {
        try (SimWorld sim = new SimWorld(4, SimFaults.none().with(SimFault.WRITE_FAILED, 1))) {
            sim.calm();
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                SpoolId id = fill(world, spool, 1).getFirst();
                sim.storm();
                LinkedHashMap<String, Integer> told = new LinkedHashMap<>();
                for (int i = 0; i < 180; i++) {
                    world.tasks().sleep(Duration.ofMinutes(1));
                    Change change = Change.of(new Change.Entry.Progress(id, Map.of(0, SpoolHand.deferred(world, i))));
                    told.merge(SpoolHand.commit(world, spool, change).await(), 1, Integer::sum);
                }
                assertThat(told.keySet()).noneMatch(String::isEmpty);
                assertThat(spool.isStoring()).isFalse();
                sim.calm();
                world.tasks().sleep(Duration.ofSeconds(40));
                assertThat(spool.isStoring()).isTrue();
                assertThat(highestSlot(world)).isLessThan(10);
                spool.close();
            });
            assertThat(sim.tally().of(SimFault.WRITE_FAILED)).isLessThan(2_000);
            assertThat(sim.events().count(Event.SPOOL_FORCE_FAILED)).isLessThan(4);
        }
    }
}
