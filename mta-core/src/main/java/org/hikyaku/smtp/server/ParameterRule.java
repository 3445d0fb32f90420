package org.hikyaku.smtp.server;

import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * A parameter of MAIL or RCPT (RFC 5321 4.1.1.11): whether its value holds, and what it says of a transaction or of one of
 * its recipients.
 *
 * @param keyword in capitals
 */
record ParameterRule<T>(String keyword, Check check, Effect<T> effect) {
    /** Null when the value holds, else the refusal. */
    interface Check {
        /** The value is null when there was no '='. */
        @Nullable
        Reply check(SessionState session, @Nullable String value);
    }

    /** Puts down what a value that holds says. */
    interface Effect<T> {
        void take(T target, @Nullable String value);
    }
}
