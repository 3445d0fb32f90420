package org.hikyaku.smtp.client;

import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;

/**
 * One message for some recipients of one host, as it will be sent.
 *
 * @param priority told to the host only where the wishes say so
 * @param wishes what the sender asked for: said to a host that knows the extension
 * @param bySeconds how much of the time is left by which it is to be delivered; meaningless without a deadline
 * @param size octets as sent, without the dots of dot-stuffing (RFC 1870 6.1)
 * @param body how its octets go
 * @param utf8 a header or an address as sent needs SMTPUTF8
 */
public record Transaction(
        Address sender,
        List<Recipient> recipients,
        int priority,
        Wishes wishes,
        long bySeconds,
        long size,
        Body body,
        boolean utf8) {
    public Transaction {
        recipients = List.copyOf(recipients);
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("a transaction for nobody");
        }
    }

    /** Of a message of which nothing special is asked, by DATA. */
    public Transaction(Address sender, List<Address> recipients, long size, boolean eightBit, boolean utf8) {
        this(
                sender,
                recipients.stream().map(Recipient::of).toList(),
                0,
                Wishes.NONE,
                0,
                size,
                Body.ofData(eightBit),
                utf8);
    }
}
