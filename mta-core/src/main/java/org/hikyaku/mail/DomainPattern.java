package org.hikyaku.mail;

import java.util.Optional;

/**
 * A domain, or with a leading dot a domain and all below it.
 *
 * <p><i>Failure:</i> {@link #parse} returns empty for what is neither.
 */
public record DomainPattern(Domain domain, boolean below) {
    public static Optional<DomainPattern> parse(String text) {
        boolean below = text.startsWith(".");
        return Domain.parse(below ? text.substring(1) : text)
                .filter(domain -> !(below && domain.isLiteral()))
                .map(domain -> new DomainPattern(domain, below));
    }

    public boolean holds(Domain other) {
        return below ? other.isWithin(domain) : other.equals(domain);
    }

    /** Whether it holds all that {@code other} holds. */
    public boolean covers(DomainPattern other) {
        return holds(other.domain) && (below || !other.below);
    }

    @Override
    public String toString() {
        return below ? "." + domain : domain.toString();
    }
}
