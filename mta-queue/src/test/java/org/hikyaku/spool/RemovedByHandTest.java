package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** Somebody removes files of the spool, or puts others there. */
class RemovedByHandTest {
    private static final Path JOURNAL = SpoolHand.DIR.resolve("journal");

    private final List<SpoolId> stored = new ArrayList<>();

    private JournalSpool filled(World world, int count) throws IOException {
        JournalSpool spool = SpoolHand.open(world);
        for (int i = 0; i < count; i++) {
            stored.add(SpoolHand.store(world, spool, SpoolHand.large(i, 3_000), 1));
        }
        return spool;
    }

    private void expect(World world, List<SpoolId> ids) throws IOException {
        JournalSpool spool = SpoolHand.open(world);
        List<StoredMessage> all = SpoolHand.recovered(spool);
        assertThat(all).extracting(StoredMessage::id).containsExactlyInAnyOrderElementsOf(ids);
        for (StoredMessage message : all) {
            assertThat(SpoolHand.text(message.content())).startsWith("Received: x");
        }
        SpoolHand.store(world, spool, "more", 1);
        spool.close();
    }

    @Test
    void aSegmentRemovedWhileRunningIsCopiedFromTheOpenFileAndNothingIsLost() {
        for (int victim : new int[] {1, 2, 3, 5}) { // full ones, and the one being written
            stored.clear();
            try (SimWorld sim = new SimWorld(victim)) {
                sim.run(world -> {
                    JournalSpool spool = filled(world, 50);
                    String name = Segment.slotName(victim);
                    List<String> names = world.disk().list(JOURNAL);
                    assertThat(names).contains(name);
                    world.disk().delete(JOURNAL.resolve(name));
                    world.disk().forceDirectory(JOURNAL);
                    world.tasks().sleep(Duration.ofMinutes(20));
                    stored.add(SpoolHand.store(world, spool, "after", 1));
                    sim.crash();
                });
                sim.run(world -> expect(world, stored));
                assertThat(sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isZero();
                assertThat(sim.events().count(Event.TASK_DIED)).isZero();
            }
        }
    }

    @Test
    void theLossIsToldWhenASegmentIsGoneWhileRunning() {
        try (SimWorld sim = new SimWorld(7)) {
            sim.run(world -> {
                JournalSpool spool = filled(world, 30);
                world.disk().delete(JOURNAL.resolve("00001"));
                world.tasks().sleep(Duration.ofMinutes(20));
                assertThat(spool.size()).isEqualTo(30);
                spool.close();
            });
            assertThat(sim.events().count(Event.SPOOL_SEGMENT_GONE)).isEqualTo(1);
        }
    }

    @Test
    void aJournalMovedAwayWhileRunningStopsTheTaking() {
        try (SimWorld sim = new SimWorld(8)) {
            sim.run(world -> {
                JournalSpool spool = filled(world, 30);
                for (String name : world.disk().list(JOURNAL)) {
                    world.disk().delete(JOURNAL.resolve(name));
                }
                world.disk().delete(JOURNAL);
                world.tasks().sleep(Duration.ofMinutes(20));
                assertThat(spool.isStoring()).isFalse();
                assertThat(spool.hasRoom(0)).isFalse();
                world.disk().makeDirectories(JOURNAL);
                world.tasks().sleep(Duration.ofMinutes(20));
                assertThat(spool.isStoring()).isTrue();
                sim.crash();
            });
            sim.run(world -> expect(world, stored));
        }
    }

    @Test
    void aSegmentRemovedBeforeAStartCostsWhatItHeldAndIsSaid() {
        try (SimWorld sim = new SimWorld(9)) {
            sim.run(world -> {
                filled(world, 50);
                sim.kill();
            });
            List<Damage> damage = new ArrayList<>();
            sim.run(world -> {
                world.disk().delete(JOURNAL.resolve("00002"));
                JournalSpool spool = SpoolHand.open(world);
                spool.onDamage(damage::add);
                List<SpoolId> left = SpoolHand.recovered(spool).stream()
                        .map(StoredMessage::id)
                        .toList();
                assertThat(left).hasSizeBetween(20, 49);
                assertThat(stored).containsAll(left);
                SpoolHand.store(world, spool, "more", 1);
                spool.close();
                expect(world, new ArrayList<>(spool.ids(null, 100)));
            });
            assertThat(damage).singleElement().satisfies(each -> {
                assertThat(each.file()).isEqualTo("00002");
                assertThat(each.what()).contains("missing");
            });
        }
    }

    @Test
    void aFileThatIsNoneOfOursIsLeftAloneAndNamed() {
        try (SimWorld sim = new SimWorld(10)) {
            sim.run(world -> {
                filled(world, 3).close();
                world.disk().create(JOURNAL.resolve("notes.txt")).close();
                world.disk().create(JOURNAL.resolve("7")).close(); // ours has five digits
                world.disk().makeDirectories(JOURNAL.resolve("lost+found"));
                world.disk()
                        .create(SpoolHand.DIR.resolve("bodies").resolve("README"))
                        .close();
                expect(world, stored);
                assertThat(world.disk().list(JOURNAL)).contains("notes.txt", "7", "lost+found");
                assertThat(world.disk().exists(SpoolHand.DIR.resolve("bodies").resolve("README")))
                        .isTrue();
            });
            assertThat(sim.events().count(Event.SPOOL_FILE_FOREIGN)).isEqualTo(3);
        }
    }
}
