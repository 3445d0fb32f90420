package org.hikyaku.listen;

import org.hikyaku.config.ListenerSettings;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.smtp.server.Action;
import org.hikyaku.smtp.server.SmtpSession;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.Spool;
import org.hikyaku.world.Loop;

/**
 * How a session's messages come into the store: a draft for each, and at its end the commit, with where it came from. It
 * does not wait.
 *
 * <p><i>Failure:</i> told to {@code done}, as is success; until one of them the responsibility is the client's (RFC 5321 6.1).
 *
 * @param name of the session
 */
record Deposit(Reception reception, SmtpSession session, String name, String listener, Loop loop) {
    Draft open() {
        return reception.drafts().open(session.facts());
    }

    void commit(Draft draft, Action.Commit commit, Spool.Done done) {
        reception
                .store()
                .take(
                        draft,
                        commit.prepended(),
                        commit.envelope(),
                        origin(),
                        commit.hold(),
                        commit.messageId(),
                        loop,
                        done);
    }

    private Origin origin() {
        SessionFacts facts = session.facts();
        if (facts.hostUser().isPresent()) {
            return new Origin(Origin.Kind.LOCAL, "", facts.hostUser().get().name(), name, listener);
        }
        boolean submission = facts.rules().mode() == ListenerSettings.Mode.SUBMISSION;
        return new Origin(
                submission ? Origin.Kind.SUBMISSION : Origin.Kind.SMTP,
                IpLiteral.number(facts.remote()),
                facts.user().orElse(""),
                name,
                listener);
    }
}
