package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mime.Downgrade;
import org.hikyaku.mime.DropHeaders;
import org.hikyaku.mime.LocalLines;
import org.hikyaku.mime.PrependHeaders;
import org.hikyaku.mime.Transform;
import org.hikyaku.queue.Outcome;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.LocalDirectory.Resolution.Mailbox;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * Puts mail into Maildirs under one root, {@code root/domain/user/} with {@code new}, {@code cur} and {@code tmp}, all
 * owned by the service's account. Final delivery: Return-Path is put on top (RFC 5321 4.4) in place of any that was
 * there, and Delivered-To with the address as it was written, sub-address kept. Lines end in LF; binary parts are encoded.
 *
 * <p>Delivered means that the file's bytes and its name in {@code new} are forced to disk.
 *
 * <p><i>Failure:</i> no such user fails for good; what the disk refuses is tried again, and the half-written file
 * is deleted. When only the last force fails, the file is deleted again too; if that does not help, a second copy
 * may come of the next attempt.
 */
public final class MaildirAgent implements DeliveryAgent {
    private static final String OWN = "";

    private final World world;
    private final Supplier<LocalDirectory> directory;
    private final Maildirs maildirs;

    public MaildirAgent(World world, Supplier<LocalDirectory> directory) {
        this.world = world;
        this.directory = directory;
        this.maildirs = new Maildirs(world);
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
            failed(delivery, asked, place, FailurePolicy.MAILBOX_UNKNOWN, "no such user here", outcomes);
            return;
        }
        Path root = delivery.config().maildirRoot();
        Outgoing outgoing;
        try {
            Address sender = delivery.message().envelope().senderFor(recipient);
            outgoing = new Outgoing(delivery.message().content(), form(delivery, sender, address), Outgoing.PART);
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
        switch (maildirs.store(root, mailbox.get().home(), delivery.config().hostname(), outgoing)) {
            case Maildirs.Stored.Yes yes ->
                outcomes.delivered(place, OWN, "", "stored as " + yes.name(), Outcome.Word.DELIVERED);
            case Maildirs.Stored.Unreadable why ->
                failed(
                        delivery,
                        asked,
                        place,
                        FailurePolicy.CONTENT_UNREADABLE,
                        "the message cannot be read now",
                        outcomes);
            case Maildirs.Stored.No why -> {
                world.events().emit(Event.MAILBOX_WRITE_FAILED, mailbox.get().user(), why.text());
                boolean full = isFull(root, delivery.message().content().size());
                FailurePolicy row = full ? FailurePolicy.MAILBOX_FULL : FailurePolicy.MAILBOX_UNWRITABLE;
                failed(delivery, asked, place, row, "the mailbox cannot be written now", outcomes);
            }
        }
    }

    private static Transform form(Delivery delivery, Address sender, Address recipient) throws IOException {
        String lines = "Return-Path: <" + sender + ">\r\nDelivered-To: " + recipient + "\r\n";
        Transform own = new DropHeaders(List.of("Return-Path"))
                .then(new PrependHeaders(lines.getBytes(StandardCharsets.UTF_8)));
        if (!delivery.message().envelope().wishes().binary()) {
            return own.then(new LocalLines());
        }
        // RFC 3030 3: every bit is kept. In a file of lines only an encoding does so, else the file has them as they
        // came
        return switch (Downgrade.plan(delivery.message().content(), Downgrade.Way.BINARY_TO_EIGHT)) {
            case Downgrade.Plan.Can can -> new Downgrade(can).then(own).then(new LocalLines());
            case Downgrade.Plan.Cannot cannot -> own;
        };
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
