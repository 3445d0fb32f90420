package org.hikyaku.mail;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An envelope address: a mailbox {@code local@domain}, the null path {@code <>}, or the bare {@code postmaster} of
 * RFC 5321 4.5.1.
 *
 * <p>The local part is held unquoted, as the octets the quoting stood for, so {@code "a b"@x} and {@code a\ b@x} are
 * one address; {@link #toString} quotes again where RFC 5321 4.1.2 needs it. Equality: domains by {@link Domain},
 * local parts letter by letter, except that {@code postmaster} has no case (RFC 5321 2.3.11, 4.5.1). Look-ups of our own
 * users use {@link #localKey}.
 *
 * <p>The grammar that reads one from an SMTP line lives in {@code smtp}; {@link #parse} here reads the same mailbox
 * grammar from configuration, files and headers.
 */
public final class Address {
    /** The null reverse-path {@code <>}: notices are sent from it and never answered. */
    public static final Address NULL = new Address("", null);

    private final String local;
    private final @Nullable Domain domain;

    private Address(String local, @Nullable Domain domain) {
        this.local = local;
        this.domain = domain;
    }

    /** A mailbox; {@code local} unquoted. */
    public static Address of(String local, Domain domain) {
        if (local.isEmpty()) {
            throw new IllegalArgumentException("empty local part");
        }
        return new Address(local, domain);
    }

    /** The bare {@code <postmaster>} (RFC 5321 4.5.1), to be given a domain by intake. */
    public static Address barePostmaster() {
        return new Address("postmaster", null);
    }

    /** For constants and tests: {@link #parse}, but an error is a bug of the caller. */
    public static Address of(String mailbox) {
        return parse(mailbox).orElseThrow(() -> new IllegalArgumentException("not an address: " + mailbox));
    }

    /**
     * Reads {@code local@domain} without angle brackets; the local part may be quoted, letters may be UTF-8. Source
     * routes are no mailbox and give empty.
     */
    public static Optional<Address> parse(String mailbox) {
        return MailboxParser.parse(mailbox);
    }

    public boolean isNull() {
        return local.isEmpty();
    }

    /** Whether this is the postmaster, of whatever domain or none. */
    public boolean isPostmaster() {
        return local.equalsIgnoreCase("postmaster");
    }

    /** The local part, unquoted; empty for the null path. */
    public String local() {
        return local;
    }

    /** Empty for the null path and for the bare postmaster. */
    public Optional<Domain> domain() {
        return Optional.ofNullable(domain);
    }

    /** The domain of an address that has one. */
    public Domain requireDomain() {
        return Objects.requireNonNull(domain, "an address without a domain");
    }

    /** The same local part elsewhere. */
    public Address withDomain(Domain other) {
        return new Address(local, other);
    }

    /** The same domain, another local part. */
    public Address withLocal(String other) {
        return new Address(other, domain);
    }

    /** The form in which our own users and aliases are found: lower case local part, {@code @}, A-label domain. */
    public String localKey() {
        String key = local.toLowerCase(Locale.ROOT);
        return domain == null ? key : key + "@" + domain.ascii();
    }

    /** Whether sending this needs SMTPUTF8: a local part with a letter outside ASCII (RFC 6531 3.2). */
    public boolean isInternational() {
        for (int i = 0; i < local.length(); i++) {
            if (local.charAt(i) >= 0x80) {
                return true;
            }
        }
        return false;
    }

    /** Octets of the text form in UTF-8. */
    public int octets() {
        return toString().getBytes(StandardCharsets.UTF_8).length;
    }

    /** The mailbox in the form of SMTP, quoted where needed, without angle brackets; empty for the null path. */
    @Override
    public String toString() {
        String left = MailboxParser.quoteIfNeeded(local);
        return domain == null ? left : left + "@" + domain.ascii();
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Address other
                && Objects.equals(domain, other.domain)
                && (local.equals(other.local) || (isPostmaster() && other.isPostmaster()));
    }

    @Override
    public int hashCode() {
        return Objects.hash(isPostmaster() ? "postmaster" : local, domain == null ? 0 : domain.ascii());
    }
}
