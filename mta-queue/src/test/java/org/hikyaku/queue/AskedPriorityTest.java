package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A priority that the sender asked for (RFC 6710). */
class AskedPriorityTest {
    private final QueueStories queue = new QueueStories();

    @AfterEach
    void end() {
        queue.close();
    }

    private static Envelope mail(int priority) {
        return new Envelope(
                Address.of("ann@c.example"),
                List.of(Recipient.of(Address.of("bob@b.example"))),
                false,
                false,
                priority,
                Wishes.NONE.withRanked(true));
    }

    /** RFC 6710 4.6. */
    @Test
    void aNoticeHasThePriorityOfItsMessageAndSaysItOnwards() {
        queue.run(bed -> {
            bed.send("", mail(3));
            bed.settle(bed.take(), QueueBed.failed());
            Envelope notice = bed.take().message().envelope();
            assertThat(notice.sender()).isEqualTo(Address.NULL);
            assertThat(notice.priority()).isEqualTo(3);
            assertThat(notice.wishes()).isEqualTo(Wishes.NONE.withRanked(true));
        });
    }

    @Test
    void noPriorityOfOursTakesItsPlace() {
        queue.run(bed -> {
            bed.send("", mail(0).withRecipients(List.of(Recipient.of(Address.of("joe@a.example")))));
            assertThat(bed.take().message().envelope().priority()).isZero();
            bed.send(
                    "",
                    new Envelope(Address.NULL, mail(0).recipients(), false, false, 0, Wishes.NONE.withRanked(true)));
            assertThat(bed.take().message().envelope().priority()).isZero();
        });
    }

    /** RFC 6710 4.1 (3): told in the log where it was asked for. */
    @Test
    void thePriorityIsInTheLog() {
        queue.run(bed -> bed.send("", mail(-2)));
        assertThat(queue.sim.events().lines()).anyMatch(line -> line.endsWith(" priority=-2"));
    }
}
