package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.hikyaku.config.AgentSettings;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Recipient;
import org.hikyaku.queue.Outcome;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.LocalDirectory.Resolution.Expanded;
import org.hikyaku.table.LocalDirectory.Resolution.Mailbox;
import org.hikyaku.table.Users;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * Puts mail into mailboxes of this host, all owned by the service's account, in the form that its {@link Mailboxes} give
 * them. Final delivery: Return-Path is put on top (RFC 5321 4.4) in place of any that was there, and Delivered-To with the
 * address as it was written, sub-address kept. Lines end in LF; binary parts are encoded.
 *
 * <p>Delivered means that the message and its name are forced to disk.
 *
 * <p><i>Failure:</i> no such user fails for good; what the disk refuses is tried again; a full mailbox as
 * {@code agents.over_quota} says.
 */
public final class MailboxAgent implements DeliveryAgent {
    private static final String OWN = "";

    private final World world;
    private final Supplier<LocalDirectory> directory;
    private final Supplier<Users> users;
    private final Mailboxes mailboxes;

    private MailboxAgent(World world, Supplier<LocalDirectory> directory, Supplier<Users> users, Mailboxes mailboxes) {
        this.world = world;
        this.directory = directory;
        this.users = users;
        this.mailboxes = mailboxes;
    }

    /** For a directory of files for each user. */
    public static MailboxAgent maildir(World world, Supplier<LocalDirectory> directory, Supplier<Users> users) {
        return new MailboxAgent(world, directory, users, new Maildirs(world));
    }

    /** For one file for each user. */
    public static MailboxAgent mbox(World world, Supplier<LocalDirectory> directory, Supplier<Users> users) {
        return new MailboxAgent(world, directory, users, new Mboxes(world));
    }

    @Override
    public Outcomes deliver(Delivery delivery) {
        Outcomes outcomes = new Outcomes(delivery.recipients().size(), delivery.route());
        List<Recipient> recipients = delivery.recipients();
        for (int place = 0; place < recipients.size(); place++) {
            store(delivery, recipients.get(place), place, outcomes);
        }
        return outcomes;
    }

    private void store(Delivery delivery, Recipient recipient, int place, Outcomes outcomes) {
        Address asked = recipient.address();
        LocalDirectory now = directory.get();
        Address address = asked.domain().isPresent() ? asked : asked.withDomain(now.firstDomain());
        Optional<Mailbox> mailbox = now.mailbox(address);
        if (mailbox.isEmpty()) {
            unknown(delivery, asked, place, now.resolve(address) instanceof Expanded, outcomes);
            return;
        }
        Address sender = delivery.message().envelope().senderFor(recipient);
        Outgoing outgoing;
        try {
            outgoing = new Outgoing(
                    delivery.message().content(),
                    LocalForm.of(delivery, sender, address, mailboxes.fieldsOfReaders(), mailboxes::form),
                    Outgoing.PART);
        } catch (IOException e) {
            failed(
                    delivery,
                    asked,
                    place,
                    FailurePolicy.CONTENT_UNREADABLE,
                    "the message cannot be read now",
                    outcomes);
            return;
        }
        long quota = quota(mailbox.get(), delivery.config());
        switch (mailboxes.store(delivery, sender, mailbox.get(), quota, outgoing)) {
            case Mailboxes.Stored.Yes yes -> outcomes.delivered(place, OWN, "", yes.text(), Outcome.Word.DELIVERED);
            case Mailboxes.Stored.Unreadable why ->
                failed(
                        delivery,
                        asked,
                        place,
                        FailurePolicy.CONTENT_UNREADABLE,
                        "the message cannot be read now",
                        outcomes);
            case Mailboxes.Stored.Busy why ->
                failed(delivery, asked, place, FailurePolicy.MAILBOX_BUSY, "the mailbox is in use by others", outcomes);
            case Mailboxes.Stored.OverQuota why -> {
                boolean defer = delivery.config().agents().overQuota() == AgentSettings.OverQuota.DEFER;
                FailurePolicy row = defer ? FailurePolicy.OVER_QUOTA : FailurePolicy.OVER_QUOTA_REFUSED;
                failed(delivery, asked, place, row, "the mailbox is full", outcomes);
            }
            case Mailboxes.Stored.No why -> {
                world.events().emit(Event.MAILBOX_WRITE_FAILED, mailbox.get().user(), why.text());
                if (why.copyLeft()) {
                    world.events()
                            .emit(Event.MAILBOX_COPY_LEFT, delivery.message().id(), asked);
                }
                Path root = mailboxes.root(delivery.config());
                boolean full = isFull(root, delivery.message().content().size());
                FailurePolicy row = full ? FailurePolicy.MAILBOX_FULL : FailurePolicy.MAILBOX_UNWRITABLE;
                failed(delivery, asked, place, row, "the mailbox cannot be written now", outcomes);
            }
        }
    }

    /** What intake did not pass on had been passed on by that address before (docs/addresses.md). */
    private void unknown(Delivery delivery, Address to, int place, boolean leadsOn, Outcomes outcomes) {
        FailurePolicy row = FailurePolicy.MAILBOX_UNKNOWN;
        Diagnosis why = leadsOn
                ? Diagnosis.ours("5.4.6", "the message goes round: it has been at this address before")
                : row.diagnosis("no such user here");
        world.events().emit(Event.ATTEMPT_FAILED, delivery.message().id(), to, OWN, row.name(), why.text());
        outcomes.failed(place, row, why);
    }

    private long quota(Mailbox mailbox, Config config) {
        return users.get()
                .find(mailbox.user())
                .map(Users.User::quota)
                .orElse(OptionalLong.empty())
                .orElse(config.agents().quota());
    }

    /** Whether the mailbox has a quota. */
    public boolean isLimited(Mailbox mailbox, Config config) {
        return quota(mailbox, config) > 0;
    }

    /** Whether so many octets more fit into the mailbox, as far as that is quickly known; may wait for the disk. */
    public boolean hasRoom(Mailbox mailbox, long octets, Config config) {
        long quota = quota(mailbox, config);
        try {
            return quota == 0 || mailboxes.hasRoom(mailbox, octets, quota, config);
        } catch (IOException e) {
            return true; // there is none yet, or the delivery finds what is wrong
        }
    }

    private boolean isFull(Path root, long size) {
        try {
            return world.disk().freeBytes(root) < size + (1 << 20);
        } catch (IOException e) {
            return false; // not known; the row for all other reasons holds
        }
    }

    private void failed(Delivery delivery, Address to, int place, FailurePolicy row, String text, Outcomes outcomes) {
        Diagnosis why = row.diagnosis(text);
        world.events().emit(Event.ATTEMPT_FAILED, delivery.message().id(), to, OWN, row.name(), text);
        outcomes.failed(place, row, why);
    }
}
