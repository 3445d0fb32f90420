package org.hikyaku.sasl;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One run of a SASL mechanism on the server's side (RFC 4422): a machine, no I/O. The caller sends challenges, asks the
 * users' store when told to, and ends at {@link Step.Success} or {@link Step.Failure}.
 *
 * <p><i>Failure:</i> whatever the client sends leads to a Step; nothing throws.
 */
public interface ServerMechanism {
    /** {@code PLAIN}, {@code LOGIN}, {@code SCRAM-SHA-256}. */
    String name();

    /** Begins; {@code initial} is the client's initial response, null when it sent none (then maybe a challenge). */
    Step start(byte @Nullable [] initial);

    /** The client's answer to the last challenge. */
    Step next(byte[] response);

    /** The answer to {@link Step.AskPassword}. */
    Step passwordChecked(boolean right);

    /** The answer to {@link Step.AskKeys}: never null; unknown users get made-up keys that no password fits. */
    Step keys(ScramKeys keys);

    /** The answer to {@link Step.AskRemote}; only a mechanism that asks it takes one. */
    default Step remote(RemoteLogin.Answer answer) {
        return new Step.Failure(true, "", "nobody else was asked");
    }

    /**
     * The answer to {@link Step.AskToken}; only a mechanism that asks it takes one.
     *
     * @param user whom the token stands for, if it holds
     * @param scope what a token would need, for the client; may be empty
     */
    default Step token(Optional<String> user, String scope) {
        return new Step.Failure(true, "", "no token was asked");
    }

    /** What to do next. */
    sealed interface Step {
        /** Send this (334 with base64). */
        record Challenge(byte[] octets) implements Step {}

        /** Ask the store whether the password is right; {@code authzid} was empty or equal to {@code user}. */
        record AskPassword(String user, byte[] password) implements Step {}

        /** Ask the store for the keys of {@code user} of this kind. */
        record AskKeys(String user, ScramDigest digest) implements Step {}

        /** Pass on what the client said; {@code response} is null for no initial response. */
        record AskRemote(RemoteLogin login, byte @Nullable [] response) implements Step {}

        /** Ask whether a bearer token holds for {@code user}, who is empty when the client left him out. */
        record AskToken(String user, String token) implements Step {
            @Override
            public String toString() {
                return "AskToken[" + user + "]";
            }
        }

        /** Done: who it is. */
        record Success(String user) implements Step {}

        /**
         * Over.
         *
         * @param malformed the exchange broke the mechanism's grammar (501 5.5.2); else wrong credentials (535 5.7.8)
         * @param user as far as it is known, else empty; for the log
         */
        record Failure(boolean malformed, String user, String why) implements Step {}
    }
}
