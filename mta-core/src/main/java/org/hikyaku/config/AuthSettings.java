package org.hikyaku.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Logins.
 *
 * @param users a file of Dovecot's passwd-file form
 * @param dovecot {@code unix:/path} or {@code address:port} of Dovecot's authentication service, which then judges logins
 * @param dovecotUsers the same of its service for look-ups of users, which then tells who has a mailbox here
 * @param dovecotUsersCacheFor how long what it said counts at RCPT
 * @param grants file of {@code user: address, address...}: further addresses a user may send as
 * @param hashThreads how many passwords are hashed at once
 * @param hashQueueMax how many logins may wait for that; beyond it 454 4.7.0
 * @param mechanisms in the order in which they are offered
 * @param submitterTrusted users who may say that somebody else submitted a message (AUTH= of MAIL)
 * @param senderField whether the header tells who has logged in, where From does not
 * @param certificateNames which names of a client's certificate say whose it is
 */
public record AuthSettings(
        Optional<Path> users,
        Optional<String> dovecot,
        Optional<String> dovecotUsers,
        @Range("0s to 1h") Duration dovecotUsersCacheFor,
        Optional<Path> grants,
        @Restart @Range("1 to 256") int hashThreads,
        @Restart @Range("1 to 10000") int hashQueueMax,
        List<String> mechanisms,
        List<CertificateName> certificateNames,
        List<String> submitterTrusted,
        SenderField senderField,
        OAuth oauth,
        @Range("1 to 100") int failuresPerSessionMax,
        @Range("1 to 10000") int failuresPerAddressMax,
        @Range("1 to 10000") int failuresPerUserMax,
        @Range("1m to 30d") Duration failureMemory,
        @Range("0s to 5m") Duration failureDelayMax) {
    /**
     * Tokens of an authorization server, for OAUTHBEARER and XOAUTH2.
     *
     * @param introspection https address that tells whether a token holds (RFC 7662)
     * @param jwks https address of the keys by which tokens are signed (RFC 7517), in the place of introspection
     * @param issuer whose tokens those are
     * @param clientId who we are there
     * @param clientSecretFile its first line
     * @param userField of the answer: who the user is
     * @param scopes all of which a token must have
     * @param audiences one of which a token must be for; empty for any
     * @param cacheFor how long an answer is believed
     */
    public record OAuth(
            Optional<String> introspection,
            Optional<String> jwks,
            Optional<String> issuer,
            Optional<String> clientId,
            Optional<Path> clientSecretFile,
            String userField,
            List<String> scopes,
            List<String> audiences,
            @Range("0s to 1h") Duration cacheFor) {
        /** Whether there is a way to judge them. */
        public boolean takesTokens() {
            return introspection.isPresent() || jwks.isPresent();
        }

        /** Who judges them, for the log. */
        public String judge() {
            return introspection.or(() -> jwks).orElse("");
        }
    }

    /** What becomes of the Sender field of submitted mail (RFC 6409 8.1). */
    public enum SenderField {
        OFF,
        ADD
    }

    /** A name in a certificate: in its alternative names, or the CN of its subject. */
    public enum CertificateName {
        EMAIL,
        DNS,
        COMMON_NAME
    }
}
