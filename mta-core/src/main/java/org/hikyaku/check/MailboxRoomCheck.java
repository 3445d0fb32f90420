package org.hikyaku.check;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.config.AgentSettings;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.LocalDirectory.Resolution;

/**
 * Mail for a full mailbox is refused while the sender's server still holds it: 452 4.2.2 or 552 5.2.2 at RCPT, by
 * {@code agents.over_quota}. What SIZE told of the message counts. Only where the address leads to one mailbox with a quota; the
 * delivery looks again.
 *
 * <p><i>Failure:</i> a mailbox of which nothing is known has room.
 */
public final class MailboxRoomCheck implements Check {
    private final Supplier<LocalDirectory> directory;
    private final Room room;

    /** What the agents of this host know of their mailboxes. */
    public interface Room {
        /** Whether there is a quota, and an agent of ours keeps to it; never waits. */
        boolean isLimited(Resolution.Mailbox mailbox, Config config);

        /** Whether a message of so many octets fits, as far as that is quickly known. May wait for the disk. */
        boolean has(Resolution.Mailbox mailbox, long octets, Config config);
    }

    public MailboxRoomCheck(Supplier<LocalDirectory> directory, Room room) {
        this.directory = directory;
        this.room = room;
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Recipient;
    }

    @Override
    public boolean concerns(Question question, SessionFacts facts) {
        return question instanceof Question.Recipient asked
                && mailbox(asked, facts)
                        .filter(mailbox -> room.isLimited(mailbox, facts.config()))
                        .isPresent();
    }

    @Override
    public boolean waits() {
        return true;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        boolean full = question instanceof Question.Recipient asked
                && mailbox(asked, facts)
                        .filter(mailbox -> !room.has(mailbox, Math.max(1, asked.size()), facts.config()))
                        .isPresent();
        if (!full) {
            return Verdict.PASS;
        }
        boolean later = facts.config().agents().overQuota() == AgentSettings.OverQuota.DEFER;
        return new Verdict.Reject(later ? Replies.MAILBOX_FULL_NOW : Replies.MAILBOX_FULL);
    }

    private Optional<Resolution.Mailbox> mailbox(Question.Recipient asked, SessionFacts facts) {
        LocalDirectory here = directory.get();
        boolean ours = here.rewriting().isOurs(facts.account(), facts.remote());
        return switch (here.resolve(asked.recipient(), asked.sender(), ours)) {
            case Resolution.Mailbox mailbox -> Optional.of(mailbox);
            case Resolution.Expanded(List<Address> to, Optional<Address> owner)
            when to.size() == 1 -> here.mailbox(to.getFirst());
            default -> Optional.empty();
        };
    }
}
