package org.hikyaku.check;

import java.util.function.Predicate;
import org.hikyaku.mail.Address;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;

/** A user who sends to somebody who has long been gone hears so at RCPT; for other mail a notice tells it (docs/notices.md). */
public final class SuppressionCheck implements Check {
    private final Predicate<Address> suppressed;

    /** @param suppressed never waits */
    public SuppressionCheck(Predicate<Address> suppressed) {
        this.suppressed = suppressed;
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Recipient;
    }

    @Override
    public boolean waits() {
        return false;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        return facts.account().isPresent()
                        && question instanceof Question.Recipient to
                        && suppressed.test(to.recipient())
                ? new Verdict.Reject(Replies.SUPPRESSED)
                : Verdict.PASS;
    }
}
