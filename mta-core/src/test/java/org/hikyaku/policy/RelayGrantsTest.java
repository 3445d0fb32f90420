package org.hikyaku.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import org.hikyaku.mail.IpLiteral;
import org.junit.jupiter.api.Test;

class RelayGrantsTest {
    private static final InetAddress ONE = InetAddress.ofLiteral("198.51.100.7");
    private static final InetAddress OTHER = InetAddress.ofLiteral("2001:db8::7");
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final RelayGrants grants = new RelayGrants();

    @Test
    void aGrantEndsByItself() {
        long now = Long.MAX_VALUE - MINUTE; // clocks run over
        assertThat(grants.grant(ONE, Duration.ofMinutes(30), now)).isTrue();
        assertThat(grants.holds(ONE, now + 30 * MINUTE - 1)).isTrue();
        assertThat(grants.holds(ONE, now + 30 * MINUTE)).isFalse();
        assertThat(grants.list(now + 30 * MINUTE)).isEmpty();
        assertThat(grants.holds(OTHER, now)).isFalse();
    }

    @Test
    void aGrantCanBeGivenAnewAndTakenBack() {
        grants.grant(ONE, Duration.ofMinutes(1), 0);
        grants.grant(OTHER, Duration.ofMinutes(1), 0);
        grants.grant(ONE, Duration.ofMinutes(5), 0);
        assertThat(grants.list(MINUTE / 2))
                .extracting(RelayGrants.Grant::address)
                .containsExactly(ONE, OTHER);
        assertThat(grants.holds(ONE, 2 * MINUTE)).isTrue();
        assertThat(grants.revoke(ONE, 2 * MINUTE)).isTrue();
        assertThat(grants.revoke(ONE, 2 * MINUTE)).isFalse();
        assertThat(grants.holds(ONE, 2 * MINUTE)).isFalse();
    }

    @Test
    void theListIsBoundedAndWhatIsOverMakesRoom() {
        for (int i = 0; i < 100_000; i++) {
            assertThat(grants.grant(
                            IpLiteral.ofBytes((byte) 10, (byte) (i >> 16), (byte) (i >> 8), (byte) i),
                            Duration.ofMinutes(1),
                            0))
                    .isTrue();
        }
        assertThat(grants.grant(ONE, Duration.ofMinutes(1), 0)).isFalse();
        assertThat(grants.grant(ONE, Duration.ofMinutes(1), MINUTE)).isTrue();
        assertThat(grants.list(MINUTE)).hasSize(1);
    }
}
