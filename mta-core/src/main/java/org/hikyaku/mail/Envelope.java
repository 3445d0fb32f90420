package org.hikyaku.mail;

import java.util.List;

/**
 * The envelope as it is stored and handed to delivery (RFC 5321 2.3.1).
 *
 * @param sender the reverse-path, {@link Address#NULL} for notices
 * @param recipients in the order of RCPT; a recipient's place in this list is his number everywhere (spool, claim)
 * @param needs8Bit the body or header holds octets over 127 (found from the bytes, not from BODY=)
 * @param needsUtf8 an address or a header needs SMTPUTF8 (found from the bytes and addresses, RFC 6531 3.6)
 */
public record Envelope(Address sender, List<Recipient> recipients, boolean needs8Bit, boolean needsUtf8) {
    public Envelope {
        recipients = List.copyOf(recipients);
    }
}
