package org.hikyaku.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/**
 * What a PEM file holds: certificates in their order, and private keys in the forms PKCS#8, PKCS#1 and SEC1. Other
 * blocks (EC parameters, DH parameters, comments) are passed over.
 *
 * <p><i>Failure:</i> {@link IOException} says in one phrase what is wrong with the contents; the caller knows the file.
 */
record PemFile(List<X509Certificate> certificates, List<PrivateKey> keys) {
    static PemFile parse(byte[] octets) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        List<PrivateKey> keys = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(new String(octets, StandardCharsets.ISO_8859_1)))) {
            for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
                take(block, certificates, keys);
            }
        } catch (RuntimeException | CertificateException | PEMException e) {
            throw new IOException("a PEM block cannot be read: " + e.getMessage(), e);
        }
        return new PemFile(List.copyOf(certificates), List.copyOf(keys));
    }

    private static void take(Object block, List<X509Certificate> certificates, List<PrivateKey> keys)
            throws IOException, CertificateException {
        switch (block) {
            case X509CertificateHolder holder -> certificates.add(certificate(holder));
            case PEMKeyPair pair -> keys.add(new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo()));
            case PrivateKeyInfo info -> keys.add(new JcaPEMKeyConverter().getPrivateKey(info));
            case PEMEncryptedKeyPair sealed -> throw encrypted();
            case PKCS8EncryptedPrivateKeyInfo sealed -> throw encrypted();
            default -> {}
        }
    }

    private static IOException encrypted() {
        return new IOException("the private key is encrypted with a passphrase; store it without one");
    }

    private static X509Certificate certificate(X509CertificateHolder holder) throws IOException, CertificateException {
        ByteArrayInputStream der = new ByteArrayInputStream(holder.getEncoded());
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(der);
    }
}
