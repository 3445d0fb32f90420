package org.hikyaku.mail;

/**
 * One recipient of a stored message.
 *
 * @param address where it goes now, after aliases and sub-addresses were followed
 * @param original what the sender wrote at RCPT: shown in bounces (RFC 3464 2.3.1) when it differs
 * @param wanted what the sender wants to be told of him; {@link Notify#NONE}, the same object, for most
 */
public record Recipient(Address address, Address original, Notify wanted) {
    public Recipient {
        wanted = wanted.equals(Notify.NONE) ? Notify.NONE : wanted;
    }

    /** One of whom nothing special was asked. */
    public Recipient(Address address, Address original) {
        this(address, original, Notify.NONE);
    }

    public static Recipient of(Address address) {
        return new Recipient(address, address);
    }
}
