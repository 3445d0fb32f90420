package org.hikyaku.mail;

import java.util.List;

/**
 * The envelope as it is stored and handed to delivery (RFC 5321 2.3.1).
 *
 * @param sender the reverse-path, {@link Address#NULL} for notices
 * @param recipients in the order of RCPT; a recipient's place in this list is his number everywhere (spool, claim)
 * @param needs8Bit the body or header holds octets over 127 (found from the bytes, not from BODY=)
 * @param needsUtf8 an address or a header needs SMTPUTF8 (found from the bytes and addresses, RFC 6531 3.6)
 * @param priority from -9 to 9, 0 being usual (RFC 6710 4.1): how soon it goes when others wait too
 * @param wishes what the sender asked for by extensions; {@link Wishes#NONE}, the same object, for most
 */
public record Envelope(
        Address sender, List<Recipient> recipients, boolean needs8Bit, boolean needsUtf8, int priority, Wishes wishes) {
    public static final int PRIORITY_MAX = 9;
    /** Octets of an address, without the brackets around it. */
    private static final int PATH_MAX = 254;

    /** The priority of mail that says it is bulk, and of notices of ours. */
    public static final int BULK = -4;
    /** The priority of what a user of ours sends. */
    public static final int SUBMITTED = 2;

    public Envelope {
        recipients = List.copyOf(recipients);
        wishes = wishes.isNone() ? Wishes.NONE : wishes;
        if (priority < -PRIORITY_MAX || priority > PRIORITY_MAX) {
            throw new IllegalArgumentException("priority " + priority);
        }
    }

    /** Without wishes. */
    public Envelope(Address sender, List<Recipient> recipients, boolean needs8Bit, boolean needsUtf8, int priority) {
        this(sender, recipients, needs8Bit, needsUtf8, priority, Wishes.NONE);
    }

    /** Of the usual priority. */
    public Envelope(Address sender, List<Recipient> recipients, boolean needs8Bit, boolean needsUtf8) {
        this(sender, recipients, needs8Bit, needsUtf8, 0);
    }

    /**
     * The sender's address that this recipient's copy travels with: where the wishes say so, one that names him as the client
     * did, {@code list+user=there.example@here.example} for the sender {@code list@here.example}, so that what comes back
     * says whom it is about. One that would be too long for a path (RFC 5321 4.5.3.1.3) stays as it is.
     */
    public Address senderFor(Recipient recipient) {
        Address to = recipient.original();
        if (wishes.verp().isEmpty() || sender.domain().isEmpty() || to.domain().isEmpty()) {
            return sender;
        }
        Address own = sender.withLocal(sender.local()
                + wishes.verp().charAt(0)
                + to.local()
                + wishes.verp().charAt(1)
                + to.requireDomain().ascii());
        return own.octets() > PATH_MAX ? sender : own;
    }

    public Envelope withPriority(int another) {
        return new Envelope(sender, recipients, needs8Bit, needsUtf8, another, wishes);
    }

    public Envelope withRecipients(List<Recipient> others) {
        return new Envelope(sender, others, needs8Bit, needsUtf8, priority, wishes);
    }

    public Envelope with(Wishes others) {
        return new Envelope(sender, recipients, needs8Bit, needsUtf8, priority, others);
    }
}
