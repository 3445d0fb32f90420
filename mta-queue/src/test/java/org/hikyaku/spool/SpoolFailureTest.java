package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.junit.jupiter.api.Test;

class SpoolFailureTest {
    @Test
    void aFullDiskRefusesIntakeButDeliveriesAndBouncesGoOnAndIntakeComesBack() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                long reserve = 200_000;
                sim.disk().capacity(700_000);
                JournalSpool spool = JournalSpool.open(
                        world, SpoolHand.DIR, SpoolHand.settings(SpoolHand.SEGMENT, reserve), 1 << 20);
                assertThat(spool.hasRoom(1_000)).isTrue();
                List<SpoolId> stored = new ArrayList<>();
                String told = "";
                while (told.isEmpty()) {
                    Draft draft = SpoolHand.draft(spool, SpoolHand.large(1, 8_000));
                    told = SpoolHand.commit(world, spool, Change.of(SpoolHand.accept(world, draft, 2)))
                            .await();
                    if (told.isEmpty()) {
                        stored.add(draft.id());
                    }
                    assertThat(stored).hasSizeLessThan(90);
                }
                assertThat(stored).hasSizeGreaterThan(20);
                assertThat(told).startsWith("full");
                assertThat(spool.hasRoom(1)).isFalse();
                for (SpoolId id : stored.subList(0, 10)) {
                    Change progress = Change.of(new Change.Entry.Progress(
                            id, Map.of(0, SpoolHand.delivered(), 1, SpoolHand.deferred(world, 1))));
                    assertThat(SpoolHand.commit(world, spool, progress).await()).isEmpty();
                }
                for (SpoolId id : stored.subList(0, stored.size() - 1)) {
                    SpoolHand.finish(world, spool, id);
                }
                world.tasks().sleep(Duration.ofSeconds(5));
                assertThat(spool.hasRoom(1))
                        .as("room comes back when messages go")
                        .isTrue();
                SpoolHand.store(world, spool, "again", 1);
                spool.close();
            });
            assertThat(sim.events().count(Event.SPOOL_FULL)).isPositive();
            assertThat(sim.events().count(Event.SPOOL_RECOVERED)).isPositive();
        }
    }

    @Test
    void aLargeBodyThatCannotBeWrittenFailsItsChangeOnly() {
        try (SimWorld sim = new SimWorld(2, SimFaults.none().with(SimFault.WRITE_FAILED, 1))) {
            sim.calm();
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                Draft large = spool.draft();
                sim.storm();
                byte[] octets = new byte[100_000];
                large.append(octets, 0, octets.length);
                world.tasks().sleep(Duration.ofSeconds(1));
                sim.calm();
                large.append(octets, 0, octets.length);
                assertThat(large.size()).isEqualTo(200_000);
                Tasks.Promise<String> told =
                        SpoolHand.commit(world, spool, Change.of(SpoolHand.accept(world, large, 1)));
                SpoolHand.store(world, spool, "small", 1);
                assertThat(told.await()).startsWith("failed").contains("body");
                assertThat(spool.size()).isEqualTo(1);
                spool.close();
                assertThat(world.disk().list(SpoolHand.DIR.resolve("bodies"))).isEmpty();
            });
        }
    }

    @Test
    void aChangeThatContradictsItselfFailsAlone() {
        try (SimWorld sim = new SimWorld(3)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                SpoolId id = SpoolHand.store(world, spool, "x", 1);
                assertThat(SpoolHand.commit(world, spool, Change.of(SpoolHand.done(id, 7)))
                                .await())
                        .startsWith("failed");
                Draft draft = SpoolHand.draft(spool, "y");
                Change half = Change.of(SpoolHand.accept(world, draft, 1), SpoolHand.done(id, 7));
                assertThat(SpoolHand.commit(world, spool, half).await()).startsWith("failed");
                assertThat(spool.ids(null, 9)).containsExactly(id);
                spool.close();
            });
        }
    }

    @Test
    void aCallerWhoseCallbackThrowsHurtsNobodyElse() {
        try (SimWorld sim = new SimWorld(4)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                spool.commit(
                        Change.of(SpoolHand.accept(world, SpoolHand.draft(spool, "x"), 1)), null, new Spool.Done() {
                            @Override
                            public void stored() {
                                throw new IllegalStateException("mine");
                            }

                            @Override
                            public void failed(Spool.SpoolFailure why) {}
                        });
                SpoolHand.store(world, spool, "y", 1);
                assertThat(spool.size()).isEqualTo(2);
                spool.close();
            });
            assertThat(sim.events().count(Event.TASK_DIED)).isEqualTo(1);
        }
    }

    @Test
    void changesOfOneMessageKeepTheirOrderBehindALargeBody() {
        for (long seed = 0; seed < 20; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    Draft large = SpoolHand.draft(spool, SpoolHand.large(1, 200_000));
                    Tasks.Promise<String> first =
                            SpoolHand.commit(world, spool, Change.of(SpoolHand.accept(world, large, 1)));
                    Tasks.Promise<String> second =
                            SpoolHand.commit(world, spool, Change.of(new Change.Entry.Hold(large.id(), "joe")));
                    SpoolHand.store(world, spool, "another message passes", 1);
                    assertThat(first.await()).isEmpty();
                    assertThat(second.await()).isEmpty();
                    assertThat(spool.read(large.id()).orElseThrow().held()).isEqualTo("joe");
                    spool.close();
                });
            }
        }
    }

    @Test
    void aChangeLargerThanASegmentGetsOneOfItsOwn() {
        try (SimWorld sim = new SimWorld(5)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                SpoolId id = SpoolHand.store(world, spool, "x", 5_000);
                SpoolHand.store(world, spool, "y", 1);
                spool.close();
                spool = SpoolHand.open(world);
                assertThat(spool.read(id).orElseThrow().envelope().recipients()).hasSize(5_000);
                assertThat(SpoolHand.recovered(spool)).hasSize(2);
                spool.close();
            });
        }
    }
}
