package org.hikyaku.check;

import java.util.function.Predicate;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;

/**
 * Whoever has logged in before his account was closed sends nothing more: 421 at MAIL and after the end of data. A user of this
 * host whose account is closed hears it at once.
 */
public final class ClosedCheck implements Check {
    private final Predicate<String> closed;

    /** @param closed whether the account of a user is closed; never waits */
    public ClosedCheck(Predicate<String> closed) {
        this.closed = closed;
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Connect
                || question instanceof Question.Sender
                || question instanceof Question.Message;
    }

    @Override
    public boolean waits() {
        return false;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        return facts.account().filter(closed).isPresent() ? new Verdict.Close(Replies.ACCOUNT_CLOSED) : Verdict.PASS;
    }
}
