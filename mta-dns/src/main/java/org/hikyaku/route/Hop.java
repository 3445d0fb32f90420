package org.hikyaku.route;

import java.nio.file.Path;
import java.util.Optional;
import org.hikyaku.world.Endpoint;

/**
 * One host to try.
 *
 * @param host its name: for the log, SNI and certificate checks
 * @param login who we are there, when it asks for AUTH
 */
public record Hop(String host, Endpoint endpoint, Protocol protocol, Security security, Optional<Login> login) {
    /** What is spoken. */
    public enum Protocol {
        SMTP,
        LMTP
    }

    /** What TLS the hop needs. */
    public enum Security {
        /** Never asked for. */
        NONE,
        /** STARTTLS when offered, any certificate; in clear on a new connection when the handshake fails (RFC 7435). */
        OPPORTUNISTIC,
        /** STARTTLS with a certificate that holds for {@code host}, or no delivery. */
        VERIFIED,
        /** As VERIFIED, from the first byte. */
        IMPLICIT
    }

    /** Credentials at a smart host; sent only under TLS. */
    public record Login(String user, Path passwordFile) {}
}
