package org.hikyaku.check;

import java.util.function.Supplier;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.LocalDirectory;

/**
 * Mail for nobody is refused while the sender's server still holds it, so that no bounce goes to a forged sender: an
 * unknown address of a local domain gets 550 5.1.1 at RCPT.
 */
public final class RecipientCheck implements Check {
    private final Supplier<LocalDirectory> directory;

    public RecipientCheck(Supplier<LocalDirectory> directory) {
        this.directory = directory;
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
        if (!(question instanceof Question.Recipient asked)) {
            return Verdict.PASS;
        }
        LocalDirectory here = directory.get();
        boolean ours = here.rewriting().isOurs(facts.account(), facts.remote());
        return here.resolve(asked.recipient(), asked.sender(), ours) instanceof LocalDirectory.Resolution.Unknown
                ? new Verdict.Reject(Replies.noSuchUser(asked.recipient()))
                : Verdict.PASS;
    }
}
