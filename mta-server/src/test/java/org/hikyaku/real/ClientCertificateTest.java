package org.hikyaku.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.hikyaku.check.LoginMechanisms;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ServerMechanism;
import org.hikyaku.table.Users;
import org.hikyaku.tls.Keys;
import org.hikyaku.tls.TestAuthority;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Net;
import org.hikyaku.world.TlsNeed;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A client's certificate, from the handshake to AUTH EXTERNAL (RFC 4422 A), by BoringSSL and by the JDK's engine. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class ClientCertificateTest {
    private static final KeyPair PAIR = TestAuthority.ec();
    private static final TestAuthority STRANGE = new TestAuthority();

    @Parameter
    boolean nativeTls;

    @TempDir
    Path folder;

    private NetHouse house;

    @BeforeEach
    void open() {
        house = new NetHouse(NetHouse.settings(nativeTls));
        house.keys.set(new Keys(house.keys.get().all(), "TLSv1.2", List.of(house.authority.root())));
    }

    @AfterEach
    void close() {
        house.close();
    }

    /** What the server knows of a client that shows {@code chain}, if it is asked and has one. */
    private TlsFacts seen(boolean asked, Optional<X509Certificate> shown, String version) throws Exception {
        Ear server = new Ear()
                .onOpened((ear, wire) -> wire.startTls(new TlsNeed.Server("submission", asked)))
                .onSecured((ear, wire) -> ear.say("220 sealed\r\n"));
        Net.Listener listener = house.listen(server);
        InetSocketAddress address = ((Endpoint.Tcp) listener.endpoint()).address();
        try (SSLSocket socket = (SSLSocket) context(shown).getSocketFactory().createSocket()) {
            socket.setSoTimeout(10_000);
            socket.connect(address);
            socket.setEnabledProtocols(new String[] {version});
            socket.startHandshake();
            assertThat(socket.getInputStream().read()).isEqualTo('2');
            return server.awaitSecured();
        }
    }

    private static SSLContext context(Optional<X509Certificate> shown) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        if (shown.isPresent()) {
            store.setKeyEntry("own", PAIR.getPrivate(), new char[0], new Certificate[] {shown.get()});
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] {new Anyone()}, null);
        return context;
    }

    private Optional<X509Certificate> issued(String... names) {
        return Optional.of(house.authority.issue(PAIR, names));
    }

    @Test
    void aCertificateOfOurAuthorityIsFoundToHold() throws Exception {
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            TlsFacts facts = seen(true, issued("anna@here.example"), version);
            assertThat(facts.peerChain()).hasSize(1);
            assertThat(facts.verified()).isTrue();
        }
    }

    @Test
    void aStrangersOrExpiredOneIsToldAndDoesNotHold() throws Exception {
        X509Certificate expired = house.authority.issueExpired(PAIR, "anna@here.example");
        TlsFacts facts = seen(true, Optional.of(expired), "TLSv1.3");
        assertThat(facts.peerChain()).hasSize(1);
        assertThat(facts.verified()).isFalse();
        // one that our authority's name was put on by another
        assertThat(seen(true, Optional.of(STRANGE.issue(PAIR, "anna@here.example")), "TLSv1.3")
                        .verified())
                .isFalse();
    }

    @Test
    void aClientWithoutOneIsServedAndNobodyElseIsAsked() throws Exception {
        assertThat(seen(true, Optional.empty(), "TLSv1.3").verified()).isFalse();
        TlsFacts unasked = seen(false, issued("anna@here.example"), "TLSv1.3");
        assertThat(unasked.peerChain()).isEmpty();
        assertThat(unasked.verified()).isFalse();
    }

    /** Our own, as a client: its first key is shown to a server that has proved its name and asks. */
    @Test
    void ourCertificateIsShownWhereItIsToBeAndNowhereElse() throws Exception {
        Optional<String> proved = Optional.of("mx.example");
        TlsFacts shown = asClient(new TlsNeed.Client("mx.example", proved, true));
        assertThat(shown.peerChain()).hasSize(1);
        assertThat(shown.verified()).isTrue();
        assertThat(asClient(new TlsNeed.Client("mx.example", proved)).peerChain())
                .isEmpty();
        assertThat(asClient(new TlsNeed.Client("mx.example", Optional.empty(), true))
                        .peerChain())
                .isEmpty();
    }

    private TlsFacts asClient(TlsNeed.Client need) throws Exception {
        Ear server = new Ear().onOpened((ear, wire) -> wire.startTls(new TlsNeed.Server("submission", true)));
        Ear client = new Ear().onOpened((ear, wire) -> wire.startTls(need));
        house.connect(house.listen(server), client);
        client.awaitSecured();
        return server.awaitSecured();
    }

    private LoginMechanisms logins(String settings) throws Exception {
        String keys = ":{BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";
        Path file = folder.resolve("users");
        Files.writeString(file, "anna@here.example" + keys + "leaf@here.example" + keys);
        Config config = ConfigReader.fromText("hostname=mx.example.org\nlocal.domains=[here.example]\n"
                + "local.postmaster=\"anna@here.example\"\nauth.users=\"" + file + "\"\n" + settings);
        Users users = Users.load(new RealDisk(), file).users();
        return new LoginMechanisms(() -> config, () -> users, new RealEntropy());
    }

    private static ServerMechanism.Step login(LoginMechanisms logins, TlsFacts facts, String identity) {
        return logins.begin("EXTERNAL", facts).orElseThrow().start(identity.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void itsAddressLogsItsUserIn() throws Exception {
        TlsFacts facts = seen(true, issued("elsewhere@other.example", "Anna@Here.example"), "TLSv1.3");
        LoginMechanisms logins = logins("");
        assertThat(logins.offered(facts)).containsExactly("EXTERNAL", "PLAIN", "LOGIN");
        assertThat(login(logins, facts, "")).isEqualTo(new ServerMechanism.Step.Success("anna@here.example"));
        assertThat(login(logins, facts, "anna")).isEqualTo(new ServerMechanism.Step.Success("anna@here.example"));
        assertThat(login(logins, facts, "leaf@here.example")).isInstanceOf(ServerMechanism.Step.Failure.class);
    }

    @Test
    void onlyTheKindsOfNamesThatAreChosenCount() throws Exception {
        TlsFacts facts = seen(true, issued("mx.example"), "TLSv1.3");
        assertThat(logins("").offered(facts)).doesNotContain("EXTERNAL");
        LoginMechanisms byName = logins("auth.certificate_names=[email, common_name]");
        assertThat(login(byName, facts, "")).isEqualTo(new ServerMechanism.Step.Success("leaf@here.example"));
    }

    @Test
    void whatDoesNotHoldIsNotOfferedExternal() throws Exception {
        TlsFacts facts = seen(true, Optional.of(STRANGE.issue(PAIR, "anna@here.example")), "TLSv1.3");
        assertThat(logins("").offered(facts)).doesNotContain("EXTERNAL");
        assertThat(logins("").begin("EXTERNAL", facts)).isEmpty();
    }

    /** Looks at no certificate of the server's. */
    private static final class Anyone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            assertThat(chain).isNotEmpty();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
