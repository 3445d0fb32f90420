package org.hikyaku.sasl;

import java.util.Optional;

/**
 * One run of a SASL mechanism on the client's side (RFC 4422), for a smart host: a machine, no I/O.
 *
 * <p><i>Failure:</i> a server that breaks the mechanism or does not prove what it must leads to {@link Answer.GiveUp};
 * the caller then cancels with {@code *} (RFC 4954 4) and closes.
 */
public interface ClientMechanism {
    /** {@code PLAIN}, {@code LOGIN}, {@code SCRAM-SHA-256}. */
    String name();

    /** The initial response to send with AUTH; empty when the mechanism waits for the server first. */
    Optional<byte[]> initial();

    /** The answer to a challenge (334). */
    Answer next(byte[] challenge);

    /** At 235: why this success is not to be believed (the server did not prove that it knows the user), or empty. */
    Optional<String> doubt();

    /** What to send. */
    sealed interface Answer {
        record Send(byte[] octets) implements Answer {}

        record GiveUp(String why) implements Answer {}
    }
}
