package org.hikyaku.smtp.server;

import org.hikyaku.mail.Address;
import org.hikyaku.policy.Question;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** RCPT (RFC 5321 4.1.1.3); its parameters are the extensions' ({@link Features}). */
final class RcptVerb {
    private RcptVerb() {}

    static @Nullable Reply check(SessionState session, Command.Rcpt command) {
        Reply wrong = Features.RCPT.check(session, command.parameters());
        if (wrong != null) {
            return wrong;
        }
        if (command.international() && !session.transaction().smtputf8) {
            return Replies.INTERNATIONAL_RECIPIENT; // RFC 6531 3.5
        }
        // RFC 5321 4.5.3.1.10
        int most = session.config().limits().recipientsMax();
        return session.transaction().recipients.size() >= most ? Replies.TOO_MANY_RECIPIENTS : null;
    }

    static void proceed(SessionState session, Command.Rcpt command) {
        Address sender = session.transaction().sender;
        session.ask(new Question.Recipient(sender, command.recipient(), session.transaction().size), verdict -> {
            Reply refusal = session.refusal(verdict);
            if (session.isClosed()) {
                return;
            }
            if (refusal == null) {
                Transaction.To to = new Transaction.To(command.recipient());
                Features.RCPT.take(command.parameters(), to);
                session.transaction().recipients.add(to);
                session.phase(Phase.RECIPIENTS);
                session.send(Replies.RECIPIENT_OK);
            } else {
                session.tell(new Note.RecipientRejected(
                        sender.toString(), command.recipient().toString(), refusal.text()));
                session.fault(refusal);
            }
        });
    }
}
