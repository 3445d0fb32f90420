package org.hikyaku.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.DomainPattern;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that a rule is for: one, {@code anna@example.org}; those of a domain, {@code example.org}, or of all below it too,
 * {@code .example.org}; those that a pattern matches whole, {@code /.*-bulk@example\.org/}; the null sender, {@code <>}.
 * Equal when written alike. Patterns match in time that grows with the length only.
 *
 * <p><i>Failure:</i> {@link #parse} is empty for what is none of these.
 */
public final class AddressPattern {
    /** The key of the null sender. */
    public static final String NULL_SENDER = "<>";

    private static final int LENGTH_MAX = 1_000;

    private final String text;
    private final String key;
    private final @Nullable Pattern pattern;

    private AddressPattern(String text, String key, @Nullable Pattern pattern) {
        this.text = text;
        this.key = key;
        this.pattern = pattern;
    }

    public static Optional<AddressPattern> parse(String text) {
        if (text.length() > LENGTH_MAX) {
            return Optional.empty();
        }
        if (text.startsWith("/")) {
            return compiled(text);
        }
        Optional<String> key = text.equals(NULL_SENDER)
                ? Optional.of(NULL_SENDER)
                : text.indexOf('@') > 0
                        ? Address.parse(text)
                                .filter(a -> a.domain().isPresent())
                                .map(Address::localKey)
                        : DomainPattern.parse(text.startsWith("@") ? text.substring(1) : text)
                                .map(AddressPattern::keyOf);
        return key.map(found -> new AddressPattern(text, found, null));
    }

    private static Optional<AddressPattern> compiled(String text) {
        if (text.length() < 3 || !text.endsWith("/")) {
            return Optional.empty();
        }
        try {
            Pattern pattern = Pattern.compile(text.substring(1, text.length() - 1), Pattern.CASE_INSENSITIVE);
            return Optional.of(new AddressPattern(text, "", pattern));
        } catch (PatternSyntaxException e) {
            return Optional.empty();
        }
    }

    private static String keyOf(DomainPattern domain) {
        return (domain.below() ? "." : "@") + domain.domain().ascii();
    }

    /** By what it is found: {@code anna@example.org}, {@code @example.org}, {@code .example.org}, {@code <>}; empty for a pattern. */
    public String key() {
        return key;
    }

    /** Whether it is a pattern, and matches the whole of it; the domain is in its ASCII form. */
    public boolean matches(Address address) {
        Pattern own = pattern;
        return own != null
                && address.domain().isPresent()
                && own.matches(address.local() + "@" + address.requireDomain().ascii());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AddressPattern pattern && text.equals(pattern.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
