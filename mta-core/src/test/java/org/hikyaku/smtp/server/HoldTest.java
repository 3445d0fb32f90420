package org.hikyaku.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Wishes;
import org.hikyaku.smtp.Replies;
import org.junit.jupiter.api.Test;

/** FUTURERELEASE (RFC 4865): what contradicts itself. The dialogs say the rest. */
class HoldTest {
    private static final Instant NOW = Instant.parse("2026-11-22T04:00:00Z");

    private static Transaction transaction() {
        return new Transaction(Address.of("a@b.example"), NOW);
    }

    /** RFC 4865 4.2 (9). */
    @Test
    void bothAtOnceAreRefused() {
        Transaction both = transaction();
        both.holds = 2;
        assertThat(HoldFeature.contradiction(both)).isEqualTo(Replies.HELD_TWICE);
        assertThat(HoldFeature.contradiction(transaction())).isNull();
    }

    /** RFC 4865 5.2.2. */
    @Test
    void aReleaseAfterTheTimeOfDeliveryIsRefused() {
        Transaction held = transaction();
        held.wishes = Wishes.NONE
                .with(new Wishes.Release(NOW.plusSeconds(60), "for;60"))
                .with(new Wishes.Deadline(NOW.plusSeconds(59), true, false));
        assertThat(HoldFeature.contradiction(held)).isEqualTo(Replies.HELD_TOO_LATE);
        held.wishes = held.wishes.with(new Wishes.Deadline(NOW.plusSeconds(61), true, false));
        assertThat(HoldFeature.contradiction(held)).isNull();
    }
}
