package org.hikyaku.smtp.client;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ClientMechanism;
import org.hikyaku.smtp.Extension;

/**
 * How a conversation is to be held.
 *
 * @param name ours, for EHLO
 * @param lmtp LHLO, and a reply for each recipient after the final dot (RFC 2033)
 * @param tls whether STARTTLS is asked for
 * @param heloOnly the server hung up on EHLO before
 * @param avoided what the server offers in vain
 * @param login gives a fresh run of a mechanism among those offered; empty when we have no login there
 */
public record Terms(
        String name,
        boolean lmtp,
        Tls tls,
        boolean heloOnly,
        Set<Extension> avoided,
        Optional<Login> login,
        Patience patience) {
    public Terms {
        avoided = avoided.isEmpty() ? Set.of() : EnumSet.copyOf(avoided);
    }

    /** With a server of which nothing bad is known. */
    public Terms(String name, boolean lmtp, Tls tls, boolean heloOnly, Optional<Login> login, Patience patience) {
        this(name, lmtp, tls, heloOnly, Set.of(), login, patience);
    }

    /** Chooses how we log in. */
    public interface Login {
        /** A fresh run of a mechanism among those offered under {@code tls}; empty when none will do. */
        Optional<ClientMechanism> choose(List<String> offered, TlsFacts tls);
    }

    /** What becomes of STARTTLS. */
    public enum Tls {
        /** Not asked for: unwanted, or up from the first octet. */
        NO,
        /** When offered; in clear when the server then says no. */
        IF_OFFERED,
        REQUIRED
    }
}
