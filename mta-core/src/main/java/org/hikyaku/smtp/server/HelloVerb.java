package org.hikyaku.smtp.server;

import org.hikyaku.policy.Question;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** EHLO and HELO (RFC 5321 4.1.1.1, 4.1.4), LHLO (RFC 2033 4.1). Refused ones change nothing. */
final class HelloVerb {
    private HelloVerb() {}

    /** RFC 2033 4.1: 500 is recommended, so that two sides that do not speak the same protocol find out. */
    static @Nullable Reply checkSmtp(SessionState session) {
        return session.isLmtp() ? Replies.LHLO_WANTED : null;
    }

    static @Nullable Reply checkLmtp(SessionState session) {
        return session.isLmtp() ? null : Replies.NOT_IMPLEMENTED;
    }

    static void lhlo(SessionState session, Command.Lhlo command) {
        hello(session, "LHLO", command.name());
    }

    static void ehlo(SessionState session, Command.Ehlo command) {
        hello(session, "EHLO", command.name());
    }

    static void helo(SessionState session, Command.Helo command) {
        hello(session, "HELO", command.name());
    }

    private static void hello(SessionState session, String verb, String name) {
        boolean extended = !verb.equals("HELO");
        session.ask(new Question.Helo(name), verdict -> {
            Reply refusal = session.refusal(verdict);
            if (session.isClosed()) {
                return;
            }
            if (refusal != null) {
                session.refuse(verb, refusal);
                return;
            }
            session.greeted(name, extended);
            String hostname = session.config().hostname().ascii();
            session.send(
                    extended ? Replies.ehlo(hostname, Extension.offer(session.situation())) : Replies.hello(hostname));
        });
    }
}
