package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
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
        List<StoredMessage> all = SpoolHand.recovered(spool);
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
                    // twice what is in force, three segments that count, two free ones and a spare
                    assertThat(journal(world)).isLessThanOrEqualTo(2 * live + 6L * SpoolHand.SEGMENT);
                }
                verify(spool);
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
}
