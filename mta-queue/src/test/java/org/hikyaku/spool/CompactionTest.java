package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

class CompactionTest {
    private static final int OLD_EVERY = 20;

    private final Map<SpoolId, String> old = new LinkedHashMap<>();
    private final ArrayDeque<SpoolId> young = new ArrayDeque<>();
    private int sequence;

    /** Most messages go soon; one of {@link #OLD_EVERY} stays, and is tried now and then. */
    private void work(World world, JournalSpool spool, int messages) {
        for (int i = 0; i < messages; i++) {
            String body = SpoolHand.large(++sequence, 4_000);
            SpoolId id = SpoolHand.store(world, spool, body, 2);
            if (i % OLD_EVERY == 0) {
                old.put(id, body);
                SpoolHand.commit(world, spool, Change.of(SpoolHand.done(id, 0)));
            } else {
                young.add(id);
            }
            if (young.size() > 10) {
                SpoolHand.commit(world, spool, Change.of(new Change.Entry.Remove(young.remove(), "x")));
            }
        }
        while (!young.isEmpty()) {
            SpoolHand.finish(world, spool, young.remove());
        }
    }

    private void verify(JournalSpool spool) throws IOException {
        verify(SpoolHand.recovered(spool));
        verify(SpoolHand.there(spool));
    }

    private void verify(List<StoredMessage> all) throws IOException {
        assertThat(all).extracting(StoredMessage::id).containsExactlyInAnyOrderElementsOf(old.keySet());
        for (StoredMessage message : all) {
            assertThat(SpoolHand.text(message.content())).isEqualTo(SpoolHand.body(old.getOrDefault(message.id(), "")));
            assertThat(message.states().get(0)).isEqualTo(SpoolHand.delivered());
            assertThat(message.states().get(1).status()).isEqualTo(RecipientState.Status.PENDING);
        }
    }

    private static long journal(World world) throws IOException {
        return world.disk().list(SpoolHand.DIR.resolve("journal")).size() * (long) SpoolHand.SEGMENT;
    }

    @Test
    void theJournalStaysWithinItsBoundAndOldMessagesSurviveTheCopying() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                for (int round = 0; round < 5; round++) {
                    work(world, spool, 300);
                    long live = old.size() * 4_500L;
                    // twice what is in force, three segments that count and one just filled, two ready and one being
                    // made
                    assertThat(journal(world)).isLessThanOrEqualTo(2 * live + 7L * SpoolHand.SEGMENT);
                }
                verify(SpoolHand.there(spool));
                spool.close();
                spool = SpoolHand.open(world);
                verify(spool);
                for (SpoolId id : List.copyOf(old.keySet())) {
                    SpoolHand.finish(world, spool, id);
                }
                old.clear();
                spool.close();
                spool = SpoolHand.open(world);
                verify(spool);
                assertThat(spool.size()).isZero();
                spool.close();
            });
            assertThat(sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isZero();
        }
    }

    /** What counts, by the newest header: what it names, and itself. */
    private static long counted(World world) throws IOException {
        SegmentHeader newest = null;
        for (String name : world.disk().list(SpoolHand.DIR.resolve("journal"))) {
            try (Disk.File file =
                    world.disk().openRead(SpoolHand.DIR.resolve("journal").resolve(name))) {
                SegmentHeader header = SegmentHeader.read(file).orElse(null);
                newest = header != null && (newest == null || header.number() > newest.number()) ? header : newest;
            }
        }
        return newest == null ? 0 : (newest.older().size() + 1L) * SpoolHand.SEGMENT;
    }

    @Test
    void whateverComesAndGoesWhatCountsTakesAtMostTwiceWhatIsInForceAndTwoSegmentsOrThreeWhenThatIsLittle() {
        double[] most = new double[2];
        for (long seed = 0; seed < 8; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                List<SpoolId> there = new ArrayList<>();
                sim.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    for (int i = 0; i < (sim.seed() % 2) * 200; i++) {
                        there.add(SpoolHand.store(world, spool, SpoolHand.large(i, 4_000), 1));
                    }
                    for (int step = 0; step < 40; step++) {
                        int stay = world.entropy().below(100);
                        for (int i = 0; i < 20; i++) {
                            if (world.entropy().below(100) < stay) {
                                there.add(SpoolHand.store(world, spool, SpoolHand.large(i, 4_000), 1));
                            } else if (!there.isEmpty()) {
                                SpoolId gone = there.remove(world.entropy().below(there.size()));
                                SpoolHand.finish(world, spool, gone);
                            }
                        }
                        world.tasks().sleep(Duration.ofSeconds(1)); // what is due is copied
                        double beyond = counted(world) - 2 * there.size() * 4_150.0;
                        boolean deep = there.size() * 4_150L > 8L * SpoolHand.SEGMENT;
                        most[deep ? 1 : 0] = Math.max(most[deep ? 1 : 0], beyond / SpoolHand.SEGMENT);
                        // and two slots that stand ready
                        assertThat(journal(world)).isLessThanOrEqualTo(counted(world) + 3L * SpoolHand.SEGMENT);
                    }
                    spool.close();
                });
            }
        }
        assertThat(most[0]).as("segments beyond twice little that is in force").isBetween(0.5, 3.0);
        assertThat(most[1]).as("segments beyond twice what is in force").isLessThanOrEqualTo(2);
    }

    @Test
    void state16AFinishedMessageNeverRisesAgainFromASegmentThatWasCopiedInPart() {
        for (long seed = 0; seed < 25; seed++) {
            old.clear();
            young.clear();
            try (SimWorld sim = new SimWorld(seed)) {
                for (int run = 0; run < 3; run++) {
                    sim.run(world -> {
                        JournalSpool spool = SpoolHand.open(world);
                        work(world, spool, 150);
                        for (SpoolId id : List.copyOf(old.keySet())) {
                            if (world.entropy().below(2) == 0) {
                                SpoolHand.finish(world, spool, id);
                                old.remove(id);
                            }
                        }
                        sim.crash();
                    });
                    sim.run(world -> {
                        JournalSpool spool = SpoolHand.open(world);
                        verify(spool);
                        spool.close();
                    });
                }
            }
        }
    }

    @Test
    void state16ACopyThatEndsBeforeItsSourceIsFreedDoesNotLetTheSourceRise() {
        try (SimWorld sim = new SimWorld(7)) {
            sim.run(world -> {
                JournalSpool.open(world, SpoolHand.DIR, SpoolHand.settings(), 1 << 20)
                        .close();
                for (String name : world.disk().list(SpoolHand.DIR.resolve("journal"))) {
                    world.disk().delete(SpoolHand.DIR.resolve("journal").resolve(name));
                }
                FrameBuilder frame = new FrameBuilder();
                // 1: both messages; 2: a copy of the first; 3: the first is gone, says its copy's segment
                segment(world, 1, frame, () -> {
                    message(world, frame, 1001);
                    message(world, frame, 1002);
                });
                segment(world, 2, frame, () -> message(world, frame, 1001));
                segment(world, 3, frame, () -> frame.gone(1001, 2, false));
            });
            for (int opening = 0; opening < 3; opening++) {
                sim.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    assertThat(spool.ids(null, 9)).containsExactly(new SpoolId(1002));
                    spool.close();
                });
            }
        }
    }

    private static void message(World world, FrameBuilder frame, long id) {
        RecipientState due = RecipientState.fresh(world.clock().now());
        Envelope envelope = new Envelope(Address.NULL, List.of(Recipient.of(Address.of("x@b.example"))), false, false);
        SpoolRecord.Meta meta =
                new SpoolRecord.Meta(world.clock().now(), Origin.ownNotice(), envelope, List.of(due), "");
        frame.message(id, meta, 0, false, 0, 0, List.of(), 0);
    }

    /** Writes segment {@code number} with one frame, in the slot of its number; it names all before. */
    private static void segment(World world, int number, FrameBuilder frame, Runnable entries) throws IOException {
        List<SegmentHeader.Older> older = new ArrayList<>();
        for (int i = 1; i < number; i++) {
            older.add(new SegmentHeader.Older(i, false, i, 7, 3 * Frame.BLOCK));
        }
        SegmentHeader header = new SegmentHeader(number, number, 7, 1, 2000, 0, older);
        try (Disk.File file =
                world.disk().create(SpoolHand.DIR.resolve("journal").resolve(Segment.slotName(number)))) {
            file.write(0, ByteBuffer.allocate(SpoolHand.SEGMENT));
            file.write(0, header.encode());
            Batch batch = new Batch(1);
            frame.clear();
            entries.run();
            batch.add(frame, Map.of());
            long at = header.framesAt();
            file.write(at, batch.finish(new Segment(number, 7, number, file, SpoolHand.SEGMENT, at, at)));
        }
    }
}
