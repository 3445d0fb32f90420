package org.hikyaku.smtp.server;

import org.hikyaku.config.ListenerSettings;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;

/**
 * How a session begins: TLS where it comes first, the wait for who speaks too early, policy's word on the connection, the
 * greeting (RFC 5321 3.1).
 *
 * <p>It promises that nobody is greeted before policy was asked, and that who is refused hears 554 and may only quit.
 *
 * <p><i>Failure:</i> who is not let in at all, or spoke first where that is forbidden, is told so and the session ends.
 */
final class Opening {
    private Opening() {}

    static void begin(SessionState session) {
        if (session.rules().tls() == ListenerSettings.TlsMode.IMPLICIT) {
            session.startTls(() -> letWait(session));
        } else {
            letWait(session);
        }
    }

    /** As after the connect, with what is known of the client now: asked whether he may come, and greeted (XCLIENT). */
    static void beginAnew(SessionState session) {
        session.forgetTransaction();
        session.phase(Phase.GREETED);
        ask(session);
    }

    private static void letWait(SessionState session) {
        if (session.rules().mode() == ListenerSettings.Mode.NONE) {
            session.end(Replies.NO_MAIL_HERE, "no mail is taken here"); // RFC 7504 3
        } else if (session.rules().greetingDelay().isPositive()) {
            session.rest(session.rules().greetingDelay(), () -> ask(session));
        } else {
            ask(session);
        }
    }

    private static void ask(SessionState session) {
        session.ask(new Question.Connect(), verdict -> greet(session, verdict));
    }

    /** RFC 5321 3.1: 220, or 554 and then only QUIT; 421 and 521 close. */
    private static void greet(SessionState session, Verdict verdict) {
        session.phase(session.client().isGreeted() ? Phase.IDLE : Phase.GREETED);
        if (session.early().isRefused()) {
            session.end(Replies.SPOKE_EARLY, "spoke before the greeting");
            return;
        }
        Reply refusal = session.refusal(verdict);
        if (refusal == null) {
            session.send(Replies.greeting(session.config().hostname().ascii(), session.isLmtp() ? "LMTP" : "ESMTP"));
        } else if (!session.isClosed()) {
            refuse(session, refusal);
        }
    }

    private static void refuse(SessionState session, Reply refusal) {
        session.tell(new Note.CommandRejected("connect", refusal.text()));
        if (refusal.code() == 421 || refusal.code() == 521) {
            session.end(refusal, "refused by policy");
        } else {
            session.phase(Phase.REFUSED);
            session.send(new Reply(554, refusal.isPermanent() ? refusal.enhanced() : "5.7.1", refusal.lines()));
        }
    }
}
