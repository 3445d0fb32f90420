package org.hikyaku.config;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.mail.IpLiteral;

/** What must hold of logins. */
final class LoginChecks {
    private static final List<String> MECHANISMS = List.of(
            "EXTERNAL",
            "SCRAM-SHA-256-PLUS",
            "SCRAM-SHA-1-PLUS",
            "SCRAM-SHA-256",
            "SCRAM-SHA-1",
            "PLAIN",
            "LOGIN",
            "OAUTHBEARER",
            "XOAUTH2");

    private final Config config;
    private final Complaints told;

    LoginChecks(Config config, Complaints told) {
        this.config = config;
        this.told = told;
    }

    void check() {
        told.readable("auth.users", config.auth().users());
        told.readable("auth.grants", config.auth().grants());
        socket("auth.dovecot", config.auth().dovecot());
        socket("auth.dovecot_users", config.auth().dovecotUsers());
        if (config.auth().dovecotUsers().isPresent() && config.local().delivery() != LocalSettings.LocalDelivery.LMTP) {
            told.wrong(
                    "auth.dovecot_users",
                    "needs local.delivery = lmtp: those whom it knows have their mailboxes there");
        }
        told.readable("auth.oauth.client_secret_file", config.auth().oauth().clientSecretFile());
        tokens(config.auth().oauth());
        List<String> wanted = config.auth().mechanisms();
        if (wanted.isEmpty()
                || !MECHANISMS.containsAll(wanted)
                || Set.copyOf(wanted).size() < wanted.size()) {
            told.wrong("auth.mechanisms", "must be some of " + String.join(", ", MECHANISMS) + ", each once");
        }
    }

    /** What a signed token is good for stands in it alone: without issuer and audience those of other services would do. */
    private void tokens(AuthSettings.OAuth oauth) {
        web("auth.oauth.introspection", oauth.introspection());
        web("auth.oauth.jwks", oauth.jwks());
        if (oauth.introspection().isPresent() && oauth.jwks().isPresent()) {
            told.wrong("auth.oauth.jwks", "set this or introspection, not both");
        }
        if (oauth.jwks().isPresent()
                && (oauth.issuer().isEmpty() || oauth.audiences().isEmpty())) {
            told.wrong("auth.oauth.jwks", "needs issuer and audiences too");
        }
    }

    private void web(String key, Optional<String> uri) {
        if (uri.isPresent() && !uri.get().matches("https://[A-Za-z0-9.:\\[\\]-]+(/[!-~&&[^<>\"{}|^`\\\\]]*)?")) {
            told.wrong(key, "must be an https address, not \"" + uri.get() + "\"");
        }
    }

    private void socket(String key, Optional<String> place) {
        if (place.isPresent() && !isSocketOrAddress(place.get())) {
            told.wrong(key, "must be unix:/path/of/the/socket or address:port, not \"" + place.get() + "\"");
        }
    }

    private static boolean isSocketOrAddress(String text) {
        if (text.startsWith("unix:/")) {
            return text.getBytes(StandardCharsets.UTF_8).length - "unix:".length() <= Rules.SOCKET_PATH_MAX;
        }
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        String host = text.substring(0, Math.max(0, colon));
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return (bracketed || !host.contains(":"))
                && IpLiteral.parseAddress(bracketed ? host.substring(1, host.length() - 1) : host)
                        .isPresent()
                && port.matches("[0-9]{1,5}")
                && Integer.parseInt(port) >= 1
                && Integer.parseInt(port) <= 65535;
    }
}
