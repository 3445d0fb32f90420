package org.hikyaku.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.hikyaku.smtp.Reply;
import org.junit.jupiter.api.Test;

/** RFC 9422. */
class PeerLimitsTest {
    private static PeerLimits of(String line) {
        return ServerOffer.read(new Reply(250, "", List.of("mx.example", line))).limits();
    }

    @Test
    void whatAServerSaysIsRead() {
        assertThat(of("LIMITS RCPTMAX=10 MAILMAX=20 RCPTDOMAINMAX=1")).isEqualTo(new PeerLimits(10, 20, 1));
        assertThat(of("limits mailmax=1")).isEqualTo(new PeerLimits(Integer.MAX_VALUE, 1, Integer.MAX_VALUE));
    }

    @Test
    void whatIsNotKnownOrCannotBeReadIsNotThere() {
        assertThat(of("LIMITS RCPTMAX=0 MAILMAX=01 RCPTDOMAINMAX=-1 FOO=3 =4 5"))
                .isEqualTo(PeerLimits.NONE);
        assertThat(of("LIMITS RCPTMAX=1000000 MAILMAX=x RCPTDOMAINMAX")).isEqualTo(PeerLimits.NONE);
        assertThat(of("LIMITS")).isEqualTo(PeerLimits.NONE);
    }
}
