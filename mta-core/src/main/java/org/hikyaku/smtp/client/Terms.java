package org.hikyaku.smtp.client;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.hikyaku.sasl.ClientMechanism;

/**
 * How a conversation is to be held.
 *
 * @param name ours, for EHLO
 * @param lmtp LHLO, and a reply for each recipient after the final dot (RFC 2033)
 * @param tls whether STARTTLS is asked for
 * @param heloOnly the server hung up on EHLO before
 * @param login gives a fresh run of a mechanism among those offered; empty when we have no login there
 */
public record Terms(
        String name,
        boolean lmtp,
        Tls tls,
        boolean heloOnly,
        Optional<Function<List<String>, Optional<ClientMechanism>>> login,
        Patience patience) {
    /** What becomes of STARTTLS. */
    public enum Tls {
        /** Not asked for: unwanted, or up from the first octet. */
        NO,
        /** When offered; in clear when the server then says no. */
        IF_OFFERED,
        REQUIRED
    }
}
