package org.hikyaku.check;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.hikyaku.config.AuthSettings.CertificateName;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.table.Users;

/**
 * For which of our users a client's certificate stands: those that one of its names would log in, of the kinds of names that
 * the operator has chosen ({@code auth.certificate_names}). Only a chain that leads to {@code tls.client_authorities} counts.
 * Pure.
 *
 * <p><i>Failure:</i> what cannot be read stands for nobody.
 */
final class CertificateLogins {
    /** Names of one certificate that are looked at. */
    private static final int NAMES_MAX = 50;
    /** GeneralName's choices (RFC 5280 4.2.1.6). */
    private static final int EMAIL = 1;

    private static final int DNS = 2;

    private CertificateLogins() {}

    /** By their names in the list, each once. */
    static List<String> of(TlsFacts tls, Users users, Config config) {
        if (!tls.verified() || tls.peerChain().isEmpty()) {
            return List.of();
        }
        List<Domain> local = config.local().domains();
        Set<String> found = new LinkedHashSet<>();
        for (String name : names(tls.peerChain().getFirst(), config.auth().certificateNames())) {
            users.login(name, local).map(Users.User::name).ifPresent(found::add);
        }
        return List.copyOf(found);
    }

    private static List<String> names(byte[] der, List<CertificateName> kinds) {
        List<String> names = new ArrayList<>();
        try {
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            for (CertificateName kind : kinds) {
                switch (kind) {
                    case EMAIL -> names.addAll(alternatives(certificate, EMAIL));
                    case DNS -> names.addAll(alternatives(certificate, DNS));
                    case COMMON_NAME -> names.addAll(commonNames(certificate));
                }
            }
        } catch (CertificateException | IllegalArgumentException e) {
            return List.of();
        }
        return names.subList(0, Math.min(names.size(), NAMES_MAX));
    }

    private static List<String> alternatives(X509Certificate certificate, int kind) throws CertificateException {
        Collection<List<?>> all = certificate.getSubjectAlternativeNames();
        return all == null
                ? List.of()
                : all.stream()
                        .filter(each -> each.get(0).equals(kind))
                        .map(each -> String.valueOf(each.get(1)))
                        .toList();
    }

    private static List<String> commonNames(X509Certificate certificate) {
        X500Name subject =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        List<String> names = new ArrayList<>();
        for (RDN part : subject.getRDNs(BCStyle.CN)) {
            names.add(IETFUtils.valueToString(part.getFirst().getValue()));
        }
        return names;
    }
}
