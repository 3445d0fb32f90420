package org.hikyaku.check;

import org.hikyaku.config.Config;
import org.hikyaku.mail.Wishes;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;

/**
 * No user has more kept for later than the operator allows (RFC 4865 6): asked at MAIL with the size that was announced, and
 * again when the message is there. Several sessions of one user at the same moment may pass the bound by a message each.
 */
public final class HoldQuotaCheck implements Check {
    private final Kept kept;

    /** What users have kept; never waits. */
    public interface Kept {
        /** Whether a user may have one more kept, of so many octets. */
        boolean hasRoom(String user, long octets, int messagesMax, long octetsMax);
    }

    public HoldQuotaCheck(Kept kept) {
        this.kept = kept;
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Sender || question instanceof Question.Message;
    }

    @Override
    public boolean waits() {
        return false;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        return switch (question) {
            case Question.Sender asked -> verdict(asked.wishes(), asked.size(), facts);
            case Question.Message asked ->
                verdict(asked.envelope().wishes(), asked.content().size(), facts);
            default -> Verdict.PASS;
        };
    }

    private Verdict verdict(Wishes wishes, long octets, SessionFacts facts) {
        Config.Extensions bounds = facts.config().extensions();
        boolean fits = wishes.release().isEmpty()
                || kept.hasRoom(facts.user().orElse(""), octets, bounds.holdMessagesMax(), bounds.holdSizeMax());
        return fits ? Verdict.PASS : new Verdict.Reject(Replies.HOLD_QUOTA);
    }
}
