package org.hikyaku.world;

import java.util.Optional;

/** What a wire asks of TLS. */
public sealed interface TlsNeed {
    /**
     * We are the server.
     *
     * @param listener the name of the listener, by which the keys are chosen
     * @param askCertificate the client is asked for a certificate; what it shows is told, whatever it is
     */
    record Server(String listener, boolean askCertificate) implements TlsNeed {
        public Server(String listener) {
            this(listener, false);
        }
    }

    /**
     * We are the client.
     *
     * @param serverName sent as SNI, a host name
     * @param verifyName when there, the chain must be valid for this name by the host's trust store; when empty the
     *     certificate is only reported (opportunistic TLS, RFC 7435)
     * @param showCertificate a server that asks for a certificate is shown our first one
     */
    record Client(String serverName, Optional<String> verifyName, boolean showCertificate) implements TlsNeed {
        public Client(String serverName, Optional<String> verifyName) {
            this(serverName, verifyName, false);
        }
    }
}
