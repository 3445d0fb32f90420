package org.hikyaku.tls;

import java.io.StringWriter;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** A certificate authority of a test. */
public final class TestAuthority {
    private static final X500Name ISSUER = new X500Name("CN=Test Authority");

    private final KeyPair pair = ec();
    private final X509Certificate root = sign(ISSUER, pair, List.of(), Instant.now(), true);

    /** Its own certificate. */
    public X509Certificate root() {
        return root;
    }

    /** A certificate for a key and names: host names, mail addresses with an @, IP addresses without a letter. */
    public X509Certificate issue(KeyPair holder, String... names) {
        return sign(new X500Name("CN=leaf"), holder, List.of(names), Instant.now(), false);
    }

    /** One that ran out yesterday. */
    public X509Certificate issueExpired(KeyPair holder, String... names) {
        return sign(
                new X500Name("CN=leaf"), holder, List.of(names), Instant.now().minus(Duration.ofDays(101)), false);
    }

    /** One that begins next week. */
    public X509Certificate issueFuture(KeyPair holder, String... names) {
        return sign(
                new X500Name("CN=leaf"), holder, List.of(names), Instant.now().plus(Duration.ofDays(8)), false);
    }

    public static KeyPair ec() {
        return generate("EC");
    }

    public static KeyPair rsa() {
        return generate("RSA");
    }

    public static KeyPair ed25519() {
        return generate("Ed25519");
    }

    /** PEM of certificates, keys, or whatever Bouncy Castle writes. */
    public static String pem(Object... things) {
        try {
            StringWriter text = new StringWriter();
            try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
                for (Object thing : things) {
                    writer.writeObject(thing);
                }
            }
            return text.toString();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A private key as PKCS#8. */
    public static String pkcs8(KeyPair pair) {
        try {
            return pem(new JcaPKCS8Generator(pair.getPrivate(), null));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A P-256 key as OpenSSL writes it by itself. */
    public static String sec1(KeyPair pair) {
        try {
            BigInteger secret = ((ECPrivateKey) pair.getPrivate()).getS();
            return pem(new PemObject(
                    "EC PRIVATE KEY",
                    new org.bouncycastle.asn1.sec.ECPrivateKey(256, secret, SECObjectIdentifiers.secp256r1)
                            .getEncoded()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair generate(String algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (algorithm.equals("EC")) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            } else if (algorithm.equals("RSA")) {
                generator.initialize(1024);
            }
            return generator.generateKeyPair();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private X509Certificate sign(X500Name subject, KeyPair holder, List<String> names, Instant at, boolean authority) {
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    ISSUER,
                    BigInteger.valueOf(System.nanoTime()),
                    Date.from(at.minus(Duration.ofDays(1))),
                    Date.from(at.plus(Duration.ofDays(100))),
                    subject,
                    holder.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (!names.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(names.stream().map(TestAuthority::name).toArray(GeneralName[]::new)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static GeneralName name(String name) {
        if (name.contains("@")) {
            return new GeneralName(GeneralName.rfc822Name, name);
        }
        boolean address = name.chars().noneMatch(Character::isLetter);
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
    }
}
