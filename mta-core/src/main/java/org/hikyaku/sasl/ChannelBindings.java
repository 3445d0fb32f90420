package org.hikyaku.sasl;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import org.hikyaku.mail.TlsFacts;

/**
 * What ties a login to the one TLS connection that it is sent through (RFC 5056), so that nobody in the middle can pass it
 * on: {@code tls-exporter} (RFC 9266) where the engine exports keys, under TLS 1.3 alone, where every connection has keys of
 * its own; {@code tls-server-end-point} (RFC 5929 4), the hash of the server's certificate, with every engine. Best first.
 *
 * <p><i>Failure:</i> a certificate whose signature has no one hash function (Ed25519), or that cannot be read, gives no
 * end-point binding, RFC 5929 4.1: it is undefined then.
 */
public final class ChannelBindings {
    /** RFC 9266. */
    public static final String EXPORTER = "tls-exporter";
    /** RFC 5929 4. */
    public static final String END_POINT = "tls-server-end-point";

    /** Of a connection in clear, or of a side that does without. */
    public static final ChannelBindings NONE = new ChannelBindings(new LinkedHashMap<>());

    private final SequencedMap<String, byte[]> data;

    private ChannelBindings(SequencedMap<String, byte[]> data) {
        this.data = Collections.unmodifiableSequencedMap(data);
    }

    /** As the server of {@code tls} sees it. */
    public static ChannelBindings ofServer(TlsFacts tls) {
        return of(tls.exporter(), tls.ownCertificate());
    }

    /** As the client of {@code tls} sees it. */
    public static ChannelBindings ofClient(TlsFacts tls) {
        List<byte[]> chain = tls.peerChain();
        return of(tls.exporter(), chain.isEmpty() ? new byte[0] : chain.getFirst());
    }

    private static ChannelBindings of(byte[] exporter, byte[] serverCertificate) {
        SequencedMap<String, byte[]> found = new LinkedHashMap<>();
        if (exporter.length > 0) {
            found.put(EXPORTER, exporter.clone());
        }
        endPoint(serverCertificate).ifPresent(hash -> found.put(END_POINT, hash));
        return new ChannelBindings(found);
    }

    public boolean isEmpty() {
        return data.isEmpty();
    }

    /** The best that this connection has. */
    Optional<String> best() {
        return data.keySet().stream().findFirst();
    }

    /** The data of a binding by its registered name (RFC 5056 7); empty when this connection has none such. */
    public Optional<byte[]> data(String type) {
        return Optional.ofNullable(data.get(type));
    }

    /** RFC 5929 4.1: the hash function of the certificate's signature, SHA-256 in the place of MD5 and SHA-1. */
    static Optional<byte[]> endPoint(byte[] der) {
        if (der.length == 0) {
            return Optional.empty();
        }
        try {
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            Optional<String> hash = hashOf(certificate);
            return hash.isEmpty()
                    ? Optional.empty()
                    : Optional.of(MessageDigest.getInstance(hash.get()).digest(der));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> hashOf(X509Certificate certificate) throws GeneralSecurityException {
        String name = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        if (name.equals("RSASSA-PSS")) {
            return hashOfPss(certificate);
        }
        int with = name.indexOf("WITH");
        return switch (with < 0 ? "" : name.substring(0, with).replace("-", "")) {
            case "MD5", "SHA1", "SHA256" -> Optional.of("SHA-256");
            case "SHA224" -> Optional.of("SHA-224");
            case "SHA384" -> Optional.of("SHA-384");
            case "SHA512" -> Optional.of("SHA-512");
            default -> Optional.empty();
        };
    }

    /** RFC 5929 4.1: with two different hash functions in it the binding is undefined. */
    private static Optional<String> hashOfPss(X509Certificate certificate) throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
        try {
            parameters.init(certificate.getSigAlgParams());
        } catch (IOException e) {
            return Optional.empty();
        }
        PSSParameterSpec pss = parameters.getParameterSpec(PSSParameterSpec.class);
        boolean one = pss.getMGFParameters() instanceof MGF1ParameterSpec mask
                && mask.getDigestAlgorithm().equalsIgnoreCase(pss.getDigestAlgorithm());
        String hash = pss.getDigestAlgorithm().toUpperCase(Locale.ROOT);
        return !one ? Optional.empty() : Optional.of(hash.equals("SHA-1") || hash.equals("MD5") ? "SHA-256" : hash);
    }
}
