package org.hikyaku.smtp.client;

import java.util.Base64;
import java.util.Optional;
import org.hikyaku.sasl.ClientMechanism;
import org.hikyaku.sasl.ClientMechanism.Answer;
import org.hikyaku.smtp.Reply;
import org.hikyaku.smtp.client.Trouble.Kind;
import org.hikyaku.smtp.client.Trouble.Stage;

/**
 * One AUTH exchange (RFC 4954 4): base64 around a mechanism.
 *
 * <p><i>Failure:</i> a challenge that cannot be read, or that the mechanism does not accept, is cancelled with {@code *};
 * a success that the server has not proved is none.
 */
final class LogIn {
    private static final int CHALLENGES_MAX = 8;

    private final ClientMechanism mechanism;
    private int challenges;
    private Optional<String> cancelled = Optional.empty();

    /** What follows a reply. */
    sealed interface Next {
        record Line(String text) implements Next {}

        record In() implements Next {}

        record Not(Trouble why) implements Next {}
    }

    LogIn(ClientMechanism mechanism) {
        this.mechanism = mechanism;
    }

    /** What stands behind AUTH; an empty initial response is "=". */
    String firstWords() {
        return mechanism.name()
                + mechanism
                        .initial()
                        .map(octets -> octets.length == 0 ? " =" : " " + base64(octets))
                        .orElse("");
    }

    Next reply(Reply reply) {
        if (cancelled.isPresent()) {
            return new Next.Not(Trouble.of(Stage.AUTH, Kind.AUTH_DOUBTED, cancelled.get()));
        }
        if (reply.code() / 100 == 2) {
            return mechanism
                    .doubt()
                    .<Next>map(why -> new Next.Not(Trouble.of(Stage.AUTH, Kind.AUTH_DOUBTED, why)))
                    .orElseGet(Next.In::new);
        }
        return reply.code() == 334 ? challenge(reply) : new Next.Not(Trouble.of(Stage.AUTH, reply));
    }

    private Next challenge(Reply reply) {
        return switch (answer(reply.lines().getFirst().strip())) {
            case Answer.Send send -> new Next.Line(base64(send.octets()));
            case Answer.GiveUp up -> {
                cancelled = Optional.of(up.why());
                yield new Next.Line("*");
            }
        };
    }

    private Answer answer(String challenge) {
        try {
            byte[] octets = Base64.getDecoder().decode(challenge);
            return ++challenges > CHALLENGES_MAX ? new Answer.GiveUp("too many challenges") : mechanism.next(octets);
        } catch (IllegalArgumentException e) {
            return new Answer.GiveUp("a challenge that is not base64");
        }
    }

    private static String base64(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }
}
