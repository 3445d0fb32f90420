package org.hikyaku.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ChannelBindings;
import org.hikyaku.tls.CertificateNames;
import org.hikyaku.tls.Keys;
import org.hikyaku.tls.ServerKey;
import org.hikyaku.tls.TestAuthority;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Net;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** All of it by BoringSSL and by the JDK's engine. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class NettyTlsTest {
    private static final TlsNeed SERVER = new TlsNeed.Server("mx");
    private static final TlsNeed ANYONE = new TlsNeed.Client("mx.example", Optional.empty());
    private static final int MUCH = 3_000_000;

    @Parameter
    boolean nativeTls;

    private NetHouse house;

    @BeforeEach
    void open() {
        house = new NetHouse(NetHouse.settings(nativeTls));
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void theEngineIsTheOneAskedFor() {
        assertThat(OpenSsl.isAvailable()).isTrue();
        assertThat(house.events).contains(Event.TLS_ENGINE).doesNotContain(Event.TLS_ENGINE_FALLBACK);
    }

    @Test
    void aMissingBoringSslIsSaidAndTheJdkServes() {
        List<Event> said = new ArrayList<>();
        SslProvider provider =
                TlsEngines.provider(true, new UnsatisfiedLinkError("no library"), (event, values) -> said.add(event));
        assertThat(provider).isEqualTo(SslProvider.JDK);
        assertThat(said).containsExactly(Event.TLS_ENGINE_FALLBACK);
    }

    @Test
    void implicitTlsCarriesBothWaysAndTellsItsFacts() throws Exception {
        Ear server = talker();
        Ear client = dial(house.listen(server), ANYONE);
        TlsFacts facts = client.awaitSecured();
        assertThat(facts.version()).isEqualTo("TLSv1.3");
        assertThat(facts.cipher()).startsWith("TLS_").doesNotContain("-");
        assertThat(facts.verified()).isFalse();
        assertThat(facts.peerChain())
                .singleElement()
                .satisfies(der -> assertThat(certificate(der).getSubjectAlternativeNames())
                        .isNotEmpty());
        assertThat(client.awaitSealed(text -> text.endsWith("\r\n"))).isEqualTo("220 sealed\r\n");
        assertThat(server.awaitSecured().peerChain()).isEmpty();
        assertThat(client.<Boolean>onLoop(wire -> wire.tls().isPresent())).isTrue();
        client.doOnLoop(Wire::close);
        assertThat(server.awaitClosed()).isEmpty();
        assertThat(client.awaitClosed()).isEmpty();
    }

    /** RFC 5929 4, RFC 9266: both ends of a connection have the same, and another connection has another exporter. */
    @Test
    void bothEndsHaveTheSameToBindALoginTo() throws Exception {
        Ear server = talker();
        Net.Listener listener = house.listen(server);
        ChannelBindings client = ChannelBindings.ofClient(dial(listener, ANYONE).awaitSecured());
        ChannelBindings there = ChannelBindings.ofServer(server.awaitSecured());
        assertThat(there.data(ChannelBindings.END_POINT))
                .hasValueSatisfying(hash -> assertThat(hash)
                        .hasSize(32)
                        .isEqualTo(client.data(ChannelBindings.END_POINT).orElseThrow()));
        assertThat(there.data(ChannelBindings.EXPORTER).isPresent())
                .as("BoringSSL exports no keys here")
                .isEqualTo(!nativeTls);
        if (!nativeTls) {
            byte[] material = there.data(ChannelBindings.EXPORTER).orElseThrow();
            assertThat(material)
                    .hasSize(32)
                    .isEqualTo(client.data(ChannelBindings.EXPORTER).orElseThrow());
            ChannelBindings other =
                    ChannelBindings.ofClient(dial(listener, ANYONE).awaitSecured());
            assertThat(other.data(ChannelBindings.EXPORTER).orElseThrow()).isNotEqualTo(material);
        }
    }

    @Test
    void manyOctetsPassBothCloseAndPause() throws Exception {
        Ear server = talker();
        Ear client = dial(house.listen(server), ANYONE);
        client.awaitSecured();
        server.awaitSecured();
        server.doOnLoop(Wire::pauseReading);
        client.doOnLoop(wire -> {
            wire.write(new byte[MUCH], 0, MUCH);
            wire.close();
        });
        server.doOnLoop(Wire::resumeReading);
        assertThat(server.awaitClosed()).isEmpty();
        assertThat(server.sealedOctets()).isEqualTo(MUCH);
    }

    /** RFC 3207 4.2: what a man in the middle puts behind STARTTLS must not be taken for the client's. */
    @Test
    void whatWasPipelinedBehindStartTlsIsNeverReadAsIfUnderTls() throws Exception {
        Ear server = new Ear().onText((ear, text) -> {
            ear.say("220 go\r\n");
            ear.wire().startTls(SERVER);
        });
        Net.Listener listener = house.listen(server);
        Ear client = new Ear()
                .onOpened((ear, wire) -> ear.say("STARTTLS\r\nMAIL FROM:<evil@example>\r\n"))
                .onText((ear, text) -> ear.wire().startTls(ANYONE))
                .onSecured((ear, wire) -> ear.say("EHLO me\r\n"));
        house.connect(listener, client);
        client.awaitSecured();
        assertThat(server.awaitSealed(text -> text.endsWith("\r\n"))).isEqualTo("EHLO me\r\n");
        assertThat(server.told()).containsSubsequence("received", "secured", "received");
    }

    @Test
    void whatWasHeldByAPauseIsDroppedByStartTls() throws Exception {
        Ear server = new Ear();
        Net.Listener listener = house.listen(server);
        Ear client = house.connect(
                listener,
                new Ear()
                        .onText((ear, text) -> ear.wire().startTls(ANYONE))
                        .onSecured((ear, wire) -> ear.say("EHLO me\r\n")));
        server.doOnLoop(Wire::pauseReading);
        client.doOnLoop(wire -> client.say("MAIL FROM:<evil@example>\r\n"));
        // the octets are there once the loop of the server has been round after they were sent
        long end = System.nanoTime() + Duration.ofMillis(200).toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        server.doOnLoop(wire -> {
            server.say("220 go\r\n");
            wire.startTls(SERVER);
            wire.resumeReading();
        });
        assertThat(server.awaitSealed(text -> text.endsWith("\r\n"))).isEqualTo("EHLO me\r\n");
        assertThat(server.clear()).isEmpty();
    }

    @Test
    void aReplyInFrontOfTheHandshakeCannotBeReadAsIfUnderTlsByAClient() throws Exception {
        Ear server = new Ear().onText((ear, text) -> {
            ear.say("220 go\r\n250 AUTH=PLAIN injected\r\n");
            ear.wire().startTls(SERVER);
        });
        Ear client = new Ear()
                .onOpened((ear, wire) -> ear.say("STARTTLS\r\n"))
                .onText((ear, text) -> ear.wire().startTls(ANYONE));
        house.connect(house.listen(server), client);
        client.awaitSecured();
        assertThat(client.told()).containsSubsequence("received", "secured").doesNotHaveDuplicates();
    }

    @Test
    void whatIsWrittenDuringTheHandshakeLeavesUnderTls() throws Exception {
        Ear server = talker();
        Ear client = new Ear().onOpened((ear, wire) -> {
            wire.startTls(ANYONE);
            ear.say("EHLO early\r\n");
        });
        house.connect(house.listen(server), client);
        assertThat(server.awaitSealed(text -> text.endsWith("\r\n"))).isEqualTo("EHLO early\r\n");
        assertThat(server.clear()).isEmpty();
    }

    @Test
    void clearTextInsteadOfAHandshakeFailsTheWireAsTls() throws Exception {
        Ear server = talker();
        try (Socket peer = socket(house.listen(server))) {
            peer.getOutputStream().write("EHLO me\r\nMAIL FROM:<>\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(server.awaitClosed().map(WireFailure::kind)).contains(WireFailure.Kind.TLS);
            assertThat(server.told()).containsExactly("opened", "closed");
        }
    }

    @Test
    void aClientHearsThatTheServerSpeaksNoTls() throws Exception {
        Ear server = new Ear().onOpened((ear, wire) -> ear.say("220 clear text here\r\n"));
        Ear client = dial(house.listen(server), ANYONE);
        assertThat(client.awaitClosed().map(WireFailure::kind)).contains(WireFailure.Kind.TLS);
    }

    @Test
    void aHandshakeThatDoesNotMoveEndsInTime() throws Exception {
        house.close();
        house = new NetHouse(NetHouse.settings(nativeTls).withHandshakeLimit(Duration.ofMillis(300)));
        Ear server = talker();
        Net.Listener listener = house.listen(server);
        try (Socket silent = socket(listener)) {
            assertThat(silent.isConnected()).isTrue();
            assertThat(server.awaitClosed().map(WireFailure::kind)).contains(WireFailure.Kind.TLS);
        }
        Ear mute = new Ear();
        Ear client = dial(house.listen(mute), ANYONE);
        assertThat(client.awaitClosed()).get().satisfies(failure -> {
            assertThat(failure.kind()).isEqualTo(WireFailure.Kind.TLS);
            assertThat(failure.text()).contains("timed out");
        });
    }

    @Test
    void aPeerThatLeavesDuringTheHandshakeIsATlsFailure() throws Exception {
        Ear server = talker();
        Socket peer = socket(house.listen(server));
        server.awaitOpened();
        peer.close();
        assertThat(server.awaitClosed().map(WireFailure::kind)).contains(WireFailure.Kind.TLS);
    }

    @Test
    void aVerifiedClientTakesTheRightName() throws Exception {
        Ear client = dial(house.listen(talker()), verified("mx.example"));
        assertThat(client.awaitSecured().verified()).isTrue();
    }

    @Test
    void aVerifiedClientMayNameAnAddress() throws Exception {
        assertThat(dial(house.listen(talker()), verified("127.0.0.1"))
                        .awaitSecured()
                        .verified())
                .isTrue();
    }

    @Test
    void theNameThatIsCheckedNeedNotBeTheNameThatIsAsked() throws Exception {
        TlsNeed other = new TlsNeed.Client("mx.example", Optional.of("other.example"));
        assertFailure(dial(house.listen(talker()), other), "not for other.example but for [mx.example]");
    }

    @Test
    void aVerifiedClientRefusesAWrongName() throws Exception {
        Ear server = talker();
        assertFailure(dial(house.listen(server), verified("wrong.example")), "not for wrong.example");
        assertThat(server.awaitClosed().map(WireFailure::kind).orElse(WireFailure.Kind.TLS))
                .isIn(WireFailure.Kind.TLS, WireFailure.Kind.RESET);
    }

    @Test
    void aVerifiedClientRefusesAnExpiredCertificateAnOpportunisticOneTakesIt() throws Exception {
        KeyPair pair = TestAuthority.ec();
        house.serve(NetHouse.key(pair, house.authority.issueExpired(pair, "mx.example")));
        Net.Listener listener = house.net.listen(NetHouse.loopback(0), 4, wire -> talker());
        assertFailure(dial(listener, verified("mx.example")), "");
        assertThat(dial(listener, ANYONE).awaitSecured().verified()).isFalse();
    }

    @Test
    void aVerifiedClientRefusesAStrangersCertificateAnOpportunisticOneTakesIt() throws Exception {
        KeyPair pair = TestAuthority.ec();
        house.serve(NetHouse.key(pair, new TestAuthority().issue(pair, "mx.example")));
        Net.Listener listener = house.net.listen(NetHouse.loopback(0), 4, wire -> talker());
        assertFailure(dial(listener, verified("mx.example")), "");
        assertThat(dial(listener, ANYONE).awaitSecured().peerChain()).hasSize(1);
    }

    @Test
    void theKeyIsChosenByTheNameTheClientAsksAndReloadChangesNewHandshakes() throws Exception {
        ServerKey second = house.key("*.second.example");
        house.serve(house.key("mx.example"), second);
        Net.Listener listener = house.net.listen(NetHouse.loopback(0), 4, wire -> talker());
        Ear first = dial(listener, ANYONE);
        assertThat(names(first)).isEqualTo("mx.example");
        assertThat(names(dial(listener, verified("a.second.example")))).isEqualTo("*.second.example");
        house.serve(house.key("new.example"));
        assertThat(names(dial(listener, ANYONE))).isEqualTo("new.example");
        first.doOnLoop(wire -> first.say("NOOP\r\n"));
        assertThat(first.awaitSealed(text -> text.endsWith("echo NOOP\r\n"))).contains("220");
    }

    @Test
    void rsaAndEcKeysServe() throws Exception {
        for (KeyPair pair : List.of(TestAuthority.rsa(), TestAuthority.ec())) {
            house.serve(NetHouse.key(pair, house.authority.issue(pair, "mx.example")));
            assertThat(house.net.problem(house.keys.get())).isEmpty();
            assertThat(dial(house.listen(talker()), verified("mx.example"))
                            .awaitSecured()
                            .verified())
                    .isTrue();
        }
    }

    @Test
    void theLeastVersionIsKept() throws Exception {
        house.keys.set(new Keys(house.keys.get().all(), "TLSv1.3"));
        assertThat(dial(house.listen(talker()), ANYONE).awaitSecured().version())
                .isEqualTo("TLSv1.3");
    }

    @Test
    void aServerWithoutKeysFailsTheWire() throws Exception {
        house.serve();
        Ear server = talker();
        dial(house.listen(server), ANYONE).awaitClosed();
        assertThat(server.awaitClosed())
                .get()
                .satisfies(failure -> assertThat(failure.text()).contains("no certificate"));
    }

    /** PROXY protocol 2: who reads what stands before the handshake gives back what he read too far. */
    @Test
    void octetsReadTooEarlyBeginTheHandshake() throws Exception {
        String header = "PROXY TCP4 198.51.100.7 192.0.2.1 56324 465\r\n";
        Ear server = new Ear().onSecured((ear, wire) -> ear.say("220 sealed\r\n"));
        Net.Listener listener =
                house.net.listen(NetHouse.loopback(0), 1, wire -> new ReadsAhead(server, wire, header.length()));
        Ear client = house.connect(listener, new Ear().onOpened((ear, wire) -> {
                    ear.say(header);
                    wire.startTls(ANYONE);
                }));
        assertThat(client.awaitSecured().version()).isEqualTo("TLSv1.3");
        assertThat(client.awaitSealed(text -> text.endsWith("\r\n"))).isEqualTo("220 sealed\r\n");
        assertThat(server.clear()).isEmpty();
    }

    /** Takes octets in clear until some of the handshake are among them. */
    private static final class ReadsAhead implements WireHandler {
        private final Ear ear;
        private final Wire wire;
        private final int header;
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();
        private boolean securing;

        ReadsAhead(Ear ear, Wire wire, int header) {
            this.ear = ear;
            this.wire = wire;
            this.header = header;
        }

        @Override
        public void opened(Wire opened) {
            ear.opened(opened);
        }

        @Override
        public void received(byte[] octets, int offset, int length) {
            if (securing) {
                ear.received(octets, offset, length);
                return;
            }
            read.write(octets, offset, length);
            if (read.size() > header) {
                securing = true;
                wire.startTls(SERVER, Arrays.copyOfRange(read.toByteArray(), header, read.size()));
            }
        }

        @Override
        public void secured(TlsFacts facts) {
            ear.secured(facts);
        }

        @Override
        public void closed(@Nullable WireFailure cause) {
            ear.closed(cause);
        }
    }

    /** Speaks TLS from the first octet, greets, echoes. */
    private static Ear talker() {
        return new Ear()
                .onOpened((ear, wire) -> wire.startTls(SERVER))
                .onSecured((ear, wire) -> ear.say("220 sealed\r\n"))
                .onText((ear, text) -> {
                    if (text.length() < 100) {
                        ear.say("echo " + text);
                    }
                });
    }

    private Ear dial(Net.Listener listener, TlsNeed need) {
        return house.connect(listener, new Ear().onOpened((ear, wire) -> wire.startTls(need)));
    }

    private static TlsNeed verified(String name) {
        return new TlsNeed.Client(name, Optional.of(name));
    }

    private static void assertFailure(Ear client, String text) {
        assertThat(client.awaitClosed()).get().satisfies(failure -> {
            assertThat(failure.kind()).isEqualTo(WireFailure.Kind.TLS);
            assertThat(failure.text()).contains(text).doesNotContain("\n");
        });
        assertThat(client.told()).doesNotContain("secured");
    }

    private static String names(Ear client) throws Exception {
        return String.join(
                " ",
                CertificateNames.of(
                        certificate(client.awaitSecured().peerChain().getFirst())));
    }

    private static X509Certificate certificate(byte[] der) throws Exception {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private static Socket socket(Net.Listener listener) throws Exception {
        InetSocketAddress address = ((Endpoint.Tcp) listener.endpoint()).address();
        return new Socket(address.getAddress(), address.getPort());
    }
}
