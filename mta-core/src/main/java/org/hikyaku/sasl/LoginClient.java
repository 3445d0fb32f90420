package org.hikyaku.sasl;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * LOGIN on the client's side: the name to the first challenge, the password to the second, whatever their text.
 * <i>Failure:</i> a third challenge.
 */
final class LoginClient implements ClientMechanism {
    private final String user;
    private final String password;
    private int challenges;

    LoginClient(String user, String password) {
        this.user = user;
        this.password = password;
    }

    @Override
    public String name() {
        return "LOGIN";
    }

    @Override
    public Optional<byte[]> initial() {
        return Optional.empty();
    }

    @Override
    public Answer next(byte[] challenge) {
        return switch (challenges++) {
            case 0 -> new Answer.Send(user.getBytes(StandardCharsets.UTF_8));
            case 1 -> new Answer.Send(password.getBytes(StandardCharsets.UTF_8));
            default -> new Answer.GiveUp("unexpected challenge in LOGIN");
        };
    }

    @Override
    public Optional<String> doubt() {
        return Optional.empty();
    }
}
