package org.hikyaku.smtp.server;

import org.hikyaku.config.Config;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** AUTH (RFC 4954 4); the dialog is {@link AuthDialog}. */
final class AuthVerb {
    private AuthVerb() {}

    static @Nullable Reply check(SmtpSession session, Command.Auth command) {
        if (session.rules().auth() == Config.AuthMode.OFF) {
            return Replies.NOT_IMPLEMENTED;
        }
        if (!session.isSecured()) {
            return Replies.AUTH_NEEDS_TLS; // RFC 4954 6: 538 5.7.11
        }
        if (session.isAuthenticated()) {
            return Replies.ALREADY_AUTHENTICATED;
        }
        return session.mechanisms().offered().contains(command.mechanism()) ? null : Replies.UNKNOWN_MECHANISM;
    }

    static void proceed(SmtpSession session, Command.Auth command) {
        session.mechanisms()
                .begin(command.mechanism())
                .ifPresentOrElse(
                        mechanism -> new AuthDialog(session, mechanism).begin(command.initial()),
                        () -> session.refuse("AUTH", Replies.UNKNOWN_MECHANISM));
    }
}
