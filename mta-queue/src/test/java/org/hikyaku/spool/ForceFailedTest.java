package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;

/** The crash states of docs/spool.md that a failed force leads to, by their numbers. */
class ForceFailedTest {
    @Test
    void state10AFailedForceIsEndedByTheNextHeaderEvenIfItReachedTheDisk() {
        for (long seed = 0; seed < 40; seed++) {
            try (SimWorld hostile = new SimWorld(seed, SimFaults.none().with(SimFault.FORCE_FAILED, 0.3))) {
                hostile.calm();
                List<SpoolId> good = new ArrayList<>();
                hostile.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    good.add(SpoolHand.store(world, spool, "good", 1));
                    hostile.storm();
                    for (int i = 0; i < 10; i++) {
                        Draft draft = SpoolHand.draft(spool, "maybe" + i);
                        String told = SpoolHand.commit(world, spool, Change.of(SpoolHand.accept(world, draft, 1)))
                                .await();
                        if (told.isEmpty()) {
                            good.add(draft.id());
                        }
                    }
                    hostile.calm();
                    // whatever was broken is mended within a second or two
                    world.tasks().sleep(Duration.ofSeconds(5));
                    good.add(SpoolHand.store(world, spool, "again", 1));
                    hostile.crash();
                });
                hostile.run(world -> assertThat(SpoolHand.recovered(SpoolHand.open(world)))
                        .extracting(StoredMessage::id)
                        .containsExactlyInAnyOrderElementsOf(good));
            }
        }
    }

    @Test
    void state11NoSegmentCanBeBegunAndThenItCan() {
        try (SimWorld hostile = new SimWorld(2, SimFaults.none().with(SimFault.FORCE_FAILED, 1))) {
            hostile.calm();
            hostile.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                SpoolId good = SpoolHand.store(world, spool, "good", 1);
                hostile.storm();
                for (int i = 0; i < 3; i++) {
                    Draft draft = SpoolHand.draft(spool, "bad");
                    assertThat(SpoolHand.commit(world, spool, Change.of(SpoolHand.accept(world, draft, 1)))
                                    .await())
                            .startsWith("failed");
                }
                assertThat(spool.hasRoom(1)).isFalse();
                assertThat(spool.read(good)).isPresent();
                hostile.calm();
                world.tasks().sleep(Duration.ofSeconds(5));
                assertThat(spool.hasRoom(1)).isTrue();
                SpoolId again = SpoolHand.store(world, spool, "again", 1);
                spool.close();
                assertThat(SpoolHand.recovered(SpoolHand.open(world)))
                        .extracting(StoredMessage::id)
                        .containsExactlyInAnyOrder(good, again);
            });
            assertThat(hostile.events().count(Event.SPOOL_FORCE_FAILED)).isPositive();
            assertThat(hostile.events().count(Event.SPOOL_RECOVERED)).isEqualTo(1);
        }
    }

    @Test
    void state11WhatWasOnceFoundStaysFound() {
        for (long seed = 0; seed < 40; seed++) {
            try (SimWorld hostile = new SimWorld(seed, SimFaults.none().with(SimFault.FORCE_FAILED, 1))) {
                hostile.calm();
                hostile.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    SpoolHand.store(world, spool, "good", 1);
                    hostile.storm();
                    Draft draft = SpoolHand.draft(spool, "doubtful");
                    SpoolHand.commit(world, spool, Change.of(SpoolHand.accept(world, draft, 1)))
                            .await();
                    hostile.kill();
                });
                hostile.calm();
                List<SpoolId> found = new ArrayList<>();
                hostile.run(world -> {
                    SpoolHand.recovered(SpoolHand.open(world)).forEach(message -> found.add(message.id()));
                    hostile.crash();
                });
                hostile.run(world -> assertThat(SpoolHand.recovered(SpoolHand.open(world)))
                        .extracting(StoredMessage::id)
                        .containsExactlyInAnyOrderElementsOf(found));
            }
        }
    }

    @Test
    void state5AHeaderWhoseForceFailedEndsTheTailAllTheSame() {
        for (long seed = 0; seed < 30; seed++) {
            try (SimWorld hostile = new SimWorld(seed, SimFaults.none().with(SimFault.FORCE_FAILED, 1))) {
                hostile.calm();
                List<SpoolId> good = new ArrayList<>();
                hostile.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    good.add(SpoolHand.store(world, spool, SpoolHand.large(1, 15_000), 100));
                    good.add(SpoolHand.store(world, spool, SpoolHand.large(2, 15_000), 100));
                    hostile.storm();
                    Draft draft = SpoolHand.draft(spool, SpoolHand.large(3, 15_000)); // wants a new segment
                    assertThat(SpoolHand.commit(world, spool, Change.of(SpoolHand.accept(world, draft, 500)))
                                    .await())
                            .startsWith("failed");
                    hostile.calm();
                    world.tasks().sleep(Duration.ofSeconds(2));
                    good.add(SpoolHand.store(world, spool, "small", 1));
                    hostile.crash();
                });
                hostile.run(world -> assertThat(SpoolHand.recovered(SpoolHand.open(world)))
                        .extracting(StoredMessage::id)
                        .containsExactlyInAnyOrderElementsOf(good));
            }
        }
    }
}
