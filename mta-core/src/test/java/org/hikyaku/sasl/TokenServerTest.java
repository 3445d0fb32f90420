package org.hikyaku.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.hikyaku.sasl.ServerMechanism.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7628 3, and XOAUTH2. */
class TokenServerTest {
    private static final String MESSAGE = "n,a=user@example.com,\u0001host=server.example.com\u0001port=587\u0001"
            + "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\u0001\u0001";
    private static final String TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";

    private static Step said(boolean bearer, String text) {
        return new TokenServer(bearer).start(text.getBytes(UTF_8));
    }

    @Test
    void theTokenIsTakenOutAndAsked() {
        TokenServer server = new TokenServer(true);
        assertThat(((Step.Challenge) server.start(null)).octets()).isEmpty();
        assertThat(server.next(MESSAGE.getBytes(UTF_8))).isEqualTo(new Step.AskToken("user@example.com", TOKEN));
        assertThat(server.token(Optional.of("user@example.com"), "")).isEqualTo(new Step.Success("user@example.com"));
    }

    @Test
    void theUserMayBeLeftToTheToken() {
        assertThat(said(true, "n,,\u0001auth=bearer abc\u0001\u0001")).isEqualTo(new Step.AskToken("", "abc"));
    }

    @Test
    void aRefusalIsExplainedAndFailsOnceItIsAcknowledged() { // RFC 7628 3.2.2, 3.2.3
        TokenServer server = new TokenServer(true);
        server.start(MESSAGE.getBytes(UTF_8));
        Step explained = server.token(Optional.empty(), "mail\"\n");
        assertThat(new String(((Step.Challenge) explained).octets(), UTF_8))
                .isEqualTo("{\"status\":\"invalid_token\",\"scope\":\"mail\"}");
        assertThat(((Step.Failure) server.next(new byte[] {1})).malformed()).isFalse();
        assertThat(((Step.Failure) server.next(new byte[] {1})).malformed()).isTrue();
    }

    @Test
    void xoauth2HasItsOwnForm() {
        assertThat(said(false, "user=a@x.example\u0001auth=Bearer abc\u0001\u0001"))
                .isEqualTo(new Step.AskToken("a@x.example", "abc"));
        assertThat(said(false, MESSAGE)).isInstanceOf(Step.Failure.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n,,",
                "n,,\u0001\u0001",
                "n,,\u0001auth=Basic abc\u0001\u0001",
                "n,,\u0001auth=Bearer a b\u0001\u0001",
                "n,,\u0001auth=Bearer\u0001\u0001",
                "n,,\u0001=x\u0001auth=Bearer abc\u0001\u0001",
                "p=tls-exporter,,\u0001auth=Bearer abc\u0001\u0001",
                "n,b=x,\u0001auth=Bearer abc\u0001\u0001",
                "n,,\u0001auth=Bearer abc\u0001"
            })
    void whatIsNotOfTheFormIsMalformed(String message) {
        assertThat(((Step.Failure) said(true, message)).malformed()).isTrue();
    }

    @Test
    void bothSidesOfOursAgree() {
        ClientMechanism client = TokenClient.bearer("a=b,c@x.example", "abc", "h.example", 587);
        TokenServer server = new TokenServer(true);
        assertThat(server.start(client.initial().orElseThrow())).isEqualTo(new Step.AskToken("a=b,c@x.example", "abc"));
        byte[] why = ((Step.Challenge) server.token(Optional.empty(), "")).octets();
        byte[] dummy = ((ClientMechanism.Answer.Send) client.next(why)).octets();
        assertThat(server.next(dummy)).isInstanceOf(Step.Failure.class);
    }
}
