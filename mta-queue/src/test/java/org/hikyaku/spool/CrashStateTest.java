package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** Each crash state of docs/spool.md, by its number: the disk is brought into that state by hand, then opened. */
class CrashStateTest {
    private static final Path JOURNAL = SpoolHand.DIR.resolve("journal");
    private static final Path BODIES = SpoolHand.DIR.resolve("bodies");
    private static final int FRAMES_AT = 2 * Frame.BLOCK;

    private final SimWorld sim = new SimWorld(1);
    private final List<SpoolId> stored = new ArrayList<>();

    /** Runs and closes a spool with some messages in it. */
    private void stored(int count) {
        sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            for (int i = 0; i < count; i++) {
                stored.add(SpoolHand.store(world, spool, SpoolHand.large(i, 1_000), 1));
            }
            sim.kill();
        });
        sim.disk().settle();
    }

    private void brokenBy(SimWorld.Body body) {
        sim.run(body);
        sim.disk().settle();
    }

    private void expect(List<SpoolId> ids) {
        sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            List<StoredMessage> all = SpoolHand.recovered(spool);
            assertThat(all).extracting(StoredMessage::id).containsExactlyInAnyOrderElementsOf(ids);
            for (StoredMessage message : all) {
                if (message.held().isEmpty()) {
                    assertThat(SpoolHand.text(message.content())).startsWith("Received: x\r\n");
                }
            }
            SpoolId id = SpoolHand.store(world, spool, "more", 1);
            assertThat(spool.read(id)).isPresent();
            spool.close();
        });
    }

    private static Path slot(int number) {
        return JOURNAL.resolve(Segment.slotName(number));
    }

    private static void poke(World world, Path file, long at, int... octets) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(octets.length);
        for (int octet : octets) {
            bytes.put((byte) octet);
        }
        try (Disk.File open = world.disk().openWrite(file)) {
            open.write(at, bytes.flip());
        }
    }

    private static void zero(World world, Path file, long at, int count) throws IOException {
        try (Disk.File open = world.disk().openWrite(file)) {
            open.write(at, ByteBuffer.allocate(count));
        }
    }

    private static void flip(World world, Path file, long at) throws IOException {
        try (Disk.File open = world.disk().openWrite(file)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            open.read(one, at);
            one.put(0, (byte) (one.get(0) ^ 0x10));
            open.write(at, one.clear());
        }
    }

    /** The newest segment, by its header. */
    private static SegmentHeader newest(World world) throws IOException {
        SegmentHeader newest = null;
        for (String name : world.disk().list(JOURNAL)) {
            try (Disk.File file = world.disk().openRead(JOURNAL.resolve(name))) {
                SegmentHeader header = SegmentHeader.read(file).orElse(null);
                if (header != null && (newest == null || header.number() > newest.number())) {
                    newest = header;
                }
            }
        }
        if (newest == null) {
            throw new AssertionError("no segment");
        }
        return newest;
    }

    /** Where the frames of the newest segment begin, in order. */
    private static List<Long> frames(World world) throws IOException {
        SegmentHeader header = newest(world);
        List<Long> offsets = new ArrayList<>();
        try (Disk.File file = world.disk().openRead(slot(header.slot()))) {
            Segment segment = new Segment(
                    header.number(), header.epoch(), header.slot(), file, file.size(), header.framesAt(), file.size());
            SegmentScanner scanner =
                    new SegmentScanner(segment, header.framesAt(), file.size(), 1 << 16, (offset, why) -> {});
            for (var found = scanner.next(); found != null; found = scanner.next()) {
                offsets.add(found.offset());
            }
        }
        return offsets;
    }

    @Test
    void state1NothingThere() {
        expect(List.of());
        assertThat(sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isZero();
    }

    @Test
    void state2ASpareHalfMade() {
        stored(3);
        brokenBy(world -> {
            world.disk().create(slot(77)).close();
            Disk.File unzeroed = world.disk().create(slot(78));
            unzeroed.setSize(SpoolHand.SEGMENT);
            unzeroed.close();
        });
        expect(stored);
        sim.run(world -> {
            for (String name : world.disk().list(JOURNAL)) { // the number may be used again
                try (Disk.File file = world.disk().openRead(JOURNAL.resolve(name))) {
                    assertThat(file.size()).as(name).isEqualTo(SpoolHand.SEGMENT);
                }
            }
        });
    }

    @Test
    void state3AHeaderHalfWrittenInAFreshSlot() {
        stored(3);
        brokenBy(world -> {
            Disk.File file = world.disk().create(slot(77));
            file.setSize(SpoolHand.SEGMENT);
            SegmentHeader torn = new SegmentHeader(77, 99, 5, 1, 1, 0, List.of());
            file.write(0, torn.encode());
            file.write(40, ByteBuffer.allocate(8));
            file.write(Frame.BLOCK + 40, ByteBuffer.allocate(8));
            file.close();
        });
        expect(stored);
    }

    @Test
    void state4AHeaderHalfWrittenOverARecycledSegment() {
        stored(3);
        sim.run(world -> SpoolHand.open(world).close()); // the first segment is named by a newer header now
        brokenBy(world -> {
            Path free = slot(77);
            Disk.File file = world.disk().create(free);
            file.setSize(SpoolHand.SEGMENT);
            try (Disk.File first = world.disk().openRead(slot(1))) {
                ByteBuffer former = ByteBuffer.allocate(SpoolHand.SEGMENT);
                first.read(former, 0);
                file.write(0, former.flip());
            }
            file.write(0, ByteBuffer.allocate(60));
            file.write(Frame.BLOCK, ByteBuffer.allocate(60));
            file.close();
        });
        expect(stored);
    }

    @Test
    void state5AHeaderWithOneRightCopyCounts() {
        stored(3);
        brokenBy(world -> poke(world, slot(newest(world).slot()), 30, 1, 2, 3));
        expect(stored);
        sim.kill();
        brokenBy(world -> {
            SegmentHeader header = newest(world);
            poke(world, slot(header.slot()), header.framesAt() / 2 + 30, 1, 2, 3);
        });
        sim.run(world -> assertThat(SpoolHand.recovered(SpoolHand.open(world))).hasSize(4));
    }

    @Test
    void state6ABatchNotWrittenAtAll() {
        stored(3);
        brokenBy(world -> {
            List<Long> frames = frames(world);
            zero(world, slot(1), frames.getLast(), 4_096);
        });
        expect(stored.subList(0, 2));
        assertThat(sim.events().count(Event.SPOOL_TAIL_CUT)).isZero();
    }

    @Test
    void state7ABatchWrittenInPart() {
        stored(3);
        brokenBy(world -> flip(world, slot(1), frames(world).getLast() + 60));
        expect(stored.subList(0, 2));
        assertThat(sim.events().count(Event.SPOOL_TAIL_CUT)).isEqualTo(1);
        assertThat(sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isZero();
    }

    @Test
    void state7ABatchWhoseBodyIsWrittenInPart() {
        stored(3);
        brokenBy(world -> zero(world, slot(1), frames(world).getLast() + 512, 512));
        expect(stored.subList(0, 2));
        assertThat(sim.events().count(Event.SPOOL_TAIL_CUT)).isEqualTo(1);
    }

    @Test
    void state8ABatchNotForcedCountsAndIsForcedBeforeAnythingIsBuiltOnIt() {
        SpoolId[] id = new SpoolId[1];
        sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            SpoolHand.store(world, spool, "first", 1);
            sim.disk().settle();
            id[0] = SpoolHand.store(world, spool, "last", 1);
            List<Long> frames = frames(world);
            try (Disk.File file = world.disk().openWrite(slot(1))) {
                ByteBuffer last = ByteBuffer.allocate(Frame.BLOCK);
                file.read(last, frames.getLast());
                file.write(frames.getLast(), last.flip()); // dirty again: as if the force had not come
            }
            sim.kill();
        });
        sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            assertThat(spool.read(id[0])).isPresent();
            sim.crash();
        });
        sim.run(world -> assertThat(SpoolHand.open(world).read(id[0])).isPresent());
    }

    @Test
    void state9FormerRecordsInARecycledSegmentAreNotSeen() {
        sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            for (int i = 0; i < 120; i++) {
                SpoolHand.finish(world, spool, SpoolHand.store(world, spool, SpoolHand.large(i, 3_000), 1));
            }
            assertThat(world.disk().list(JOURNAL)).hasSizeLessThan(7);
            stored.add(SpoolHand.store(world, spool, "live", 1));
            sim.crash();
        });
        expect(stored);
        assertThat(sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isZero();
    }

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

    @Test
    void state9ASegmentWhoseHeaderRottedIsNotTakenForTheNextOfItsNumber() {
        stored(1);
        sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            for (int i = 0; i < 5; i++) {
                SpoolHand.store(world, spool, "rotten", 1);
            }
            sim.kill();
        });
        sim.disk().settle();
        brokenBy(world -> {
            SegmentHeader header = newest(world);
            zero(world, slot(header.slot()), 0, (int) header.framesAt());
        });
        expect(stored);
        sim.kill();
        sim.run(world -> assertThat(SpoolHand.recovered(SpoolHand.open(world))).hasSize(2));
    }

    @Test
    void state12ABodyWithoutAFrameIsDeleted() {
        stored(1);
        brokenBy(world -> world.disk().create(BODIES.resolve("036vpvam0a0zz")).close());
        expect(stored);
        sim.run(world -> assertThat(world.disk().list(BODIES)).isEmpty());
    }

    @Test
    void state13AFrameWithoutItsBodyIsShownAsHeld() {
        stored(1);
        sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            stored.add(SpoolHand.store(world, spool, SpoolHand.large(1, 100_000), 1));
            spool.close();
            world.disk().delete(BODIES.resolve(stored.getLast().toString()));
        });
        expect(stored);
        assertThat(sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isEqualTo(1);
        sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            StoredMessage lost = SpoolHand.recovered(spool).stream()
                    .filter(message -> message.id().equals(stored.getLast()))
                    .findFirst()
                    .orElseThrow();
            assertThat(lost.held()).contains("lost");
            assertThatThrownBy(() -> SpoolHand.text(lost.content())).isInstanceOf(IOException.class);
            SpoolHand.finish(world, spool, lost.id());
            spool.close();
        });
    }

    @Test
    void state13ADamagedBodyIsFoundWhenItIsRead() {
        sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            SpoolId id = SpoolHand.store(world, spool, SpoolHand.large(1, 200_000), 1);
            flip(world, BODIES.resolve(id.toString()), 150_000);
            StoredMessage message = spool.read(id).orElseThrow();
            ByteBuffer target = ByteBuffer.allocate(8_000);
            assertThat(message.content().read(target, 10_000)).isPositive();
            assertThatThrownBy(() -> message.content().read(ByteBuffer.allocate(8_000), 150_000))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("checksum");
            spool.close();
        });
    }

    @Test
    void state14ABodyWhoseMessageIsGoneIsDeleted() {
        sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            SpoolId id = SpoolHand.store(world, spool, SpoolHand.large(1, 100_000), 1);
            SpoolHand.finish(world, spool, id);
            spool.close();
            world.disk().create(BODIES.resolve(id.toString())).close();
        });
        expect(List.of());
        sim.run(world -> assertThat(world.disk().list(BODIES)).isEmpty());
    }

    @Test
    void state15ADamagedFrameCostsItselfOnly() {
        stored(5);
        List<SpoolId> rest = new ArrayList<>(stored);
        brokenBy(world -> {
            List<Long> frames = frames(world); // of messages, and maybe one of ids before them
            rest.remove(3 - (frames.size() - stored.size()));
            flip(world, slot(1), frames.get(3) + 60);
        });
        expect(rest);
        assertThat(sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isEqualTo(1);
        assertThat(sim.events().count(Event.SPOOL_TAIL_CUT)).isZero();
        sim.kill();
        sim.run(world -> assertThat(SpoolHand.recovered(SpoolHand.open(world))).hasSize(5));
    }

    @Test
    void state15ADamagedBodyCostsThatMessageOnly() {
        stored(5);
        brokenBy(world -> flip(world, slot(1), frames(world).get(2) + 700));
        sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            List<StoredMessage> all = SpoolHand.recovered(spool);
            assertThat(all).hasSize(5);
            assertThat(all.stream().filter(message -> !message.held().isEmpty()))
                    .hasSize(1);
            spool.close();
        });
        assertThat(sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isPositive();
    }

    @Test
    void state17ASegmentLeftOutIsNotRead() {
        stored(3);
        sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            stored.forEach(id -> SpoolHand.finish(world, spool, id));
            spool.close();
        });
        sim.run(world -> SpoolHand.open(world).close());
        sim.run(world -> SpoolHand.open(world).close());
        brokenBy(world -> assertThat(newest(world).older()).isEmpty());
        expect(List.of());
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

    @Test
    void aNewerFormatIsRefused() {
        stored(1);
        brokenBy(world -> {
            poke(world, slot(1), 11, 2);
            poke(world, slot(1), Frame.BLOCK + 11, 2);
        });
        sim.run(world -> assertThatThrownBy(() -> SpoolHand.open(world))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("newer version"));
    }

    @Test
    void recordsWithoutAnyReadableHeaderAreNotTakenForAnEmptySpool() {
        stored(2);
        brokenBy(world -> {
            zero(world, slot(1), 0, FRAMES_AT);
            zero(world, slot(2), 0, FRAMES_AT);
        });
        sim.run(world -> assertThatThrownBy(() -> SpoolHand.open(world)).hasMessageContaining("readable header"));
    }
}
