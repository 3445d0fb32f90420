package org.hikyaku.real;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.hikyaku.tls.CertificateNames;
import org.jspecify.annotations.Nullable;

/**
 * What we ask of the certificate of a server we connect to. Opportunistic TLS (RFC 7435) takes any: the chain is reported
 * and judged elsewhere (DANE) or not at all. Verified TLS wants a chain to an authority the host trusts, and the name that
 * the engine was given as its peer host.
 */
final class PeerTrust extends X509ExtendedTrustManager {
    private final @Nullable CompletableFuture<X509TrustManager> authorities;

    private PeerTrust(@Nullable CompletableFuture<X509TrustManager> authorities) {
        this.authorities = authorities;
    }

    static PeerTrust anyone() {
        return new PeerTrust(null);
    }

    static PeerTrust verified(CompletableFuture<X509TrustManager> authorities) {
        return new PeerTrust(authorities);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        if (authorities == null) {
            return;
        }
        trusted(authorities).checkServerTrusted(chain, type);
        String host = engine.getPeerHost();
        if (host == null || !CertificateNames.hold(chain[0], host)) {
            throw new CertificateException(
                    "the certificate is not for " + host + " but for " + CertificateNames.of(chain[0]));
        }
    }

    /** Only the first verified handshake of the process may have to wait here, for the end of their reading. */
    private static X509TrustManager trusted(CompletableFuture<X509TrustManager> authorities)
            throws CertificateException {
        try {
            return authorities.join();
        } catch (CompletionException e) {
            throw new CertificateException("the trusted certificates could not be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("checked with an engine only");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("checked with an engine only");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("we ask no client for a certificate");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("we ask no client for a certificate");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        throw new CertificateException("we ask no client for a certificate");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
