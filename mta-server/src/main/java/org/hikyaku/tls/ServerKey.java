package org.hikyaku.tls;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A private key with its certificate and the chain above it.
 *
 * @param file the certificate's file, for the log
 * @param chain leaf first; never empty
 */
public record ServerKey(Path file, PrivateKey key, List<X509Certificate> chain) {
    /** Our own certificate. */
    public X509Certificate leaf() {
        return chain.getFirst();
    }

    /** The host names it serves, lower case; a name may begin with {@code *.}. */
    public List<String> names() {
        return CertificateNames.of(leaf());
    }

    /** Whom it names, for people. */
    public String subject() {
        List<String> names = names();
        return names.isEmpty() ? leaf().getSubjectX500Principal().getName() : String.join(" ", names);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "ServerKey[" + file + ", " + subject() + "]";
    }
}
