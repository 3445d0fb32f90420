package org.hikyaku.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Entropy;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;

/**
 * The certificate of a server that was given none: self-signed, ECDSA P-256, for the host name. Other servers take it for
 * opportunistic TLS; mail programs warn of it.
 *
 * <p>Key and certificate are one file, so that no crash leaves one without the other: written beside, forced, renamed, the
 * directory forced. It is made again when it is missing, damaged, for another name, or near its end.
 *
 * <p><i>Failure:</i> {@link IOException} names the file.
 */
public final class FirstCertificate {
    private static final String DIRECTORY = "keys";
    private static final Duration VALID = Duration.ofDays(3650);
    private static final Duration RENEW_BEFORE = Duration.ofDays(30);
    private static final int FILE_MAX = 1 << 16;

    private final Disk disk;
    private final Clock clock;
    private final Entropy entropy;
    private final Events events;

    public FirstCertificate(Disk disk, Clock clock, Entropy entropy, Events events) {
        this.disk = disk;
        this.clock = clock;
        this.entropy = entropy;
        this.events = events;
    }

    /** Where it lies. */
    public static Path file(Path dataDir) {
        return dataDir.resolve(DIRECTORY).resolve("self-signed.pem");
    }

    /** Makes it if need be; returns its file. */
    public Path ensure(Path dataDir, String hostname) throws IOException {
        Path file = file(dataDir);
        if (!isGood(file, hostname)) {
            disk.makeDirectories(dataDir.resolve(DIRECTORY));
            disk.forceDirectory(dataDir);
            write(dataDir.resolve(DIRECTORY), file, pem(hostname));
            events.emit(Event.CERTIFICATE_MADE, file, hostname);
        }
        return file;
    }

    private boolean isGood(Path file, String hostname) throws IOException {
        if (!disk.exists(file)) {
            return false;
        }
        byte[] octets = disk.readAll(file, FILE_MAX);
        try {
            PemFile pem = PemFile.parse(octets);
            return pem.keys().size() == 1
                    && !pem.certificates().isEmpty()
                    && CertificateNames.hold(pem.certificates().getFirst(), hostname)
                    && pem.certificates()
                            .getFirst()
                            .getNotAfter()
                            .toInstant()
                            .isAfter(clock.now().plus(RENEW_BEFORE));
        } catch (IOException damaged) {
            return false; // it is ours alone: a new one takes its place
        }
    }

    private void write(Path directory, Path file, byte[] octets) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        if (disk.exists(fresh)) {
            disk.delete(fresh);
        }
        try (Disk.File out = disk.createSecret(fresh)) {
            out.write(0, ByteBuffer.wrap(octets));
            out.force();
        }
        disk.rename(fresh, file);
        disk.forceDirectory(directory);
    }

    private byte[] pem(String hostname) throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            StringWriter text = new StringWriter();
            try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
                writer.writeObject(new JcaPKCS8Generator(pair.getPrivate(), null));
                writer.writeObject(certificate(hostname, pair));
            }
            return text.toString().getBytes(StandardCharsets.US_ASCII);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("cannot make a certificate for " + hostname + ": " + e.getMessage(), e);
        }
    }

    private X509CertificateHolder certificate(String hostname, KeyPair pair)
            throws IOException, OperatorCreationException {
        Instant from = clock.now().minus(Duration.ofDays(1)); // for clocks that are behind
        byte[] serial = new byte[16];
        entropy.fill(serial);
        X500Name name = new X500NameBuilder(BCStyle.INSTANCE)
                // a common name has at most 64 letters (RFC 5280 A.1); the true name is the subjectAltName
                .addRDN(BCStyle.CN, hostname.length() <= 64 ? hostname : hostname.substring(0, 64))
                .build();
        return new JcaX509v3CertificateBuilder(
                        name,
                        new BigInteger(1, serial).add(BigInteger.ONE),
                        Date.from(from),
                        Date.from(from.plus(VALID)),
                        name,
                        pair.getPublic())
                .addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, hostname)))
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
    }
}
