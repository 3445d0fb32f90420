package org.hikyaku.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ChannelBindings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 5929 4.1: with which hash a certificate is bound to. */
class EndPointTest {
    private static byte[] signed(KeyPair pair, String algorithm) throws Exception {
        X500Name name = new X500Name("CN=mx.example");
        Date now = Date.from(Instant.now());
        return new JcaX509v3CertificateBuilder(name, BigInteger.ONE, now, now, name, pair.getPublic())
                .build(new JcaContentSignerBuilder(algorithm)
                        .setProvider(new BouncyCastleProvider())
                        .build(pair.getPrivate()))
                .getEncoded();
    }

    private static Optional<byte[]> bound(byte[] certificate) {
        TlsFacts facts = new TlsFacts("TLSv1.3", "", List.of(), false, certificate, new byte[0]);
        return ChannelBindings.ofServer(facts).data(ChannelBindings.END_POINT);
    }

    @ParameterizedTest
    @CsvSource({
        "SHA256withRSA,SHA-256",
        "SHA384withRSA,SHA-384",
        "SHA512withRSA,SHA-512",
        "SHA1withRSA,SHA-256",
        "MD5withRSA,SHA-256",
        "SHA256withRSAandMGF1,SHA-256",
        "SHA384withRSAandMGF1,SHA-384"
    })
    void rsaByTheHashOfItsSignature(String algorithm, String hash) throws Exception {
        byte[] certificate = signed(TestAuthority.rsa(), algorithm);
        assertThat(bound(certificate)).hasValue(MessageDigest.getInstance(hash).digest(certificate));
    }

    @ParameterizedTest
    @CsvSource({"SHA1withECDSA,SHA-256", "SHA256withECDSA,SHA-256", "SHA384withECDSA,SHA-384"})
    void ecdsaByTheHashOfItsSignature(String algorithm, String hash) throws Exception {
        byte[] certificate = signed(TestAuthority.ec(), algorithm);
        assertThat(bound(certificate)).hasValue(MessageDigest.getInstance(hash).digest(certificate));
    }

    @Test
    void aSignatureWithoutOneHashIsNotBoundTo() throws Exception {
        assertThat(bound(signed(TestAuthority.ed25519(), "Ed25519"))).isEmpty();
    }
}
