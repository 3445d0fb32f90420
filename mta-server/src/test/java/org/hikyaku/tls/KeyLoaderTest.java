package org.hikyaku.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.hikyaku.config.Config;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyLoaderTest {
    private static final Clock CLOCK = new Clock() {
        @Override
        public Instant now() {
            return Instant.now();
        }

        @Override
        public long nanos() {
            return System.nanoTime();
        }
    };

    private final TestAuthority authority = new TestAuthority();

    @TempDir
    Path folder;

    @Test
    void anEcKeyIsReadAsSec1AndAsPkcs8() throws Exception {
        KeyPair pair = TestAuthority.ec();
        String certificate = TestAuthority.pem(authority.issue(pair, "mx.example"));
        assertThat(load(certificate, TestAuthority.sec1(pair)).problems()).isEmpty();
        assertThat(load(certificate, pkcs8(pair)).problems()).isEmpty();
        // as `openssl ecparam -genkey` writes it
        String parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
        assertThat(load(certificate, parameters + TestAuthority.sec1(pair)).problems())
                .isEmpty();
    }

    @Test
    void anRsaKeyIsReadAsPkcs1AndAsPkcs8() throws Exception {
        KeyPair pair = TestAuthority.rsa();
        String certificate = TestAuthority.pem(authority.issue(pair, "mx.example"));
        assertThat(TestAuthority.pem(pair)).contains("BEGIN RSA PRIVATE KEY");
        assertThat(load(certificate, TestAuthority.pem(pair)).problems()).isEmpty();
        assertThat(load(certificate, pkcs8(pair)).problems()).isEmpty();
    }

    @Test
    void anEd25519KeyIsRead() throws Exception {
        KeyPair pair = TestAuthority.ed25519();
        assertThat(load(TestAuthority.pem(authority.issue(pair, "mx.example")), pkcs8(pair))
                        .problems())
                .isEmpty();
    }

    @Test
    void theWholeChainIsKeptInItsOrder() throws Exception {
        KeyPair pair = TestAuthority.ec();
        KeyLoader.Loaded loaded =
                load(TestAuthority.pem(authority.issue(pair, "mx.example"), authority.root()), pkcs8(pair));
        assertThat(loaded.keys().all()).singleElement().satisfies(key -> {
            assertThat(key.chain()).hasSize(2);
            assertThat(key.names()).containsExactly("mx.example");
        });
    }

    @Test
    void aKeyOfAnotherCertificateIsRefusedByName() throws Exception {
        String certificate = TestAuthority.pem(authority.issue(TestAuthority.ec(), "mx.example"));
        assertThat(load(certificate, pkcs8(TestAuthority.ec())).problems())
                .singleElement()
                .asString()
                .startsWith(folder.resolve("cert.pem") + ": the certificate does not belong to the key");
        assertThat(load(certificate, pkcs8(TestAuthority.rsa())).problems()).hasSize(1);
    }

    @Test
    void aChainInTheWrongOrderIsToldSo() throws Exception {
        KeyPair pair = TestAuthority.ec();
        String upsideDown = TestAuthority.pem(authority.root(), authority.issue(pair, "mx.example"));
        assertThat(load(upsideDown, pkcs8(pair)).problems())
                .singleElement()
                .asString()
                .contains("must be the first in the file");
    }

    @Test
    void anEncryptedKeyIsToldSo() throws Exception {
        KeyPair pair = TestAuthority.ec();
        String sealed = TestAuthority.pem(new JcaPKCS8Generator(
                pair.getPrivate(),
                new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                        .setProvider(new BouncyCastleProvider())
                        .setPassword("secret".toCharArray())
                        .build()));
        assertThat(load(TestAuthority.pem(authority.issue(pair, "mx.example")), sealed)
                        .problems())
                .singleElement()
                .asString()
                .contains("key.pem: the private key is encrypted");
    }

    @Test
    void authoritiesForClientsAreReadAndMustBeSome() throws Exception {
        KeyPair pair = TestAuthority.ec();
        Path own = folder.resolve("own.pem");
        Files.writeString(own, TestAuthority.pem(authority.issue(pair, "mx.example")) + TestAuthority.pkcs8(pair));
        Path roots = folder.resolve("roots.pem");
        Files.writeString(roots, TestAuthority.pem(authority.root()));
        assertThat(withAuthorities(own, roots).keys().clientAuthorities()).containsExactly(authority.root());
        assertThat(withAuthorities(own, own).problems())
                .singleElement()
                .asString()
                .contains("no authority");
        Files.writeString(roots, "");
        assertThat(withAuthorities(own, roots).problems())
                .containsExactly(roots + ": no certificate in it (PEM, BEGIN CERTIFICATE)");
    }

    private static KeyLoader.Loaded withAuthorities(Path own, Path roots) {
        Config.Tls tls =
                new Config.Tls(Optional.of(own), Optional.of(own), List.of(), Optional.of(roots), "TLSv1.2", true);
        return new KeyLoader(new FolderDisk(), CLOCK).load(tls, own);
    }

    @Test
    void everyProblemIsToldAtOnce() throws Exception {
        Files.writeString(folder.resolve("empty.pem"), "nothing here\n");
        Files.writeString(folder.resolve("torn.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        Path missing = folder.resolve("missing.pem");
        Config.Tls tls = new Config.Tls(
                Optional.of(missing),
                Optional.of(folder.resolve("empty.pem")),
                List.of(new Config.KeyPairFiles(folder.resolve("torn.pem"), folder.resolve("empty.pem"))),
                Optional.empty(),
                "TLSv1.2",
                true);
        List<String> problems =
                new KeyLoader(new FolderDisk(), CLOCK).load(tls, missing).problems();
        assertThat(problems).hasSize(4);
        assertThat(problems.get(0)).isEqualTo(missing + ": no such file");
        assertThat(problems.get(1)).contains("empty.pem: no private key");
        assertThat(problems.get(2)).contains("torn.pem: a PEM block cannot be read");
        assertThat(problems.get(3)).contains("empty.pem: no private key");
    }

    @Test
    void certificateWithoutKeyIsAProblem() {
        Config.Tls tls =
                new Config.Tls(Optional.of(folder), Optional.empty(), List.of(), Optional.empty(), "TLSv1.2", true);
        assertThat(new KeyLoader(new FolderDisk(), CLOCK).load(tls, folder).problems())
                .containsExactly("tls: certificate and key must be set together, or neither");
    }

    @Test
    void aCertificateThatIsNotYetValidIsRefusedAndAnExpiredOneIsWarnedOf() throws Exception {
        KeyPair pair = TestAuthority.ec();
        assertThat(load(TestAuthority.pem(authority.issueFuture(pair, "mx.example")), pkcs8(pair))
                        .problems())
                .singleElement()
                .asString()
                .contains("not valid before");
        KeyLoader.Loaded expired = load(TestAuthority.pem(authority.issueExpired(pair, "mx.example")), pkcs8(pair));
        assertThat(expired.problems()).isEmpty();
        List<Event> said = new ArrayList<>();
        expired.report((event, values) -> said.add(event), CLOCK);
        assertThat(said).containsExactly(Event.CERTIFICATE_LOADED, Event.CERTIFICATE_EXPIRING);
    }

    @Test
    void theKeyIsChosenByNameThenWildcardThenFirst() {
        ServerKey first = key("mx.example", "mail.example");
        ServerKey wild = key("*.other.example");
        ServerKey exact = key("smtp.other.example");
        Keys keys = new Keys(List.of(first, wild, exact), "TLSv1.2");
        assertThat(keys.choose(null)).contains(first);
        assertThat(keys.choose("nowhere.example")).contains(first);
        assertThat(keys.choose("MAIL.example")).contains(first);
        assertThat(keys.choose("a.other.example")).contains(wild);
        assertThat(keys.choose("smtp.other.example.")).contains(exact);
        assertThat(keys.choose("a.b.other.example")).contains(first);
        assertThat(Keys.none("TLSv1.2").choose("mx.example")).isEmpty();
    }

    @Test
    void aWildcardStandsForOneLabelOnly() {
        assertThat(CertificateNames.hold(key("*.example.org").leaf(), "a.example.org"))
                .isTrue();
        assertThat(CertificateNames.hold(key("*.example.org").leaf(), "a.b.example.org"))
                .isFalse();
        assertThat(CertificateNames.hold(key("*.example.org").leaf(), "example.org"))
                .isFalse();
        assertThat(CertificateNames.hold(key("*.org").leaf(), "example.org")).isFalse();
        assertThat(CertificateNames.hold(key("192.0.2.1").leaf(), "192.0.2.1")).isTrue();
        assertThat(CertificateNames.hold(key("192.0.2.1").leaf(), "192.0.2.2")).isFalse();
    }

    private ServerKey key(String... names) {
        KeyPair pair = TestAuthority.ec();
        return new ServerKey(folder, pair.getPrivate(), List.of(authority.issue(pair, names)));
    }

    private KeyLoader.Loaded load(String certificate, String key) throws IOException {
        Path certificateFile = Files.writeString(folder.resolve("cert.pem"), certificate);
        Path keyFile = Files.writeString(folder.resolve("key.pem"), key);
        Config.Tls tls = new Config.Tls(
                Optional.of(certificateFile), Optional.of(keyFile), List.of(), Optional.empty(), "TLSv1.2", true);
        return new KeyLoader(new FolderDisk(), CLOCK).load(tls, folder);
    }

    private static String pkcs8(KeyPair pair) {
        return TestAuthority.pkcs8(pair);
    }
}
