package org.hikyaku.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Which hosts a certificate speaks for (RFC 9525): its subjectAltName entries of DNS names and addresses, nothing else;
 * the common name is not looked at (RFC 9525 2). A wildcard is the whole first label and stands for exactly one label
 * (RFC 9525 6.3).
 *
 * <p><i>Failure:</i> names that cannot be read are as none.
 */
public final class CertificateNames {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private CertificateNames() {}

    /** The DNS names, lower case, without final dot. */
    public static List<String> of(X509Certificate certificate) {
        return entries(certificate, DNS_NAME);
    }

    /** Whether {@code certificate} holds for the host name or numeric address {@code host}. */
    public static boolean hold(X509Certificate certificate, String host) {
        String asked = plain(host.toLowerCase(Locale.ROOT));
        if (isAddress(asked)) {
            return entries(certificate, IP_ADDRESS).contains(asked);
        }
        return of(certificate).stream().anyMatch(name -> matches(name, asked));
    }

    /** A name without its final dot. */
    static String plain(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static boolean matches(String name, String asked) {
        if (!name.startsWith("*.")) {
            return name.equals(asked);
        }
        int dot = asked.indexOf('.');
        // never for a whole top-level domain
        return dot > 0 && name.indexOf('.', 2) > 0 && asked.substring(dot).equals(name.substring(1));
    }

    private static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    private static List<String> entries(X509Certificate certificate, int type) {
        List<String> found = new ArrayList<>();
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            for (List<?> entry : names == null ? List.<List<?>>of() : names) {
                if (Integer.valueOf(type).equals(entry.get(0)) && entry.get(1) instanceof String name) {
                    found.add(plain(name.toLowerCase(Locale.ROOT)));
                }
            }
        } catch (CertificateParsingException e) {
            return List.of();
        }
        return found;
    }
}
