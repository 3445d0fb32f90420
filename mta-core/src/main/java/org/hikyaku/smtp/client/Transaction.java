package org.hikyaku.smtp.client;

import java.util.List;
import org.hikyaku.mail.Address;

/**
 * One message for some recipients of one host, as it will be sent.
 *
 * @param size octets as sent, without the dots of dot-stuffing (RFC 1870 6.1)
 * @param eightBit the message as sent holds octets over 127: BODY=8BITMIME
 * @param utf8 a header or an address as sent needs SMTPUTF8
 */
public record Transaction(Address sender, List<Address> recipients, long size, boolean eightBit, boolean utf8) {
    public Transaction {
        recipients = List.copyOf(recipients);
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("a transaction for nobody");
        }
    }
}
