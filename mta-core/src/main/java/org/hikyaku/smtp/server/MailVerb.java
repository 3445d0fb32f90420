package org.hikyaku.smtp.server;

import org.hikyaku.policy.Question;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** MAIL (RFC 5321 4.1.1.2); its parameters are the extensions' ({@link Features}). */
final class MailVerb {
    private MailVerb() {}

    static @Nullable Reply check(SessionState session, Command.Mail command) {
        Reply wrong = Features.MAIL.check(session, command.parameters());
        if (wrong != null) {
            return wrong;
        }
        // RFC 6531 3.5
        return command.international() && !Utf8Feature.isSaid(command.parameters())
                ? Replies.INTERNATIONAL_SENDER
                : null;
    }

    static void proceed(SessionState session, Command.Mail command) {
        if (session.counts().areMessagesTooMany()) {
            session.end(Replies.TOO_MANY_MESSAGES, "enough messages");
            return;
        }
        Transaction begun = new Transaction(command.sender(), session.wall());
        Features.MAIL.take(command.parameters(), begun);
        Reply senseless = VerpFeature.settle(session, begun);
        Reply contradiction = senseless != null ? senseless : HoldFeature.contradiction(begun);
        if (contradiction != null) {
            session.refuse("MAIL", contradiction);
            return;
        }
        session.begin(begun);
        AuthFeature.believe(session);
        session.ask(new Question.Sender(command.sender(), begun.size, begun.wishes), verdict -> {
            Reply refusal = session.refusal(verdict);
            if (session.isClosed()) {
                return;
            }
            if (refusal == null) {
                session.phase(Phase.SENDER);
                session.send(PriorityFeature.bounded(session));
            } else {
                session.forgetTransaction();
                session.tell(new Note.SenderRejected(command.sender().toString(), refusal.text()));
                session.fault(refusal);
            }
        });
    }
}
