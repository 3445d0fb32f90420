package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import org.junit.jupiter.api.Test;

/** What deferred messages cost in the queue's memory, and that all of them stay there. {@code -Dmessages=1000000}. */
class QueueMemoryTest {
    private static final int MESSAGES = Integer.getInteger("messages", 200_000);
    private static final int DOMAINS = 1_000;
    /** Octets; the goal is 140, and 256 with the spool's index. */
    private static final int BOUND = 140;

    private static final Content NO_CONTENT = new Content() {
        @Override
        public long size() {
            return 0;
        }

        @Override
        public int read(ByteBuffer target, long position) {
            return 0;
        }
    };

    private static StoredMessage deferred(int number) {
        Recipient to = Recipient.of(Address.of("user" + number + "@d" + number % DOMAINS + ".example"));
        RecipientState state = new RecipientState(
                RecipientState.Status.PENDING, 3, Instant.EPOCH, Diagnosis.ours("4.4.1", "no answer"), false);
        return new StoredMessage(
                new SpoolId((long) number << 16),
                Instant.EPOCH,
                new Envelope(Address.of("ann" + number + "@a.example"), List.of(to), false, false),
                new Origin(Origin.Kind.SMTP, "192.0.2.7", "", "s1"),
                List.of(state),
                "",
                NO_CONTENT);
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void deferredMessagesTakeFewOctetsEachAndComeOutInTheOrderOfTheirTimes() {
        Dispatch dispatch = new Dispatch(new Scheduler(100, site -> new SiteLimits(10, List.of())));
        dispatch.open();
        long before = used();
        for (int i = 0; i < MESSAGES; i++) {
            StoredMessage message = deferred(i);
            long due = (i * 7_919L) % 14_400_000;
            dispatch.add(
                    message,
                    Parcels.of(message, Sender.of(message, 1), 100, Homing.BY_DOMAIN, state -> due),
                    false,
                    -1);
        }
        long each = (used() - before) / MESSAGES;
        System.out.println("queue: " + each + " octets a deferred message");
        assertThat(each).isBetween(60L, (long) BOUND);
        QueueAdmin.Counts counts = dispatch.counts(3, 0);
        assertThat(counts.messages()).isEqualTo(MESSAGES);
        assertThat(counts.waiting()).isEqualTo(MESSAGES);

        List<Long> due = new ArrayList<>();
        long now = 0;
        while (due.size() < 1_000) {
            Parcel parcel = dispatch.next(now);
            if (parcel == null) {
                now += 100;
                continue;
            }
            assertThat(parcel.due).isBetween(now - 200, now);
            due.add(parcel.due);
            dispatch.putOff(parcel, now + 14_400_000, now);
        }
        assertThat(dispatch.counts(1, 0).waiting()).isEqualTo(MESSAGES);
    }
}
