package org.hikyaku.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ServerMechanism.Step;
import org.junit.jupiter.api.Test;

/** RFC 5802 6: a login that holds for one connection only. The bindings themselves are tried with both TLS engines. */
class ChannelBindingTest {
    private static final ChannelBindings HERE = exporting((byte) 1);
    private static final ChannelBindings ELSEWHERE = exporting((byte) 2);
    private static final ScramKeys KEYS =
            Scram.keys("pencil".getBytes(UTF_8), new byte[16], 4096).orElseThrow();

    private static ChannelBindings exporting(byte octet) {
        byte[] material = new byte[32];
        material[0] = octet;
        return ChannelBindings.ofClient(new TlsFacts("TLSv1.3", "", List.of(), true, new byte[0], material));
    }

    private static ScramServer server(boolean plus) {
        return new ScramServer(ScramDigest.SHA_256, plus, HERE, "server");
    }

    private static ScramClient bound(ChannelBindings bindings) {
        return ScramClient.bound(ScramDigest.SHA_256, bindings, "user", "pencil", "client");
    }

    /** What the server says to the proof of {@code client}. */
    private static Step afterProof(ScramServer server, ScramClient client) {
        assertThat(server.start(client.initial().orElseThrow())).isInstanceOf(Step.AskKeys.class);
        byte[] first = ((Step.Challenge) server.keys(KEYS)).octets();
        return server.next(((ClientMechanism.Answer.Send) client.next(first)).octets());
    }

    @Test
    void bothEndsOfOneConnectionAgree() {
        ScramClient client = bound(HERE);
        assertThat(client.name())
                .isEqualTo("SCRAM-SHA-256-PLUS")
                .isEqualTo(server(true).name());
        assertThat(new String(client.initial().orElseThrow(), UTF_8)).startsWith("p=tls-exporter,,n=user");
        assertThat(afterProof(server(true), client)).isInstanceOf(Step.Challenge.class);
    }

    @Test
    void aProofMadeForAnotherConnectionIsRefused() {
        assertThat(afterProof(server(true), bound(ELSEWHERE))).isInstanceOfSatisfying(Step.Failure.class, failure -> {
            assertThat(failure.malformed()).isFalse();
            assertThat(failure.why()).contains("channel binding data");
        });
    }

    private static Step.Failure refused(boolean plus, String first) {
        Step step = server(plus).start(first.getBytes(UTF_8));
        assertThat(step).isInstanceOf(Step.Failure.class);
        return (Step.Failure) step;
    }

    @Test
    void aClientThatDidNotSeeOurOfferIsRefused() {
        assertThat(refused(false, "y,,n=user,r=abc").why()).contains("did not reach");
    }

    @Test
    void aClientThatDoesWithoutIsTakenWithoutPlusOnly() {
        assertThat(server(false).start("n,,n=user,r=abc".getBytes(UTF_8))).isInstanceOf(Step.AskKeys.class);
        assertThat(refused(true, "n,,n=user,r=abc").malformed()).isFalse();
        assertThat(refused(true, "y,,n=user,r=abc").malformed()).isFalse();
    }

    @Test
    void aBindingThatTheConnectionDoesNotHaveIsRefused() {
        assertThat(refused(true, "p=tls-unique,,n=user,r=abc").why()).contains("tls-unique is not supported");
        assertThat(refused(false, "p=tls-exporter,,n=user,r=abc").malformed()).isFalse();
    }

    @Test
    void aClientThatCouldBindSaysSoWhereTheServerCannot() {
        byte[] random = new byte[Mechanisms.RANDOM_OCTETS];
        ClientMechanism could = Mechanisms.client(List.of("SCRAM-SHA-256"), "user", "pencil", random, HERE)
                .orElseThrow();
        assertThat(new String(could.initial().orElseThrow(), UTF_8)).startsWith("y,,");
        ScramServer unable = new ScramServer(ScramDigest.SHA_256, false, ChannelBindings.NONE, "server");
        assertThat(afterProof(unable, (ScramClient) could)).isInstanceOf(Step.Challenge.class);
    }

    @Test
    void whatIsNoCertificateBindsNothing() {
        assertThat(ChannelBindings.endPoint(new byte[] {1, 2, 3})).isEmpty();
        assertThat(ChannelBindings.endPoint(new byte[0])).isEmpty();
    }
}
