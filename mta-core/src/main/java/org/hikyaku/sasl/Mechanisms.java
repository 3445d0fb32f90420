package org.hikyaku.sasl;

import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.hikyaku.mail.TlsFacts;

/**
 * THE table of SASL mechanisms.
 *
 * <p><i>Failure:</i> an unknown name gives empty.
 */
public final class Mechanisms {
    /** Random octets a run of a mechanism needs. */
    public static final int RANDOM_OCTETS = 18;

    /** All that we know, best first. */
    public static final List<String> NAMES = List.of(
            ScramDigest.SHA_256.plus(),
            ScramDigest.SHA_1.plus(),
            ScramDigest.SHA_256.mechanism(),
            ScramDigest.SHA_1.mechanism(),
            "PLAIN",
            "LOGIN");

    private Mechanisms() {}

    /**
     * A run on the server's side.
     *
     * @param random {@link #RANDOM_OCTETS} fresh octets
     * @param bindings of the connection, if any {@code -PLUS} mechanism was offered on it; else none
     */
    public static Optional<ServerMechanism> server(String name, byte[] random, ChannelBindings bindings) {
        Optional<ScramDigest> digest = ScramDigest.of(name);
        if (digest.isPresent()) {
            boolean plus = ScramDigest.isPlus(name);
            return plus && bindings.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new ScramServer(digest.get(), plus, bindings, nonce(random)));
        }
        return switch (name.toUpperCase(Locale.ROOT)) {
            case "PLAIN" -> Optional.of(new PlainServer());
            case "LOGIN" -> Optional.of(new LoginServer());
            case TokenClient.BEARER -> Optional.of(new TokenServer(true));
            case TokenClient.FORERUNNER -> Optional.of(new TokenServer(false));
            default -> Optional.empty();
        };
    }

    /**
     * A run on the client's side of the best mechanism among those a server offers; empty when we know none of them.
     *
     * @param offered the words after AUTH in its EHLO reply, in any case
     * @param bindings of the connection; none to do without channel binding
     */
    public static Optional<ClientMechanism> client(
            List<String> offered, String user, String password, byte[] random, ChannelBindings bindings) {
        List<String> upper =
                offered.stream().map(name -> name.toUpperCase(Locale.ROOT)).toList();
        boolean noneBinds = upper.stream().noneMatch(name -> name.startsWith("SCRAM-") && ScramDigest.isPlus(name));
        for (String name : NAMES) {
            if (upper.contains(name) && !(ScramDigest.isPlus(name) && bindings.isEmpty())) {
                Optional<ScramDigest> digest = ScramDigest.of(name);
                if (digest.isEmpty()) {
                    boolean plain = name.equals("PLAIN");
                    return Optional.of(plain ? SaidAtOnce.plain(user, password) : new LoginClient(user, password));
                }
                return Optional.of(scram(name, digest.get(), bindings, noneBinds, user, password, nonce(random)));
            }
        }
        return Optional.empty();
    }

    /**
     * The same where we have no password but a token, which is shown by OAUTHBEARER and XOAUTH2 alone.
     *
     * @param host the server's name, and its port: for these the token is meant
     */
    public static Optional<ClientMechanism> clientWithToken(
            List<String> offered, String user, String token, String host, int port) {
        if (offered.stream().anyMatch(TokenClient.BEARER::equalsIgnoreCase)) {
            return Optional.of(TokenClient.bearer(user, token, host, port));
        }
        return offered.stream().anyMatch(TokenClient.FORERUNNER::equalsIgnoreCase)
                ? Optional.of(TokenClient.forerunner(user, token))
                : Optional.empty();
    }

    /**
     * The same where we have neither, but have shown a certificate under {@code tls} (RFC 4422 A).
     *
     * @param user whom we act as
     */
    public static Optional<ClientMechanism> clientWithCertificate(List<String> offered, String user, TlsFacts tls) {
        boolean can =
                tls.ownCertificate().length > 0 && offered.stream().anyMatch(ExternalServer.NAME::equalsIgnoreCase);
        return can ? Optional.of(SaidAtOnce.external(user)) : Optional.empty();
    }

    /** Whether the mechanism carries a token instead of a proof of a password. */
    public static boolean takesTokens(String name) {
        return name.equalsIgnoreCase(TokenClient.BEARER) || name.equalsIgnoreCase(TokenClient.FORERUNNER);
    }

    /** RFC 5802 6: p where it is bound; y where we could and the server offered none; else n. */
    private static ClientMechanism scram(
            String name,
            ScramDigest digest,
            ChannelBindings bindings,
            boolean noneBinds,
            String user,
            String password,
            String nonce) {
        if (ScramDigest.isPlus(name)) {
            return ScramClient.bound(digest, bindings, user, password, nonce);
        }
        return noneBinds && !bindings.isEmpty()
                ? ScramClient.couldBind(digest, user, password, nonce)
                : ScramClient.unbound(digest, user, password, nonce);
    }

    private static String nonce(byte[] random) {
        if (random.length < RANDOM_OCTETS) {
            throw new IllegalArgumentException("too few random octets");
        }
        return Base64.getEncoder().withoutPadding().encodeToString(random);
    }
}
