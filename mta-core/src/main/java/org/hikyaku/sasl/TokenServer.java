package org.hikyaku.sasl;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * OAUTHBEARER (RFC 7628) and its forerunner XOAUTH2 on the server's side: takes the token out of what the client says, has it
 * checked, and explains a refusal to the client before the exchange fails, as RFC 7628 3.2.2 wants it.
 *
 * <p><i>Failure:</i> a message that is not of the form is malformed; a token that does not hold is one of wrong credentials,
 * after the client has acknowledged the explanation.
 */
public final class TokenServer implements ServerMechanism {
    /** A token of the usual kinds is below 4 KiB. */
    private static final int MESSAGE_MAX = 8 * 1024;

    private enum Await {
        MESSAGE,
        VERDICT,
        ACKNOWLEDGEMENT,
        NOTHING
    }

    private final boolean bearer;
    private Await await = Await.MESSAGE;
    private String claimed = "";

    /** {@code bearer}: OAUTHBEARER; else XOAUTH2. */
    public TokenServer(boolean bearer) {
        this.bearer = bearer;
    }

    @Override
    public String name() {
        return bearer ? TokenClient.BEARER : TokenClient.FORERUNNER;
    }

    @Override
    public Step start(byte @Nullable [] initial) {
        return initial == null ? new Step.Challenge(new byte[0]) : next(initial);
    }

    @Override
    public Step next(byte[] response) {
        return switch (await) {
            case MESSAGE -> message(response);
            // RFC 7628 3.2.3: whatever the client answers, it is over
            case ACKNOWLEDGEMENT -> refused("the token does not hold");
            case VERDICT, NOTHING -> malformed("a response that nobody waits for");
        };
    }

    private Step message(byte[] response) {
        String text = response.length > MESSAGE_MAX
                ? ""
                : SaslPrep.decode(response, 0, response.length).orElse("");
        if (!text.endsWith("\u0001\u0001")) {
            return malformed("not the form of " + name());
        }
        String[] parts = text.substring(0, text.length() - 2).split("\u0001", -1);
        Optional<String> user = bearer
                ? gs2(parts[0])
                : parts[0].startsWith("user=") ? Optional.of(parts[0].substring(5)) : Optional.empty();
        Optional<String> token = Optional.empty();
        for (int i = 1; i < parts.length; i++) {
            // RFC 7628 3.1: key=value, keys of letters; other keys than auth are not for us
            int equals = parts[i].indexOf('=');
            if (equals <= 0) {
                return malformed("not the form of " + name());
            }
            if (parts[i].substring(0, equals).equalsIgnoreCase("auth")) {
                token = bearerToken(parts[i].substring(equals + 1));
            }
        }
        if (user.isEmpty() || token.isEmpty()) {
            return malformed("no user or no bearer token");
        }
        claimed = user.get();
        await = Await.VERDICT;
        return new Step.AskToken(claimed, token.get());
    }

    /** gs2-header (RFC 7628 3.1): no channel binding; the authorization identity may be left out. */
    private static Optional<String> gs2(String header) {
        boolean sound =
                (header.startsWith("n,") || header.startsWith("y,")) && header.endsWith(",") && header.length() >= 3;
        String identity = sound ? header.substring(2, header.length() - 1) : "";
        if (!sound || !(identity.isEmpty() || identity.startsWith("a="))) {
            return Optional.empty();
        }
        return Optional.of(
                identity.isEmpty()
                        ? ""
                        : identity.substring(2).replace("=2C", ",").replace("=3D", "="));
    }

    /** RFC 6750 2.1: b64token; the scheme has no case. */
    private static Optional<String> bearerToken(String value) {
        boolean sound = value.regionMatches(true, 0, "Bearer ", 0, 7)
                && value.substring(7).strip().matches("[A-Za-z0-9._~+/-]+=*");
        return sound ? Optional.of(value.substring(7).strip()) : Optional.empty();
    }

    @Override
    public Step token(Optional<String> user, String scope) {
        if (await != Await.VERDICT) {
            return malformed("no token was asked");
        }
        if (user.isPresent()) {
            await = Await.NOTHING;
            return new Step.Success(user.get());
        }
        await = Await.ACKNOWLEDGEMENT;
        String status = bearer ? "\"status\":\"invalid_token\"" : "\"status\":\"401\",\"schemes\":\"Bearer\"";
        String wanted = scope.isEmpty() ? "" : ",\"scope\":\"" + scope.replaceAll("[^!#-\\[\\]-~ ]", "") + "\"";
        return new Step.Challenge(("{" + status + wanted + "}").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Step passwordChecked(boolean right) {
        return malformed("no password was asked");
    }

    @Override
    public Step keys(ScramKeys keys) {
        return malformed("no keys were asked");
    }

    private Step malformed(String why) {
        await = Await.NOTHING;
        return new Step.Failure(true, claimed, why);
    }

    private Step refused(String why) {
        await = Await.NOTHING;
        return new Step.Failure(false, claimed, why);
    }
}
