package org.hikyaku.route;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.hikyaku.world.Endpoint;

/**
 * One host to try.
 *
 * @param host its name: for the log, SNI and certificate checks
 * @param login who we are there, when it asks for AUTH
 * @param source the address of ours that we come from, when it is not left to the settings for all
 * @param named whether the operator gave its name; else an MX that nobody has signed did, and a certificate for it proves nothing
 * @param preference of its host among those of the route, a lower one is tried first (RFC 5321 5.1); it says nothing of the host
 */
public record Hop(
        String host,
        Endpoint endpoint,
        Protocol protocol,
        Security security,
        Optional<Login> login,
        Optional<Source> source,
        boolean named,
        int preference) {
    /** One that the operator named, from no address in particular. */
    public Hop(String host, Endpoint endpoint, Protocol protocol, Security security, Optional<Login> login) {
        this(host, endpoint, protocol, security, login, Optional.empty(), true, 0);
    }

    /**
     * Where we come from.
     *
     * @param ehlo what we call ourselves there
     */
    public record Source(InetAddress address, String ehlo) {}

    Hop from(Source own) {
        return new Hop(host, endpoint, protocol, security, login, Optional.of(own), named, preference);
    }

    /** The same as the DNS names it. */
    public Hop byDns() {
        return new Hop(host, endpoint, protocol, security, login, source, false, preference);
    }

    /** The same as one of a route's hosts. */
    public Hop preferred(int as) {
        return new Hop(host, endpoint, protocol, security, login, source, named, as);
    }

    /** Whether a connection that was made for this one serves {@code other} as well. */
    public boolean serves(Hop other) {
        return preferred(other.preference).equals(other);
    }

    /** Whether a connection as {@link #security} demands it leads to the right host, whatever the DNS says. */
    public boolean isProved() {
        return named && (security == Security.VERIFIED || security == Security.IMPLICIT);
    }

    /** What is spoken. */
    public enum Protocol {
        SMTP,
        LMTP
    }

    /** Whether it is shown a certificate of ours. */
    public boolean showsCertificate() {
        return login.filter(who -> who.secret() == Secret.CERTIFICATE).isPresent();
    }

    /** What TLS the hop needs, from the least on. */
    public enum Security {
        /** Never asked for. */
        NONE,
        /** STARTTLS when offered, any certificate; in clear on a new connection when the handshake fails (RFC 7435). */
        OPPORTUNISTIC,
        /** STARTTLS with any certificate, or no delivery. */
        REQUIRED,
        /** STARTTLS with a certificate that holds for {@code host}, or no delivery. */
        VERIFIED,
        /** As VERIFIED, from the first byte. */
        IMPLICIT
    }

    /**
     * Credentials at a smart host; sent only under TLS.
     *
     * @param secretFile its first line is the secret; read at each login; none for a certificate
     * @param channelBinding a login is bound to its connection where the server can do that (RFC 5802 6)
     */
    public record Login(String user, Optional<Path> secretFile, Secret secret, boolean channelBinding) {
        /** With a password. */
        public Login(String user, Path passwordFile, boolean channelBinding) {
            this(user, Optional.of(passwordFile), Secret.PASSWORD, channelBinding);
        }

        /** With a token. */
        public static Login withToken(String user, Path tokenFile) {
            return new Login(user, Optional.of(tokenFile), Secret.TOKEN, false);
        }

        /** With a certificate of ours. */
        public static Login withCertificate(String user) {
            return new Login(user, Optional.empty(), Secret.CERTIFICATE, false);
        }
    }

    /** By what we log in: what the first line of the file is. */
    public enum Secret {
        PASSWORD,
        /** An OAuth 2.0 access token. */
        TOKEN,
        /** None: the certificate that we show under TLS. */
        CERTIFICATE
    }
}
