package org.hikyaku.mail;

/**
 * One recipient of a stored message.
 *
 * @param address where it goes now, after aliases and sub-addresses were followed
 * @param original what the sender wrote at RCPT: shown in bounces (RFC 3464 2.3.1) when it differs
 */
public record Recipient(Address address, Address original) {
    public static Recipient of(Address address) {
        return new Recipient(address, address);
    }
}
