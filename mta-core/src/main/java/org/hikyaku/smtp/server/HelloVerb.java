package org.hikyaku.smtp.server;

import org.hikyaku.policy.Question;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;

/** EHLO and HELO (RFC 5321 4.1.1.1, 4.1.4). Refused ones change nothing. */
final class HelloVerb {
    private HelloVerb() {}

    static void ehlo(SmtpSession session, Command.Ehlo command) {
        hello(session, command.name(), true);
    }

    static void helo(SmtpSession session, Command.Helo command) {
        hello(session, command.name(), false);
    }

    private static void hello(SmtpSession session, String name, boolean extended) {
        session.ask(new Question.Helo(name), verdict -> {
            Reply refusal = session.refusal(verdict);
            if (session.isClosed()) {
                return;
            }
            if (refusal != null) {
                session.refuse(extended ? "EHLO" : "HELO", refusal);
                return;
            }
            session.greeted(name, extended);
            String hostname = session.config().hostname().ascii();
            session.send(
                    extended ? Replies.ehlo(hostname, Extension.offer(session.situation())) : Replies.hello(hostname));
        });
    }
}
