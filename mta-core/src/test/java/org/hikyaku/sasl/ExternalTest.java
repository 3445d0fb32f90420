package org.hikyaku.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ServerMechanism.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 4422 A. */
class ExternalTest {
    private static ExternalServer server(String... users) {
        return new ExternalServer(List.of(users), name -> name.toLowerCase(Locale.ROOT));
    }

    private static Step says(ExternalServer server, String identity) {
        return server.start(identity.getBytes(UTF_8));
    }

    @Test
    void theUserOfTheCertificateNeedsNoName() {
        assertThat(says(server("a@x"), "")).isEqualTo(new Step.Success("a@x"));
    }

    @Test
    void withoutAnInitialResponseTheChallengeIsEmpty() {
        ExternalServer server = server("a@x");
        assertThat(((Step.Challenge) server.start(null)).octets()).isEmpty();
        assertThat(server.next(new byte[0])).isEqualTo(new Step.Success("a@x"));
    }

    @Test
    void ofSeveralUsersOneIsToBeNamed() {
        assertThat(says(server("a@x", "b@x"), "B@x")).isEqualTo(new Step.Success("b@x"));
        assertThat(((Step.Failure) says(server("a@x", "b@x"), "")).malformed()).isFalse();
    }

    @Test
    void anotherUserIsRefused() {
        assertThat(((Step.Failure) says(server("a@x"), "b@x")).malformed()).isFalse();
        assertThat(says(server(), "")).isInstanceOf(Step.Failure.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0b", "\u0007", "\0"})
    void whatIsNoIdentityIsMalformed(String identity) {
        assertThat(((Step.Failure) says(server("a@x"), identity)).malformed()).isTrue();
    }

    @Test
    void oneAnswerIsAllThereIs() {
        ExternalServer server = server("a@x");
        says(server, "b@x");
        assertThat(server.next(new byte[0])).isInstanceOf(Step.Failure.class);
        assertThat(((Step.Failure) says(server("a@x"), "x".repeat(321))).malformed())
                .isTrue();
    }

    @Test
    void aClientThatShowedItsCertificateSaysWhomItActsAs() {
        TlsFacts shown = new TlsFacts("TLSv1.3", "", List.of(), true, new byte[] {1}, new byte[0]);
        ClientMechanism client = Mechanisms.clientWithCertificate(
                        List.of("PLAIN", "external"), "joe@here.example", shown)
                .orElseThrow();
        assertThat(client.name()).isEqualTo("EXTERNAL");
        assertThat(client.initial()).hasValue("joe@here.example".getBytes(UTF_8));
        assertThat(client.next(new byte[0])).isInstanceOf(ClientMechanism.Answer.Send.class);
        assertThat(client.next(new byte[0])).isInstanceOf(ClientMechanism.Answer.GiveUp.class);
        TlsFacts bare = new TlsFacts("TLSv1.3", "", List.of(), true);
        assertThat(Mechanisms.clientWithCertificate(List.of("EXTERNAL"), "joe@here.example", bare))
                .isEmpty();
        assertThat(Mechanisms.clientWithCertificate(List.of("PLAIN"), "joe@here.example", shown))
                .isEmpty();
    }
}
