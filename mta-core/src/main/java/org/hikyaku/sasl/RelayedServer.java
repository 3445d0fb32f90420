package org.hikyaku.sasl;

import org.jspecify.annotations.Nullable;

/**
 * A mechanism that another server judges ({@link RemoteLogin}): this one only carries.
 *
 * <p><i>Failure:</i> an answer that nobody asked for, or to a question it does not ask, is malformed.
 */
public final class RelayedServer implements ServerMechanism {
    private final String name;
    private final RemoteLogin login;
    private boolean asked;

    public RelayedServer(String name, RemoteLogin login) {
        this.name = name;
        this.login = login;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Step start(byte @Nullable [] initial) {
        asked = true;
        return new Step.AskRemote(login, initial == null ? null : initial.clone());
    }

    @Override
    public Step next(byte[] response) {
        return start(response);
    }

    @Override
    public Step remote(RemoteLogin.Answer answer) {
        if (!asked) {
            return new Step.Failure(true, "", "nobody was asked");
        }
        asked = false;
        return switch (answer) {
            case RemoteLogin.Answer.Challenge challenge -> new Step.Challenge(challenge.octets());
            case RemoteLogin.Answer.Yes yes -> new Step.Success(yes.user());
            case RemoteLogin.Answer.No no -> new Step.Failure(false, no.user(), no.why());
        };
    }

    @Override
    public Step passwordChecked(boolean right) {
        return new Step.Failure(true, "", "no password was asked");
    }

    @Override
    public Step keys(ScramKeys keys) {
        return new Step.Failure(true, "", "no keys were asked");
    }
}
