package org.hikyaku.sasl;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * PLAIN on the server's side (RFC 4616): {@code [authzid] NUL authcid NUL passwd} in one response.
 *
 * <p><i>Failure:</i> other than two NULs, an empty or over-long part, octets that are not UTF-8: malformed. An
 * authorization identity other than the user: wrong credentials.
 */
public final class PlainServer implements ServerMechanism {
    /** RFC 4616 2: each part is at most 255 octets. */
    private static final int PART_MAX = 255;

    private final OneUser one = new OneUser();

    @Override
    public String name() {
        return "PLAIN";
    }

    @Override
    public Step start(byte @Nullable [] initial) {
        return initial == null ? new Step.Challenge(new byte[0]) : next(initial);
    }

    @Override
    public Step next(byte[] response) {
        int first = indexOfNul(response, 0);
        int second = indexOfNul(response, first + 1);
        boolean sound = first >= 0
                && second > 0
                && indexOfNul(response, second + 1) < 0
                && first <= PART_MAX
                && isPart(second - first - 1)
                && isPart(response.length - second - 1);
        if (one.isOver() || !sound) {
            return one.malformed("not the form of PLAIN");
        }
        Optional<String> user = SaslPrep.decode(response, first + 1, second).flatMap(SaslPrep::prepare);
        Optional<String> authzid = SaslPrep.decode(response, 0, first);
        byte[] password = Arrays.copyOfRange(response, second + 1, response.length);
        if (user.isEmpty()
                || authzid.isEmpty()
                || SaslPrep.decode(password, 0, password.length).isEmpty()) {
            return one.malformed("not UTF-8, or a character that no name may hold");
        }
        one.named(user.get());
        boolean own = authzid.get().isEmpty() || SaslPrep.prepare(authzid.get()).equals(user);
        return own ? one.ask(password) : one.refused("may not act for another");
    }

    @Override
    public Step passwordChecked(boolean right) {
        return one.checked(right);
    }

    @Override
    public Step keys(ScramKeys keys) {
        return one.malformed("no keys were asked");
    }

    private static boolean isPart(int octets) {
        return octets >= 1 && octets <= PART_MAX;
    }

    private static int indexOfNul(byte[] octets, int from) {
        for (int i = from; i < octets.length; i++) {
            if (octets[i] == 0) {
                return i;
            }
        }
        return -1;
    }
}
