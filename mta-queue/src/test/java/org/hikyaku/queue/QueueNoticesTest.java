package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.RecipientState.Status;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a sender hears of mail that cannot be delivered, and when. */
class QueueNoticesTest {
    private final QueueStories queue = new QueueStories();

    @AfterEach
    void end() {
        queue.close();
    }

    @Test
    void aFailureForNowIsTriedAgainAsPlannedAndRemembersWhatWasSaid() {
        queue.run(bed -> {
            bed.send("ann@a.example", "bob@b.example");
            Instant first = bed.world.clock().now();
            bed.settle(bed.take(), QueueBed.retry());
            assertThat(bed.takeSoon()).isEmpty();
            Claim second = bed.take();
            Duration waited = Duration.between(first, bed.world.clock().now());
            assertThat(waited).isBetween(Duration.ofSeconds(269), Duration.ofSeconds(331));
            assertThat(second.message().states().getFirst().attempts()).isEqualTo(1);
            assertThat(second.message().states().getFirst().last().text()).isEqualTo("no answer");
        });
    }

    /** RFC 5321 6.1. */
    @Test
    void aBounceAndTheSettlingItAnswersAreOneCommitAndItsOwnFailureIsSilent() {
        queue.run(bed -> {
            SpoolId id = bed.send("ann@c.example", "bob@b.example", "bea@b.example");
            bed.settle(bed.take(), QueueBed.failed());
            Claim bounce = bed.take();
            Change change = queue.store.changes.getLast();
            assertThat(change.entries()).hasSize(2);
            Change.Entry.Progress progress =
                    (Change.Entry.Progress) change.entries().getFirst();
            assertThat(progress.id()).isEqualTo(id);
            assertThat(progress.states().values()).extracting(s -> s.status()).containsOnly(Status.FAILED);
            assertThat(bounce.message().envelope().sender()).isEqualTo(Address.NULL);
            assertThat(QueueStories.to(bounce)).containsExactly(Address.of("ann@c.example"));
            String text = new String(queue.store.bodies.get(bounce.message().id()), StandardCharsets.UTF_8);
            assertThat(text).contains("bob@b.example", "bea@b.example", "550 5.1.1 nobody", "Subject: hi");
            bed.settle(bounce, QueueBed.failed());
            assertThat(bed.takeSoon()).isEmpty();
        });
        assertThat(queue.store.messages).isEmpty();
        assertThat(queue.count(Event.BOUNCE_QUEUED)).isEqualTo(1);
        assertThat(queue.count(Event.BOUNCE_DROPPED)).isEqualTo(1);
    }

    @Test
    void anUnknownSenderOfOursGetsNoBounce() {
        queue.run(bed -> {
            bed.send("nobody@a.example", "bob@b.example");
            bed.settle(bed.take(), QueueBed.failed());
            assertThat(bed.takeSoon()).isEmpty();
        });
        assertThat(queue.count(Event.BOUNCE_DROPPED)).isEqualTo(1);
        assertThat(queue.store.messages).isEmpty();
    }

    @Test
    void oneNoticeAfterFourHoursAndTheEndAfterFiveDays() {
        queue.run(bed -> {
            bed.send("ann@c.example", "bob@b.example");
            Instant start = bed.world.clock().now();
            Map<Duration, String> told = new LinkedHashMap<>();
            while (told.size() < 2) {
                Claim claim = bed.take();
                if (claim.message().envelope().sender().isNull()) {
                    String text =
                            new String(queue.store.bodies.get(claim.message().id()), StandardCharsets.UTF_8);
                    told.put(Duration.between(start, bed.world.clock().now()), text);
                    bed.settle(claim, QueueBed.delivered());
                } else {
                    bed.settle(claim, QueueBed.retry());
                }
            }
            List<Duration> times = List.copyOf(told.keySet());
            assertThat(times.get(0))
                    .isBetween(Duration.ofHours(4), Duration.ofHours(4).plusSeconds(10));
            assertThat(times.get(1))
                    .isBetween(Duration.ofDays(5), Duration.ofDays(5).plusSeconds(10));
            assertThat(told.get(times.get(0))).contains("Action: delayed", "Status: 4.4.1", "Will-Retry-Until:");
            assertThat(told.get(times.get(1))).contains("Action: failed", "Status: 4.4.7", "no answer");
            bed.queue.stop(Duration.ofSeconds(5));
        });
        assertThat(queue.store.messages).isEmpty();
        assertThat(queue.count(Event.NOTICE_QUEUED)).isEqualTo(1);
        assertThat(queue.count(Event.MESSAGE_EXPIRED)).isEqualTo(1);
    }
}
