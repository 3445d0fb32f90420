package org.hikyaku.mail;

import java.util.List;
import java.util.Optional;

/**
 * What a look at a message's header tells, found while the octets went by.
 *
 * @param receivedCount Received fields: hops so far (RFC 5321 6.3)
 * @param from the addresses of the From field (RFC 5322 3.6.2); empty when there is none or it cannot be read
 * @param fromReadable there is exactly one From field, and all of it was understood
 * @param sender the address of the Sender field; empty when there is none, or not one that can be read
 * @param hasSender a Sender field is there
 * @param hasDate a Date field is there
 * @param messageId the Message-ID field's text, cut to a sane length, empty when there is none
 * @param eightBit an octet over 127 stands in the header
 * @param bulk Precedence says bulk, list or junk: nobody waits for it
 * @param octets of the header
 * @param tooBig the header is longer than the limit; nothing else here is to be relied on
 * @param oneLabel domains of one label in fields with addresses; the first few
 * @param asks of the servers that carry it
 * @param bodyAtOnce the first line is no header field and not empty: what is put before needs an empty line behind it
 */
public record HeaderFacts(
        int receivedCount,
        List<Address> from,
        boolean fromReadable,
        Optional<Address> sender,
        boolean hasSender,
        boolean hasDate,
        String messageId,
        boolean eightBit,
        boolean bulk,
        long octets,
        boolean tooBig,
        List<Domain> oneLabel,
        HeaderAsks asks,
        boolean bodyAtOnce) {
    public HeaderFacts {
        from = List.copyOf(from);
        oneLabel = List.copyOf(oneLabel);
    }
}
