package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** Bit rot in a stored message: held, said, and nobody else's mail. */
class DamageReportsTest {
    private static final Path SPOOL = Path.of("/spool");

    private final List<SpoolId> sent = new ArrayList<>();
    private final List<String> delivered = new ArrayList<>();
    private final Map<SpoolId, Integer> claims = new LinkedHashMap<>();

    private static QueueBed open(World world) throws IOException {
        JournalSpool spool = JournalSpool.open(
                world,
                SPOOL,
                new SpoolSettings(Optional.empty(), 64 << 10, 16 << 10, 0, Duration.ofMillis(5), 64 << 20),
                4 << 20);
        QueueBed bed = new QueueBed(
                world, spool, QueueBed.directory(world, QueueBed.CONFIG.local()), queue -> spool.recover(queue));
        DamageReports reports = new DamageReports(world, spool, () -> QueueBed.CONFIG, bed.intake, bed.queue.admin());
        spool.onDamage(reports::damage);
        return bed;
    }

    private void sentAndRestarted(SimWorld sim, int count) {
        sim.run(world -> {
            QueueBed bed = open(world);
            for (int i = 0; i < count; i++) {
                sent.add(bed.send("joe@a.example", "reader" + i + "@b.example"));
            }
            sim.kill();
        });
        sim.run(world -> {
            open(world); // another run: the segment with the messages is sealed
            sim.kill();
        });
        sim.disk().settle();
    }

    /** Flips a bit of the {@code which}th body in the journal. */
    private static void rot(World world, int which) throws IOException {
        Path journal = SPOOL.resolve("journal");
        byte[] wanted = "Subject: hi".getBytes(StandardCharsets.US_ASCII);
        int seen = 0;
        for (String name : world.disk().list(journal)) {
            String text = new String(world.disk().readAll(journal.resolve(name), 1 << 20), StandardCharsets.ISO_8859_1);
            for (int at = text.indexOf("Subject: hi"); at >= 0; at = text.indexOf("Subject: hi", at + wanted.length)) {
                if (seen++ == which) {
                    try (Disk.File file = world.disk().openWrite(journal.resolve(name))) {
                        file.write(at, ByteBuffer.wrap("Tubject".getBytes(StandardCharsets.US_ASCII)));
                        file.force();
                    }
                    return;
                }
            }
        }
        throw new IOException("no such body");
    }

    private void deliverers(QueueBed bed) {
        bed.world.tasks().start("deliverer", () -> {
            for (Optional<Claim> c = bed.queue.take(); c.isPresent(); c = bed.queue.take()) {
                Claim claim = c.get();
                claims.merge(claim.message().id(), 1, Integer::sum);
                try {
                    String text = text(claim.message().content());
                    delivered.add(claim.recipients().getFirst().address() + "\n" + text);
                    bed.settle(claim, QueueBed.delivered());
                } catch (IOException e) {
                    bed.settle(claim, QueueBed.retry());
                }
            }
        });
    }

    private static String text(Content content) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) content.size());
        while (all.hasRemaining()) {
            content.read(all, all.position());
        }
        return new String(all.array(), StandardCharsets.UTF_8);
    }

    @Test
    void aRottenBodyIsHeldWithItsReasonThePostmasterHearsOnceAndTheRestIsDelivered() {
        try (SimWorld sim = new SimWorld(1)) {
            sentAndRestarted(sim, 4);
            sim.run(world -> rot(world, 1));
            sim.run(world -> {
                QueueBed bed = open(world);
                deliverers(bed);
                world.tasks().sleep(Duration.ofDays(6));
                QueueAdmin admin = bed.queue.admin();
                QueueAdmin.Row row = admin.show(sent.get(1)).orElseThrow();
                assertThat(row.message().held()).startsWith("damaged: ").contains("checksum");
                assertThat(admin.counts().held()).isEqualTo(1);
                Tasks.Promise<QueueAdmin.Answer> removed = world.tasks().promise();
                admin.remove(sent.get(1), "test", removed::complete);
                assertThat(removed.await()).isEqualTo(new QueueAdmin.Answer.Done());
                bed.spool.close();
            });
            assertThat(claims.getOrDefault(sent.get(1), 0))
                    .as("not tried for ever")
                    .isLessThan(3);
            List<String> notices = delivered.stream()
                    .filter(each -> each.startsWith("ann@a.example"))
                    .toList();
            assertThat(notices).hasSize(1);
            assertThat(notices.getFirst().replaceAll("\\s+", " "))
                    .contains(sent.get(1).toString(), "<joe@a.example>", "<reader1@b.example>", "File 00001 at");
            assertThat(delivered).hasSize(4);
            assertThat(sim.events().count(Event.DAMAGE_NOTICE_QUEUED)).isEqualTo(1);
            assertThat(sim.events().count(Event.TASK_DIED)).isZero();
        }
    }

    @Test
    void manyIncidentsMakeFewNotices() {
        List<SpoolId> held = new ArrayList<>();
        try (SimWorld sim = new SimWorld(2)) {
            sentAndRestarted(sim, 60);
            sim.run(world -> {
                for (int i = 0; i < 50; i++) {
                    rot(world, 0); // the first that is still right
                }
            });
            sim.run(world -> {
                QueueBed bed = open(world);
                deliverers(bed);
                world.tasks().sleep(Duration.ofMinutes(50));
                assertThat(sim.events().count(Event.DAMAGE_NOTICE_QUEUED)).isEqualTo(1);
                world.tasks().sleep(Duration.ofDays(1));
                held.addAll(bed.spool.ids(null, 100));
                bed.spool.close();
            });
            List<String> notices = delivered.stream()
                    .filter(each -> each.startsWith("ann@a.example"))
                    .toList();
            assertThat(notices).hasSizeBetween(1, 3);
            assertThat(notices.getFirst()).containsPattern("and [0-9]+ more, see the log");
            assertThat(held).hasSizeGreaterThan(20);
            assertThat(delivered.size() - notices.size() + held.size()).isEqualTo(60);
        }
    }
}
