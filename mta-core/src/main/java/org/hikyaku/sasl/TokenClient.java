package org.hikyaku.sasl;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A bearer token (RFC 6750) shown to the server: OAUTHBEARER (RFC 7628 3.1), and XOAUTH2, its forerunner that large providers
 * speak. All is said in the initial response; a server that refuses explains itself in a challenge, which is answered as each
 * demands, so that its final reply comes.
 *
 * <p><i>Failure:</i> a second explanation.
 */
final class TokenClient implements ClientMechanism {
    static final String BEARER = "OAUTHBEARER";
    static final String FORERUNNER = "XOAUTH2";

    private static final String SEPARATOR = "\u0001";

    private final boolean bearer;
    private final byte[] message;
    private boolean sent;
    private boolean explained;

    private TokenClient(boolean bearer, String message) {
        this.bearer = bearer;
        this.message = message.getBytes(StandardCharsets.UTF_8);
    }

    /** {@code host} and {@code port} are those of the server, for which the token is meant. */
    static TokenClient bearer(String user, String token, String host, int port) {
        String name = user.replace("=", "=3D").replace(",", "=2C");
        return new TokenClient(
                true,
                "n,a=" + name + "," + SEPARATOR + "host=" + host + SEPARATOR + "port=" + port + SEPARATOR
                        + "auth=Bearer " + token + SEPARATOR + SEPARATOR);
    }

    static TokenClient forerunner(String user, String token) {
        return new TokenClient(false, "user=" + user + SEPARATOR + "auth=Bearer " + token + SEPARATOR + SEPARATOR);
    }

    @Override
    public String name() {
        return bearer ? BEARER : FORERUNNER;
    }

    @Override
    public Optional<byte[]> initial() {
        sent = true;
        return Optional.of(message.clone());
    }

    @Override
    public Answer next(byte[] challenge) {
        if (sent && challenge.length == 0) {
            sent = false; // it did not take the initial response (RFC 4954 4)
            return new Answer.Send(message.clone());
        }
        if (explained) {
            return new Answer.GiveUp("unexpected challenge in " + name());
        }
        explained = true;
        // RFC 7628 3.2.3: a dummy response of one %x01; XOAUTH2: an empty one
        return new Answer.Send(bearer ? SEPARATOR.getBytes(StandardCharsets.US_ASCII) : new byte[0]);
    }

    /** RFC 7628 3.2.2: after an explanation there is no success. */
    @Override
    public Optional<String> doubt() {
        return explained ? Optional.of("a success after the token was refused") : Optional.empty();
    }
}
