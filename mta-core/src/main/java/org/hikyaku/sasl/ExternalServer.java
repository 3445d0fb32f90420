package org.hikyaku.sasl;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * EXTERNAL on the server's side (RFC 4422 A): the client has proved by its certificate under TLS who it is, and says at the
 * most as whom of several it wants to act.
 *
 * <p><i>Failure:</i> what is no UTF-8, over-long or holds a NUL is malformed; a user for whom the certificate does not stand, or
 * none where it stands for several, is one of wrong credentials.
 */
public final class ExternalServer implements ServerMechanism {
    /** The name of the mechanism. */
    public static final String NAME = "EXTERNAL";

    private static final int IDENTITY_MAX = 320;

    private final List<String> users;
    private final UnaryOperator<String> listed;
    private boolean over;

    /**
     * A run.
     *
     * @param users for whom the client's certificate stands, by their names in the list of users
     * @param listed makes of what a client calls a user his name in that list
     */
    public ExternalServer(List<String> users, UnaryOperator<String> listed) {
        this.users = List.copyOf(users);
        this.listed = listed;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Step start(byte @Nullable [] initial) {
        return initial == null ? new Step.Challenge(new byte[0]) : next(initial);
    }

    @Override
    public Step next(byte[] response) {
        if (over) {
            return new Step.Failure(true, "", "a response that nobody waits for");
        }
        over = true;
        if (response.length == 0) {
            return users.size() == 1
                    ? new Step.Success(users.getFirst())
                    : new Step.Failure(false, "", "the certificate stands for several users, and none was named");
        }
        Optional<String> identity = response.length > IDENTITY_MAX
                ? Optional.empty()
                : SaslPrep.decode(response, 0, response.length).flatMap(SaslPrep::prepare);
        if (identity.isEmpty()) {
            return new Step.Failure(true, "", "not the form of EXTERNAL");
        }
        String user = listed.apply(identity.get());
        return users.contains(user)
                ? new Step.Success(user)
                : new Step.Failure(false, user, "the certificate does not stand for this user");
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
