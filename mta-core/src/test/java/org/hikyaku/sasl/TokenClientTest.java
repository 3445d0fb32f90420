package org.hikyaku.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.hikyaku.sasl.ClientMechanism.Answer;
import org.junit.jupiter.api.Test;

/** RFC 7628, and XOAUTH2. */
class TokenClientTest {
    private static final byte[] REFUSED = "{\"status\":\"invalid_token\"}".getBytes(UTF_8);

    private static ClientMechanism client(String... offered) {
        return Mechanisms.clientWithToken(List.of(offered), "user@example.com", "vF9dft4qmT", "server.example.com", 143)
                .orElseThrow();
    }

    private static String sent(Answer answer) {
        return new String(((Answer.Send) answer).octets(), UTF_8);
    }

    @Test
    void theMessageOfRfc7628Section4Point1() {
        assertThat(new String(client("XOAUTH2", "OAUTHBEARER").initial().orElseThrow(), UTF_8))
                .isEqualTo("n,a=user@example.com,\u0001host=server.example.com\u0001port=143\u0001"
                        + "auth=Bearer vF9dft4qmT\u0001\u0001");
    }

    @Test
    void xoauth2WhereNothingBetterIsOffered() {
        ClientMechanism client = client("PLAIN", "xoauth2");
        assertThat(client.name()).isEqualTo("XOAUTH2");
        assertThat(new String(client.initial().orElseThrow(), UTF_8))
                .isEqualTo("user=user@example.com\u0001auth=Bearer vF9dft4qmT\u0001\u0001");
    }

    @Test
    void aRefusalIsAcknowledgedOnce() { // RFC 7628 3.2.3
        ClientMechanism bearer = client("OAUTHBEARER");
        bearer.initial();
        assertThat(sent(bearer.next(REFUSED))).isEqualTo("\u0001");
        assertThat(bearer.doubt()).isPresent();
        assertThat(bearer.next(REFUSED)).isInstanceOf(Answer.GiveUp.class);
        assertThat(sent(client("XOAUTH2").next(REFUSED))).isEmpty();
    }

    @Test
    void aTokenIsShownByNoOtherMechanism() {
        assertThat(Mechanisms.clientWithToken(List.of("PLAIN", "LOGIN", "SCRAM-SHA-256"), "u", "t", "h", 25))
                .isEmpty();
        assertThat(client("OAUTHBEARER").doubt()).isEmpty();
    }

    @Test
    void theMessageIsSaidAgainToAServerThatAsksForIt() {
        ClientMechanism client = client("OAUTHBEARER");
        String first = new String(client.initial().orElseThrow(), UTF_8);
        assertThat(sent(client.next(new byte[0]))).isEqualTo(first);
    }
}
