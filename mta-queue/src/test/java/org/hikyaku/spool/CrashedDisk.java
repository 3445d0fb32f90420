package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.World;

/** A spool's disk in a simulated process, brought by hand into the state that a crash or damage leaves. */
final class CrashedDisk {
    static final Path JOURNAL = SpoolHand.DIR.resolve("journal");
    static final Path BODIES = SpoolHand.DIR.resolve("bodies");

    final SimWorld sim = new SimWorld(1);
    /** What was stored, and should be found. */
    final List<SpoolId> stored = new ArrayList<>();

    /** Runs and closes a spool with some messages in it. */
    void stored(int count) {
        sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            for (int i = 0; i < count; i++) {
                stored.add(SpoolHand.store(world, spool, SpoolHand.large(i, 1_000), 1));
            }
            sim.kill();
        });
        sim.disk().settle();
    }

    /** Has {@code body} change the disk while no spool is open. */
    void brokenBy(SimWorld.Body body) {
        sim.run(body);
        sim.disk().settle();
    }

    /** Opens the spool, and finds these and no others in it, whole; it goes on taking mail. */
    void expect(List<SpoolId> ids) {
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

    static Path slot(int number) {
        return JOURNAL.resolve(Segment.slotName(number));
    }

    static void poke(World world, Path file, long at, int... octets) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(octets.length);
        for (int octet : octets) {
            bytes.put((byte) octet);
        }
        try (Disk.File open = world.disk().openWrite(file)) {
            open.write(at, bytes.flip());
        }
    }

    static void zero(World world, Path file, long at, int count) throws IOException {
        try (Disk.File open = world.disk().openWrite(file)) {
            open.write(at, ByteBuffer.allocate(count));
        }
    }

    static void flip(World world, Path file, long at) throws IOException {
        try (Disk.File open = world.disk().openWrite(file)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            open.read(one, at);
            one.put(0, (byte) (one.get(0) ^ 0x10));
            open.write(at, one.clear());
        }
    }

    /** The newest segment, by its header. */
    static SegmentHeader newest(World world) throws IOException {
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
    static List<Long> frames(World world) throws IOException {
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
}
