package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;

/**
 * The crash states of docs/spool.md that have to do with body files and damage, by their numbers; and journals that are not
 * opened at all.
 */
class DamagedStateTest {
    private final CrashedDisk disk = new CrashedDisk();

    @Test
    void state9ASegmentWhoseHeaderRottedIsNotTakenForTheNextOfItsNumber() {
        disk.stored(1);
        disk.sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            for (int i = 0; i < 5; i++) {
                SpoolHand.store(world, spool, "rotten", 1);
            }
            disk.sim.kill();
        });
        disk.sim.disk().settle();
        disk.brokenBy(world -> {
            SegmentHeader header = CrashedDisk.newest(world);
            CrashedDisk.zero(world, CrashedDisk.slot(header.slot()), 0, (int) header.framesAt());
        });
        disk.expect(disk.stored);
        disk.sim.kill();
        disk.sim.run(
                world -> assertThat(SpoolHand.recovered(SpoolHand.open(world))).hasSize(2));
    }

    @Test
    void state12ABodyWithoutAFrameIsDeleted() {
        disk.stored(1);
        disk.brokenBy(world ->
                world.disk().create(CrashedDisk.BODIES.resolve("036vpvam0a0zz")).close());
        disk.expect(disk.stored);
        disk.sim.run(world -> assertThat(world.disk().list(CrashedDisk.BODIES)).isEmpty());
    }

    @Test
    void state13AFrameWithoutItsBodyIsShownAsHeld() {
        disk.stored(1);
        disk.sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            disk.stored.add(SpoolHand.store(world, spool, SpoolHand.large(1, 100_000), 1));
            spool.close();
            world.disk().delete(CrashedDisk.BODIES.resolve(disk.stored.getLast().toString()));
        });
        disk.expect(disk.stored);
        assertThat(disk.sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isEqualTo(1);
        disk.sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            StoredMessage lost = SpoolHand.recovered(spool).stream()
                    .filter(message -> message.id().equals(disk.stored.getLast()))
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
        disk.sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            SpoolId id = SpoolHand.store(world, spool, SpoolHand.large(1, 200_000), 1);
            CrashedDisk.flip(world, CrashedDisk.BODIES.resolve(id.toString()), 150_000);
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
        disk.sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            SpoolId id = SpoolHand.store(world, spool, SpoolHand.large(1, 100_000), 1);
            SpoolHand.finish(world, spool, id);
            spool.close();
            world.disk().create(CrashedDisk.BODIES.resolve(id.toString())).close();
        });
        disk.expect(List.of());
        disk.sim.run(world -> assertThat(world.disk().list(CrashedDisk.BODIES)).isEmpty());
    }

    @Test
    void state15ADamagedFrameCostsItselfOnly() {
        disk.stored(5);
        List<SpoolId> rest = new ArrayList<>(disk.stored);
        disk.brokenBy(world -> {
            List<Long> frames = CrashedDisk.frames(world); // of messages, and maybe one of ids before them
            rest.remove(3 - (frames.size() - disk.stored.size()));
            CrashedDisk.flip(world, CrashedDisk.slot(1), frames.get(3) + 60);
        });
        disk.expect(rest);
        assertThat(disk.sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isEqualTo(1);
        assertThat(disk.sim.events().count(Event.SPOOL_TAIL_CUT)).isZero();
        disk.sim.kill();
        disk.sim.run(
                world -> assertThat(SpoolHand.recovered(SpoolHand.open(world))).hasSize(5));
    }

    @Test
    void state15ADamagedBodyCostsThatMessageOnly() {
        disk.stored(5);
        disk.brokenBy(world -> CrashedDisk.flip(
                world, CrashedDisk.slot(1), CrashedDisk.frames(world).get(2) + 700));
        disk.sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            List<StoredMessage> all = SpoolHand.recovered(spool);
            assertThat(all).hasSize(5);
            assertThat(all.stream().filter(message -> !message.held().isEmpty()))
                    .hasSize(1);
            spool.close();
        });
        assertThat(disk.sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isPositive();
    }

    @Test
    void aCopyOfAHeaderThatTheDiskCannotReadIsNoneWhereTheOtherIsRight() throws IOException {
        disk.stored(3);
        disk.sim.disk().unreadable(CrashedDisk.slot(1), 0);
        disk.expect(disk.stored);
        disk.sim.kill();
        disk.sim.disk().unreadable(CrashedDisk.slot(1), Frame.BLOCK);
        disk.sim.run(world -> assertThatThrownBy(() -> SpoolHand.open(world))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("00001: Input/output error"));
    }

    @Test
    void aMessageThatTheDiskCannotReadIsDamageWhenItCouldNotBeReadFiveTimes() {
        disk.stored(1);
        disk.sim.run(world -> {
            long message = CrashedDisk.frames(world).getLast();
            JournalSpool spool = SpoolHand.open(world);
            List<Damage> told = new ArrayList<>();
            spool.onDamage(told::add);
            disk.sim.disk().unreadable(CrashedDisk.slot(1), message);
            for (int i = 1; i <= 4; i++) {
                for (int j = 0; j < 3; j++) { // of one moment of the disk
                    assertThatThrownBy(() -> spool.read(disk.stored.getFirst()))
                            .hasMessageContaining("Input/output error");
                }
                world.tasks().sleep(Duration.ofMinutes(1));
            }
            assertThat(told).isEmpty();
            assertThatThrownBy(() -> spool.read(disk.stored.getFirst())).isInstanceOf(IOException.class);
            assertThat(told).singleElement().satisfies(damage -> {
                assertThat(damage.id()).contains(disk.stored.getFirst());
                assertThat(damage.file()).isEqualTo("00001");
                assertThat(damage.what()).contains("Input/output error");
            });
            spool.close();
        });
    }

    @Test
    void aMessageThatTheDiskCouldReadInBetweenIsNone() {
        disk.stored(1);
        disk.sim.run(world -> {
            long message = CrashedDisk.frames(world).getLast();
            JournalSpool spool = SpoolHand.open(world);
            List<Damage> told = new ArrayList<>();
            spool.onDamage(told::add);
            byte[] page = disk.sim.disk().readAll(CrashedDisk.slot(1), 1 << 20);
            for (int i = 1; i <= 10; i++) {
                disk.sim.disk().unreadable(CrashedDisk.slot(1), message);
                assertThatThrownBy(() -> spool.read(disk.stored.getFirst())).isInstanceOf(IOException.class);
                world.tasks().sleep(Duration.ofMinutes(1));
                if (i % 4 == 0) {
                    int at = (int) (message / 4096 * 4096);
                    try (Disk.File file = world.disk().openWrite(CrashedDisk.slot(1))) {
                        file.write(at, ByteBuffer.wrap(page, at, 4096)); // the drive has another sector for it
                    }
                    assertThat(spool.read(disk.stored.getFirst())).isPresent();
                }
            }
            assertThat(told).isEmpty();
            spool.close();
        });
    }

    @Test
    void aNewerFormatIsRefused() {
        disk.stored(1);
        disk.brokenBy(world -> {
            CrashedDisk.poke(world, CrashedDisk.slot(1), 11, SegmentHeader.VERSION + 1);
            CrashedDisk.poke(world, CrashedDisk.slot(1), Frame.BLOCK + 11, SegmentHeader.VERSION + 1);
        });
        disk.sim.run(world -> assertThatThrownBy(() -> SpoolHand.open(world))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("newer version"));
    }

    @Test
    void recordsWithoutAnyReadableHeaderAreNotTakenForAnEmptySpool() {
        disk.stored(2);
        disk.brokenBy(world -> {
            CrashedDisk.zero(world, CrashedDisk.slot(1), 0, 2 * Frame.BLOCK);
            CrashedDisk.zero(world, CrashedDisk.slot(2), 0, 2 * Frame.BLOCK);
        });
        disk.sim.run(world -> assertThatThrownBy(() -> SpoolHand.open(world)).hasMessageContaining("readable header"));
    }
}
