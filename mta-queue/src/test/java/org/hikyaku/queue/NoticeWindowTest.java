package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What fails of one message at about the same time is told in one notice; classes of senders hear sooner. */
class NoticeWindowTest {
    private final QueueStories queue = new QueueStories();

    @AfterEach
    void end() {
        queue.close();
    }

    private String text(Claim claim) {
        return new String(queue.store.bodies.get(claim.message().id()), StandardCharsets.UTF_8);
    }

    @Test
    void failuresOfSeveralDomainsAreOneNotice() {
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example", "eve@e.example", "joe@d.example");
            Instant start = bed.world.clock().now();
            for (int i = 0; i < 3; i++) {
                bed.settle(bed.take(), QueueBed.failed());
            }
            Claim bounce = bed.take();
            assertThat(Duration.between(start, bed.world.clock().now()))
                    .as("nothing else is waited for")
                    .isLessThan(Duration.ofSeconds(5));
            assertThat(text(bounce)).contains("<bob@b.example>", "<eve@e.example>", "<joe@d.example>");
            assertThat(text(bounce)).contains("X-Hikyaku-Class: unknown_user", "there is no such mailbox");
            bed.settle(bounce, QueueBed.delivered());
            assertThat(bed.takeSoon()).isEmpty();
        });
        assertThat(queue.count(Event.BOUNCE_QUEUED)).isEqualTo(1);
        assertThat(queue.store.messages).isEmpty();
    }

    @Test
    void whereAnotherDomainStillWaitsTheNoticeWaitsForTheWindowAlone() {
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example", "eve@e.example", "joe@d.example");
            Instant start = bed.world.clock().now();
            for (int i = 0; i < 3; i++) {
                Claim claim = bed.take();
                boolean later = QueueStories.to(claim).toString().contains("joe");
                bed.settle(claim, later ? QueueBed.retry() : QueueBed.failed());
            }
            Claim bounce = bed.take();
            assertThat(Duration.between(start, bed.world.clock().now()))
                    .isBetween(Duration.ofSeconds(19), Duration.ofSeconds(25));
            assertThat(text(bounce))
                    .contains("<bob@b.example>", "<eve@e.example>")
                    .doesNotContain("joe@d.example");
            bed.settle(bounce, QueueBed.delivered());
            assertThat(bed.takeSoon()).isEmpty();
        });
        assertThat(queue.count(Event.BOUNCE_QUEUED)).isEqualTo(1);
        assertThat(queue.store.messages).hasSize(1);
    }

    @Test
    void aListOfVeryManyDomainsIsToldInFewNotices() {
        queue.run(bed -> {
            String[] to = new String[1_201];
            for (int i = 0; i < to.length; i++) {
                to[i] = "u@d" + i + ".example";
            }
            bed.send("ann@c.example", to);
            Instant start = bed.world.clock().now();
            for (int i = 0; i < to.length; i++) {
                Claim claim = bed.take();
                boolean notice = claim.message().envelope().sender().isNull();
                bed.settle(claim, notice ? QueueBed.delivered() : QueueBed.failed());
            }
            assertThat(Duration.between(start, bed.world.clock().now()))
                    .as("what waits for its notice holds no room")
                    .isLessThan(Duration.ofSeconds(10));
            bed.world.tasks().sleep(Duration.ofMinutes(1));
        });
        assertThat(queue.count(Event.RECIPIENT_FAILED)).isGreaterThan(1_190);
        assertThat(queue.count(Event.BOUNCE_QUEUED)).isBetween(2L, 3L);
    }

    /** A notice of more is of a size that some servers refuse. */
    @Test
    void aNoticeIsOfAThousandRecipientsAtTheMost() {
        queue.run(bed -> {
            String[] to = new String[1_500];
            for (int i = 0; i < to.length; i++) {
                to[i] = "u" + i + "@d" + i / 50 + ".example";
            }
            bed.send("ann@c.example", to);
            for (int i = 0; i < to.length / 50; i++) {
                bed.settle(take(bed), QueueBed.failed());
            }
            bed.world.tasks().sleep(Duration.ofMinutes(1));
        });
        assertThat(queue.count(Event.RECIPIENT_FAILED)).isEqualTo(1_500);
        assertThat(queue.count(Event.BOUNCE_QUEUED)).isEqualTo(2);
    }

    /** A claim that is no notice. */
    private static Claim take(QueueBed bed) {
        Claim claim = bed.take();
        while (claim.message().envelope().sender().isNull()) {
            bed.settle(claim, QueueBed.delivered());
            claim = bed.take();
        }
        return claim;
    }

    @Test
    void anEndInOrderTellsAtOnce() {
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example", "joe@d.example");
            Claim first = bed.take();
            Claim second = bed.take();
            bed.settle(first, QueueBed.failed());
            bed.settle(second, QueueBed.retry());
            Instant start = bed.world.clock().now();
            assertThat(bed.queue.stop(Duration.ofSeconds(15))).isTrue();
            assertThat(Duration.between(start, bed.world.clock().now())).isLessThan(Duration.ofSeconds(5));
        });
        assertThat(queue.count(Event.BOUNCE_QUEUED)).isEqualTo(1);
    }

    @Test
    void whatIsRemovedMeanwhileIsToldToNobody() {
        queue.run(bed -> {
            SpoolId id = bed.send("ann@c.example", "bob@b.example", "joe@d.example");
            Claim first = bed.take();
            Claim second = bed.take();
            bed.settle(first, QueueBed.failed());
            bed.settle(second, QueueBed.retry());
            bed.queue.admin().remove(id, "ops", answer -> {});
            bed.world.tasks().sleep(Duration.ofMinutes(2));
            assertThat(bed.takeSoon()).isEmpty();
        });
        assertThat(queue.count(Event.BOUNCE_QUEUED)).isZero();
        assertThat(queue.store.messages).isEmpty();
    }

    @Test
    void aClassOfSendersHearsSoonerAndGivesUpSooner() {
        queue.run(bed -> {
            bed.send("ann@quick.example", "bob@b.example", "joe@d.example");
            Instant start = bed.world.clock().now();
            List<Duration> told = new ArrayList<>();
            while (told.size() < 2) {
                Claim claim = bed.take();
                boolean notice = claim.message().envelope().sender().isNull();
                if (notice) {
                    told.add(Duration.between(start, bed.world.clock().now()));
                    assertThat(text(claim)).contains("<bob@b.example>", "<joe@d.example>");
                    assertThat(text(claim)).contains(told.size() == 1 ? "Action: delayed" : "Action: failed");
                }
                bed.settle(claim, notice ? QueueBed.delivered() : QueueBed.retry());
            }
            assertThat(told.get(0)).isBetween(Duration.ofMinutes(15), Duration.ofMinutes(16));
            assertThat(told.get(1))
                    .isBetween(Duration.ofDays(1), Duration.ofDays(1).plusMinutes(1));
        });
        assertThat(queue.count(Event.NOTICE_QUEUED)).isEqualTo(1);
        assertThat(queue.count(Event.BOUNCE_QUEUED)).isEqualTo(1);
    }

    /** What was delivered is on disk at once; who failed is told of, before or after the crash; nobody is both. */
    @Test
    void aCrashWithinTheWindowLosesNoNoticeAndBringsNoSecondCopy() {
        int inWindow = 0;
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed, SimFaults.none())) {
                sim.disk().settle();
                String as = "seed " + seed;
                List<String> delivered = new ArrayList<>();
                boolean[] settled = {false};
                sim.run(world -> {
                    QueueBed bed = open(world);
                    bed.send("ann@c.example", "bob@b.example", "bea@b.example", "eve@e.example", "joe@d.example");
                    for (int i = 0; i < 3; i++) {
                        attempt(bed, bed.take(), delivered);
                    }
                    settled[0] = true;
                    world.tasks().sleep(Duration.ofMillis(100)); // marks are forced by then
                    sim.crashAfter(1 + (int) (sim.seed() % 20));
                    world.tasks().sleep(Duration.ofMinutes(1));
                    sim.crashNever();
                    sim.crash();
                });
                sim.crashNever();
                assertThat(delivered).as(as).containsExactly("bea@b.example");
                inWindow += sim.events().count(Event.BOUNCE_QUEUED) == 0 ? 1 : 0;
                TreeSet<String> told = new TreeSet<>();
                assertThat(sim.run(world -> {
                            QueueBed bed = open(world);
                            for (Optional<Claim> claim = bed.takeSoon();
                                    claim.isPresent() || told.size() < 2;
                                    claim = bed.takeSoon()) {
                                if (claim.isPresent()) {
                                    told.addAll(bounced(claim.get()));
                                    attempt(bed, claim.get(), delivered);
                                }
                            }
                        }))
                        .isTrue();
                assertThat(delivered).as(as).containsExactly("bea@b.example");
                assertThat(told).as(as).containsExactly("<bob@b.example>", "<eve@e.example>");
                assertThat(sim.events().count(Event.TASK_DIED)).as(as).isZero();
            }
        }
        assertThat(inWindow).isGreaterThan(10);
    }

    private static QueueBed open(World world) throws IOException {
        JournalSpool spool = JournalSpool.open(
                world,
                Path.of("/spool"),
                new SpoolSettings(Optional.empty(), 64 << 10, 16 << 10, 0, Duration.ofMillis(5), 64 << 20),
                4 << 20);
        List<org.hikyaku.spool.StoredMessage> found = new ArrayList<>();
        spool.recover(found::add).join(Duration.ofMinutes(10));
        return new QueueBed(
                world, spool, QueueBed.directory(world, QueueBed.CONFIG.local()), q -> found.forEach(q::message));
    }

    /** Bea is delivered, joe waits, all others fail; notices are delivered. */
    private static void attempt(QueueBed bed, Claim claim, List<String> delivered) {
        boolean notice = claim.message().envelope().sender().isNull();
        bed.queue.settle(
                claim,
                claim.recipients().stream()
                        .map(to -> to.address().toString())
                        .map(to -> {
                            if (to.startsWith("bea")) {
                                delivered.add(to);
                            }
                            return notice || to.startsWith("bea")
                                    ? QueueBed.delivered()
                                    : to.startsWith("joe") ? QueueBed.retry() : QueueBed.failed();
                        })
                        .toList());
    }

    private static List<String> bounced(Claim claim) throws IOException {
        if (!claim.message().envelope().sender().isNull()) {
            return List.of();
        }
        java.nio.ByteBuffer octets = java.nio.ByteBuffer.allocate(64 << 10);
        claim.message().content().read(octets, 0);
        String text = new String(octets.array(), 0, octets.position(), StandardCharsets.UTF_8);
        return List.of("<bob@b.example>", "<eve@e.example>", "<joe@d.example>").stream()
                .filter(text::contains)
                .toList();
    }
}
