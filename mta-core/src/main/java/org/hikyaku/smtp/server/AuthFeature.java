package org.hikyaku.smtp.server;

import java.util.EnumSet;
import org.hikyaku.config.Config;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** AUTH (RFC 4954 4); the dialog is {@link AuthDialog}. */
final class AuthFeature {
    static final Feature DECLARED = Feature.of(Extension.AUTH)
            .with(new Verb<>(
                    "AUTH",
                    Command.Auth.class,
                    EnumSet.of(Phase.IDLE),
                    true,
                    true,
                    AuthFeature::check,
                    AuthFeature::proceed))
            .withMail("AUTH", AuthFeature::checkParameter, (transaction, value) -> {});

    private AuthFeature() {}

    /** RFC 4954 5: xtext or {@code <>}; whom it names is not believed: as if AUTH=&lt;&gt;. */
    private static @Nullable Reply checkParameter(SmtpSession session, @Nullable String value) {
        boolean right = value != null && (value.equals("<>") || value.matches("(?:[!-*,-<>-~]|\\+[0-9A-F]{2})+"));
        return right ? null : Replies.BAD_PARAMETER_VALUE;
    }

    private static @Nullable Reply check(SmtpSession session, Command.Auth command) {
        if (session.rules().auth() == Config.AuthMode.OFF) {
            return Replies.NOT_IMPLEMENTED;
        }
        if (!session.client().isSecured()) {
            return Replies.AUTH_NEEDS_TLS; // RFC 4954 6: 538 5.7.11
        }
        if (session.client().isAuthenticated()) {
            return Replies.ALREADY_AUTHENTICATED;
        }
        return session.offeredMechanisms().contains(command.mechanism()) ? null : Replies.UNKNOWN_MECHANISM;
    }

    private static void proceed(SmtpSession session, Command.Auth command) {
        session.begin(command.mechanism())
                .ifPresentOrElse(
                        mechanism -> new AuthDialog(session, mechanism).begin(command.initial()),
                        () -> session.refuse("AUTH", Replies.UNKNOWN_MECHANISM));
    }
}
