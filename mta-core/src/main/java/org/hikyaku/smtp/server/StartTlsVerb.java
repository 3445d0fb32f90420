package org.hikyaku.smtp.server;

import org.hikyaku.config.Config;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** STARTTLS (RFC 3207). */
final class StartTlsVerb {
    private StartTlsVerb() {}

    static @Nullable Reply check(SmtpSession session, Command.StartTls command) {
        if (session.isSecured()) {
            return Replies.ALREADY_SECURED;
        }
        return session.rules().tls() == Config.TlsMode.OFF ? Replies.NOT_IMPLEMENTED : null;
    }

    /** 220 goes out in clear, then the handshake; afterwards all is as after the greeting (4.2), with no new greeting. */
    static void proceed(SmtpSession session, Command.StartTls command) {
        session.send(Replies.READY_FOR_TLS);
        session.startTls(() -> {});
    }
}
