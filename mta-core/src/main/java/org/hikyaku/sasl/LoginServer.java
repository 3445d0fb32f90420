package org.hikyaku.sasl;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * LOGIN on the server's side: never a standard, but what many programs speak (draft-murchison-sasl-login-00). Asks for the
 * name, then for the password; a name in the initial response is taken, as other servers do.
 *
 * <p><i>Failure:</i> an empty or over-long part or one that is not UTF-8 is malformed.
 */
public final class LoginServer implements ServerMechanism {
    private static final byte[] ASK_NAME = "Username:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ASK_PASSWORD = "Password:".getBytes(StandardCharsets.US_ASCII);
    private static final int PART_MAX = 255;

    private final OneUser one = new OneUser();
    private boolean named;

    @Override
    public String name() {
        return "LOGIN";
    }

    @Override
    public Step start(byte @Nullable [] initial) {
        return initial == null ? new Step.Challenge(ASK_NAME.clone()) : next(initial);
    }

    @Override
    public Step next(byte[] response) {
        Optional<String> text = SaslPrep.decode(response, 0, response.length);
        if (one.isOver() || response.length == 0 || response.length > PART_MAX || text.isEmpty()) {
            return one.malformed("not the form of LOGIN");
        }
        if (named) {
            return one.ask(response.clone());
        }
        Optional<String> user = text.flatMap(SaslPrep::prepare);
        if (user.isEmpty()) {
            return one.malformed("a character that no name may hold");
        }
        named = true;
        one.named(user.get());
        return new Step.Challenge(ASK_PASSWORD.clone());
    }

    @Override
    public Step passwordChecked(boolean right) {
        return one.checked(right);
    }

    @Override
    public Step keys(ScramKeys keys) {
        return one.malformed("no keys were asked");
    }
}
