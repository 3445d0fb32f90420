package org.hikyaku.real;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * What we make of the certificates of our clients: the handshake takes any, and none; whether a chain leads to one of the
 * operator's authorities, and may be used by a client, is found afterwards and told as a fact.
 *
 * <p><i>Failure:</i> {@link #holds} is false for a chain that cannot be judged.
 */
final class ClientTrust extends X509ExtendedTrustManager {
    private final X509TrustManager judge;
    private final X509Certificate[] authorities;

    /** {@code authorities} is not empty. */
    ClientTrust(List<X509Certificate> authorities) {
        this.authorities = authorities.toArray(X509Certificate[]::new);
        this.judge = judge(authorities);
    }

    private static X509TrustManager judge(List<X509Certificate> authorities) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("authority-" + i, authorities.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            for (TrustManager each : factory.getTrustManagers()) {
                if (each instanceof X509TrustManager found) {
                    return found;
                }
            }
            throw new IllegalStateException("no judge of certificates");
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether {@code chain}, leaf first, leads to one of the authorities, is in force, and is for clients. */
    boolean holds(Certificate[] chain) {
        X509Certificate[] certificates = new X509Certificate[chain.length];
        for (int i = 0; i < chain.length; i++) {
            if (!(chain[i] instanceof X509Certificate certificate)) {
                return false;
            }
            certificates[i] = certificate;
        }
        try {
            judge.checkClientTrusted(certificates, "UNKNOWN");
            return true;
        } catch (CertificateException | IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
        // judged once the handshake is done: a stranger with a certificate of his own may send mail all the same
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
        // as above
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
        // as above
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        throw new CertificateException("we are the server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("we are the server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("we are the server");
    }

    /** Told to clients, so that they choose a certificate that serves. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.clone();
    }
}
