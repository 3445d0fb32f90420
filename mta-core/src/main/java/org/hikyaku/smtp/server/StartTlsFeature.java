package org.hikyaku.smtp.server;

import java.util.EnumSet;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** STARTTLS (RFC 3207). */
final class StartTlsFeature {
    static final Feature DECLARED = Feature.of(Extension.STARTTLS)
            .with(new Verb<>(
                    "STARTTLS",
                    Command.StartTls.class,
                    EnumSet.of(Phase.GREETED, Phase.IDLE),
                    true,
                    true,
                    StartTlsFeature::check,
                    StartTlsFeature::proceed));

    private StartTlsFeature() {}

    private static @Nullable Reply check(SessionState session, Command.StartTls command) {
        if (session.client().isSecured()) {
            return Replies.ALREADY_SECURED;
        }
        return session.rules().tls() == ListenerSettings.TlsMode.OFF ? Replies.NOT_IMPLEMENTED : null;
    }

    /** 220 goes out in clear, then the handshake; afterwards all is as after the greeting (4.2), with no new greeting. */
    private static void proceed(SessionState session, Command.StartTls command) {
        session.send(Replies.READY_FOR_TLS);
        session.startTls(() -> {});
    }
}
