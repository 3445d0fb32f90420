package org.hikyaku.smtp.server;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.mail.Wishes;
import org.jspecify.annotations.Nullable;

/** One mail transaction (RFC 5321 3.3): what MAIL, RCPT and policy said, from MAIL to its end. */
final class Transaction {
    final Address sender;
    /** When MAIL came, by the day's clock. */
    final Instant begun;
    /** SMTPUTF8 was a parameter of MAIL. */
    boolean smtputf8;
    /** What else the parameters of MAIL ask for. */
    Wishes wishes = Wishes.NONE;
    /** The signs behind XVERP; empty when it stood alone. */
    @Nullable
    String verp;

    /** How often it was said that the message is to be kept back. */
    int holds;
    /** Counts only where the wishes say that it was asked for. */
    int priority;
    /** Octets that MAIL announced; 0 when it did not. */
    long size;

    final List<To> recipients = new ArrayList<>(1);
    /** Header lines policy wants before the message. */
    final List<String> headers = new ArrayList<>(0);
    /** Why policy wants it held or discarded, or empty. */
    String hold = "";

    String discard = "";

    @Nullable
    SpoolId id;

    @Nullable
    Instant opened;

    /** A recipient that was taken, with what the parameters of RCPT say of it. */
    static final class To {
        final Address address;
        Notify notify = Notify.NONE;

        To(Address address) {
            this.address = address;
        }

        Recipient recipient() {
            return new Recipient(address, address, notify);
        }
    }

    Transaction(Address sender, Instant begun) {
        this.sender = sender;
        this.begun = begun;
    }

    SpoolId requireId() {
        return Objects.requireNonNull(id, "no draft");
    }

    /**
     * The envelope. SMTPUTF8 is needed when an address cannot do without it, or when the client said it and the header
     * makes use of it: of a client that did not say it, octets over 127 in a header are taken as they are and need no
     * more than 8BITMIME. Bulk goes behind what somebody waits for.
     */
    Envelope envelope(boolean eightBit, HeaderFacts headers) {
        boolean international =
                sender.isInternational() || recipients.stream().anyMatch(to -> to.address.isInternational());
        return new Envelope(
                sender,
                recipients.stream().map(To::recipient).toList(),
                eightBit,
                international || (smtputf8 && headers.eightBit()),
                wishes.ranked() ? priority : headers.bulk() ? Envelope.BULK : 0,
                wishes);
    }
}
