package org.hikyaku.check;

import java.util.function.Supplier;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.hikyaku.table.LocalDirectory;

/**
 * What is submitted names its domains in full, in the envelope and in the address fields of the header: a name of one label
 * means something else at each host (RFC 6409 4.2). One that the operator named as ours is let pass. Nothing is expanded here. In a
 * header that programs of this host write names without a domain have been completed as it came, and those of one label (root@localhost)
 * are let pass, as in the drop directory.
 */
public final class QualifiedCheck implements Check {
    private final Supplier<LocalDirectory> directory;

    public QualifiedCheck(Supplier<LocalDirectory> directory) {
        this.directory = directory;
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Sender
                || question instanceof Question.Recipient
                || question instanceof Question.Message;
    }

    @Override
    public boolean waits() {
        return false;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        boolean host = facts.hostUser().isPresent();
        if (facts.rules().mode() != ListenerSettings.Mode.SUBMISSION && !host) {
            return Verdict.PASS;
        }
        return switch (question) {
            case Question.Message asked when host -> Verdict.PASS;
            case Question.Sender asked -> verdict(isFull(asked.sender()), Replies.SENDER_NOT_IN_FULL);
            case Question.Recipient asked -> verdict(isFull(asked.recipient()), Replies.RECIPIENT_NOT_IN_FULL);
            case Question.Message asked ->
                verdict(asked.headers().oneLabel().stream().allMatch(this::isOurs), Replies.HEADER_NOT_IN_FULL);
            default -> Verdict.PASS;
        };
    }

    /** Without a domain it is the null sender or the bare postmaster (RFC 5321 4.5.1). */
    private boolean isFull(Address address) {
        return address.domain()
                .filter(domain -> !domain.isInFull() && !isOurs(domain))
                .isEmpty();
    }

    private boolean isOurs(Domain domain) {
        return directory.get().isLocal(domain);
    }

    private static Verdict verdict(boolean right, Reply refusal) {
        return right ? Verdict.PASS : new Verdict.Reject(refusal);
    }
}
