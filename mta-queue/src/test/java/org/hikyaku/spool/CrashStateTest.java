package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;

/**
 * Each crash state of docs/spool.md that a cut leaves in the journal, by its number: the disk is brought into that state by
 * hand, then opened.
 */
class CrashStateTest {
    private final CrashedDisk disk = new CrashedDisk();

    @Test
    void state1NothingThere() {
        disk.expect(List.of());
        assertThat(disk.sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isZero();
    }

    @Test
    void state2ASpareHalfMade() {
        disk.stored(3);
        disk.brokenBy(world -> {
            world.disk().create(CrashedDisk.slot(77)).close();
            Disk.File unzeroed = world.disk().create(CrashedDisk.slot(78));
            unzeroed.setSize(SpoolHand.SEGMENT);
            unzeroed.close();
        });
        disk.expect(disk.stored);
        disk.sim.run(world -> {
            for (String name : world.disk().list(CrashedDisk.JOURNAL)) { // the number may be used again
                try (Disk.File file = world.disk().openRead(CrashedDisk.JOURNAL.resolve(name))) {
                    assertThat(file.size()).as(name).isEqualTo(SpoolHand.SEGMENT);
                }
            }
        });
    }

    @Test
    void state3AHeaderHalfWrittenInAFreshSlot() {
        disk.stored(3);
        disk.brokenBy(world -> {
            Disk.File file = world.disk().create(CrashedDisk.slot(77));
            file.setSize(SpoolHand.SEGMENT);
            SegmentHeader torn = new SegmentHeader(77, 99, 5, 1, 1, 0, List.of());
            file.write(0, torn.encode());
            file.write(40, ByteBuffer.allocate(8));
            file.write(Frame.BLOCK + 40, ByteBuffer.allocate(8));
            file.close();
        });
        disk.expect(disk.stored);
    }

    @Test
    void state4AHeaderHalfWrittenOverARecycledSegment() {
        disk.stored(3);
        disk.sim.run(world -> SpoolHand.open(world).close()); // the first segment is named by a newer header now
        disk.brokenBy(world -> {
            Path free = CrashedDisk.slot(77);
            Disk.File file = world.disk().create(free);
            file.setSize(SpoolHand.SEGMENT);
            try (Disk.File first = world.disk().openRead(CrashedDisk.slot(1))) {
                ByteBuffer former = ByteBuffer.allocate(SpoolHand.SEGMENT);
                first.read(former, 0);
                file.write(0, former.flip());
            }
            file.write(0, ByteBuffer.allocate(60));
            file.write(Frame.BLOCK, ByteBuffer.allocate(60));
            file.close();
        });
        disk.expect(disk.stored);
    }

    @Test
    void state5AHeaderWithOneRightCopyCounts() {
        disk.stored(3);
        disk.brokenBy(world -> CrashedDisk.poke(
                world, CrashedDisk.slot(CrashedDisk.newest(world).slot()), 30, 1, 2, 3));
        disk.expect(disk.stored);
        disk.sim.kill();
        disk.brokenBy(world -> {
            SegmentHeader header = CrashedDisk.newest(world);
            CrashedDisk.poke(world, CrashedDisk.slot(header.slot()), header.framesAt() / 2 + 30, 1, 2, 3);
        });
        disk.sim.run(
                world -> assertThat(SpoolHand.recovered(SpoolHand.open(world))).hasSize(4));
    }

    @Test
    void state6ABatchNotWrittenAtAll() {
        disk.stored(3);
        disk.brokenBy(world -> {
            List<Long> frames = CrashedDisk.frames(world);
            CrashedDisk.zero(world, CrashedDisk.slot(1), frames.getLast(), 4_096);
        });
        disk.expect(disk.stored.subList(0, 2));
        assertThat(disk.sim.events().count(Event.SPOOL_TAIL_CUT)).isZero();
    }

    @Test
    void state7ABatchWrittenInPart() {
        disk.stored(3);
        disk.brokenBy(world -> CrashedDisk.flip(
                world, CrashedDisk.slot(1), CrashedDisk.frames(world).getLast() + 60));
        disk.expect(disk.stored.subList(0, 2));
        assertThat(disk.sim.events().count(Event.SPOOL_TAIL_CUT)).isEqualTo(1);
        assertThat(disk.sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isZero();
    }

    @Test
    void state7ABatchWhoseBodyIsWrittenInPart() {
        disk.stored(3);
        disk.brokenBy(world -> CrashedDisk.zero(
                world, CrashedDisk.slot(1), CrashedDisk.frames(world).getLast() + 512, 512));
        disk.expect(disk.stored.subList(0, 2));
        assertThat(disk.sim.events().count(Event.SPOOL_TAIL_CUT)).isEqualTo(1);
    }

    @Test
    void state8ABatchNotForcedCountsAndIsForcedBeforeAnythingIsBuiltOnIt() {
        SpoolId[] id = new SpoolId[1];
        disk.sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            SpoolHand.store(world, spool, "first", 1);
            disk.sim.disk().settle();
            id[0] = SpoolHand.store(world, spool, "last", 1);
            List<Long> frames = CrashedDisk.frames(world);
            try (Disk.File file = world.disk().openWrite(CrashedDisk.slot(1))) {
                ByteBuffer last = ByteBuffer.allocate(Frame.BLOCK);
                file.read(last, frames.getLast());
                file.write(frames.getLast(), last.flip()); // dirty again: as if the force had not come
            }
            disk.sim.kill();
        });
        disk.sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            assertThat(spool.read(id[0])).isPresent();
            disk.sim.crash();
        });
        disk.sim.run(world -> assertThat(SpoolHand.open(world).read(id[0])).isPresent());
    }

    @Test
    void state9FormerRecordsInARecycledSegmentAreNotSeen() {
        disk.sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            for (int i = 0; i < 120; i++) {
                SpoolHand.finish(world, spool, SpoolHand.store(world, spool, SpoolHand.large(i, 3_000), 1));
            }
            assertThat(world.disk().list(CrashedDisk.JOURNAL)).hasSizeLessThan(7);
            disk.stored.add(SpoolHand.store(world, spool, "live", 1));
            disk.sim.crash();
        });
        disk.expect(disk.stored);
        assertThat(disk.sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isZero();
    }

    @Test
    void state17ASegmentLeftOutIsNotRead() {
        disk.stored(3);
        disk.sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            disk.stored.forEach(id -> SpoolHand.finish(world, spool, id));
            spool.close();
        });
        disk.sim.run(world -> SpoolHand.open(world).close());
        disk.sim.run(world -> SpoolHand.open(world).close());
        disk.brokenBy(world -> assertThat(CrashedDisk.newest(world).older()).isEmpty());
        disk.expect(List.of());
    }

    @Test
    void state18ACrashDuringRecoveryBeginsItAgain() {
        for (int calls = 1; calls < 90; calls += 2) {
            try (SimWorld cut = new SimWorld(calls)) {
                List<SpoolId> ids = new ArrayList<>();
                cut.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    for (int i = 0; i < 20; i++) {
                        ids.add(SpoolHand.store(world, spool, SpoolHand.large(i, 5_000), 1));
                    }
                    cut.crash();
                });
                cut.crashAfter(calls);
                if (cut.run(world -> SpoolHand.open(world))) {
                    cut.crash();
                }
                cut.run(world -> assertThat(SpoolHand.recovered(SpoolHand.open(world)))
                        .extracting(StoredMessage::id)
                        .containsExactlyInAnyOrderElementsOf(ids));
            }
        }
    }
}
