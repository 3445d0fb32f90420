package org.hikyaku.smtp.server;

import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Replies;

/** The verbs that only answer. */
final class SimpleVerbs {
    private SimpleVerbs() {}

    /** RFC 5321 4.1.1.5. */
    static void rset(SessionState session, Command.Rset command) {
        session.forgetTransaction();
        session.send(Replies.RESET);
    }

    /** RFC 5321 4.1.1.9: no effect, whatever stands behind it. */
    static void noop(SessionState session, Command.Noop command) {
        session.send(Replies.NOOP);
    }

    /** RFC 5321 4.1.1.10. */
    static void quit(SessionState session, Command.Quit command) {
        session.endAsBidden(Replies.BYE);
    }
}
