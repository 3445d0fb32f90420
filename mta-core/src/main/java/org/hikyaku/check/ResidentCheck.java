package org.hikyaku.check;

import java.util.function.Predicate;
import java.util.function.Supplier;
import org.hikyaku.mail.Address;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.LocalDirectory;

/**
 * Asks Dovecot, where it knows who has a mailbox here, for all the names that a recipient may stand for: at RCPT, and at VRFY; and
 * again at the end of a message for whom it did not know, where others take his mail, as such a no does not count for long. It decides
 * nothing: the checks behind it, and intake, find what was said in {@link DovecotUsers}.
 *
 * <p><i>Failure:</i> what Dovecot cannot tell now is 451 4.3.0.
 */
public final class ResidentCheck implements Check {
    private final ResidentQuestions questions;

    /** @param listed who needs not be asked for */
    public ResidentCheck(Supplier<LocalDirectory> directory, Predicate<String> listed, DovecotUsers users) {
        this.questions = new ResidentQuestions(directory, listed, users);
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Recipient
                || question instanceof Question.Verify
                || question instanceof Question.Message;
    }

    @Override
    public boolean concerns(Question question, SessionFacts facts) {
        return concerns(question) && questions.isOpen(facts.config(), isFirst(question), way(question, facts));
    }

    @Override
    public boolean waits() {
        return true;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        return questions.ask(facts.config(), isFirst(question), way(question, facts))
                ? Verdict.PASS
                : new Verdict.Reject(Replies.USERS_UNKNOWN);
    }

    private static boolean isFirst(Question question) {
        return !(question instanceof Question.Message);
    }

    private static ResidentQuestions.Way way(Question question, SessionFacts facts) {
        return here -> {
            boolean ours = here.rewriting().isOurs(facts.account(), facts.remote());
            switch (question) {
                case Question.Recipient asked -> here.resolve(asked.recipient(), asked.sender(), ours);
                case Question.Verify asked ->
                    InquiryCheck.meant(asked.text(), here).ifPresent(meant -> here.resolve(meant, Address.NULL, ours));
                case Question.Message asked
                when here.takesAnybody() ->
                    asked.envelope()
                            .recipients()
                            .forEach(to ->
                                    here.resolve(to.address(), asked.envelope().sender(), ours));
                default -> {}
            }
        };
    }
}
