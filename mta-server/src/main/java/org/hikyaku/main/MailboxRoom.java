package org.hikyaku.main;

import java.util.Optional;
import org.hikyaku.check.MailboxRoomCheck;
import org.hikyaku.config.Config;
import org.hikyaku.deliver.MailboxAgent;
import org.hikyaku.table.LocalDirectory.Resolution.Mailbox;

/** Whether mailboxes have room, asked of the agent that would take the mail. */
record MailboxRoom(MailboxAgent maildirs, MailboxAgent mboxes) implements MailboxRoomCheck.Room {
    /** Not where rules of routes may send its mail elsewhere. */
    @Override
    public boolean isLimited(Mailbox mailbox, Config config) {
        return config.delivery().rules().isEmpty()
                && agent(mailbox, config)
                        .filter(one -> one.isLimited(mailbox, config))
                        .isPresent();
    }

    @Override
    public boolean has(Mailbox mailbox, long octets, Config config) {
        return agent(mailbox, config)
                .filter(one -> !one.hasRoom(mailbox, octets, config))
                .isEmpty();
    }

    private Optional<MailboxAgent> agent(Mailbox mailbox, Config config) {
        return switch (config.agents().agentOf(mailbox.address(), config.local())) {
            case "maildir" -> Optional.of(maildirs);
            case "mbox" -> Optional.of(mboxes);
            default -> Optional.empty();
        };
    }
}
