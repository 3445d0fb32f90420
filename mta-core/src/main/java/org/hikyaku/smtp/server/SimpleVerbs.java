package org.hikyaku.smtp.server;

import org.hikyaku.config.Config;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** The verbs that only answer. */
final class SimpleVerbs {
    private SimpleVerbs() {}

    /** RFC 5321 4.1.1.5. */
    static void rset(SmtpSession session, Command.Rset command) {
        session.forgetTransaction();
        session.send(Replies.RESET);
    }

    /** RFC 5321 4.1.1.9: no effect, whatever stands behind it. */
    static void noop(SmtpSession session, Command.Noop command) {
        session.send(Replies.NOOP);
    }

    /** RFC 5321 4.1.1.8. */
    static void help(SmtpSession session, Command.Help command) {
        session.send(Replies.HELP);
    }

    static @Nullable Reply checkVrfy(SmtpSession session, Command.Vrfy command) {
        return session.rules().vrfy() == Config.Vrfy.OFF ? Replies.NOT_IMPLEMENTED : null;
    }

    /** RFC 5321 3.5.3, 7.3: 252 to whatever is asked; who lives here is told at RCPT. */
    static void vrfy(SmtpSession session, Command.Vrfy command) {
        session.send(Replies.NOT_VERIFIED);
    }

    /** RFC 5321 4.1.1.10. */
    static void quit(SmtpSession session, Command.Quit command) {
        session.endAsBidden(Replies.BYE);
    }
}
