package org.hikyaku.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A place where mail is taken.
 *
 * @param endpoints {@code address:port}, or {@code unix:/path} for {@code mode = host}
 * @param mode what the listener is for
 * @param tls whether and how
 * @param auth {@code off}: not offered; {@code offer}; {@code require}: before MAIL. Credentials only ever under TLS
 * @param clientCertificates whether clients are asked for a certificate under TLS, with which they may log in (EXTERNAL)
 * @param bareLf what becomes of a body with a bare CR or LF
 * @param vrfy whether an address is here: {@code limited} answers 252, {@code off} 502
 * @param expn whom an alias stands for; as vrfy
 * @param help {@code limited}: a word on whom to ask; {@code on}: the commands too
 * @param tellNetworks to clients there all three are on
 */
public record ListenerSettings(
        @Restart List<Door> endpoints,
        Mode mode,
        TlsMode tls,
        AuthMode auth,
        ClientCertificates clientCertificates,
        BareLf bareLf,
        Telling vrfy,
        Telling expn,
        Telling help,
        List<Cidr> tellNetworks,
        Timeouts timeouts,
        Proxy proxy,
        @Range("0s to 1m") Duration greetingDelay,
        EarlyTalkers earlyTalkers,
        NullMxSenders nullMxSenders) {
    /** Where a listener listens. */
    public sealed interface Door {
        /** TCP. */
        record Port(InetSocketAddress address) implements Door {}

        /** A Unix domain socket. */
        record Socket(Path path) implements Door {
            @Override
            public String toString() {
                return "unix:" + path;
            }
        }
    }

    /** Whether it is mail of our own users that comes by it (RFC 6409). */
    public boolean isSubmission() {
        return mode == Mode.SUBMISSION || mode == Mode.HOST;
    }

    /** Whether mail that we fetch comes in by its rules (RFC 2645). */
    public boolean takesTurned() {
        return mode == Mode.MX
                && auth != AuthMode.REQUIRE
                && tls != TlsMode.IMPLICIT
                && proxy.header() == ProxyHeader.OFF;
    }

    /**
     * Programs that stand before a listener and speak for their clients.
     *
     * @param networks where they are; nobody else is believed
     * @param header whether each connection begins with a header of the PROXY protocol
     * @param xclient whether they may say whose session it is, by command
     * @param xforward whether they may say for the log whose message it was
     */
    public record Proxy(
            List<Cidr> networks,
            ProxyHeader header,
            @Range("3s to 1m") Duration headerTimeout,
            boolean xclient,
            boolean xforward) {
        /** Whether what comes from there is believed. */
        public boolean isTrusted(InetAddress from) {
            return networks.stream().anyMatch(network -> network.contains(from));
        }
    }

    /** The PROXY protocol, versions 1 and 2, on a listener: it is there on all connections or on none. */
    public enum ProxyHeader {
        OFF,
        REQUIRE
    }

    /**
     * {@code mx}: mail for our domains from anyone. {@code submission}: our users' mail for anyone (RFC 6409). {@code lmtp}:
     * as mx, in LMTP (RFC 2033). {@code odmr}: mail kept for customers is fetched here (RFC 2645). {@code host}: mail of
     * programs of this host, over Unix sockets, whose user the kernel tells. {@code none}: no mail from anyone (RFC 7504).
     */
    public enum Mode {
        MX,
        SUBMISSION,
        LMTP,
        ODMR,
        HOST,
        NONE
    }

    /** {@code implicit} is RFC 8314 3.3; {@code require} refuses MAIL in clear (530 5.7.0, RFC 3207 4). */
    public enum TlsMode {
        OFF,
        OFFER,
        REQUIRE,
        IMPLICIT
    }

    /** AUTH on a listener. */
    public enum AuthMode {
        OFF,
        OFFER,
        REQUIRE
    }

    /** What becomes of strangers' mail whose sender's domain takes none (RFC 7505 4.2). */
    public enum NullMxSenders {
        ACCEPT,
        REFUSE
    }

    /** What becomes of a client that speaks before it is greeted: nothing, a line in the log, or 554 and the end. */
    public enum EarlyTalkers {
        IGNORE,
        NOTE,
        REFUSE
    }

    /** Certificates of clients on a listener; one that has none is served all the same. */
    public enum ClientCertificates {
        OFF,
        ASK
    }

    /** How much VRFY, EXPN or HELP tells. */
    public enum Telling {
        OFF,
        LIMITED,
        ON
    }

    /** Bare CR or LF in a message: {@code reject} 550 5.5.2 after the end of data, {@code fix} makes each a CRLF. */
    public enum BareLf {
        REJECT,
        FIX
    }

    /**
     * How long a listener waits for its client (RFC 5321 4.5.3.2.7: at least 5 minutes for a command).
     *
     * @param session from connect to end, whatever happens in between
     */
    public record Timeouts(
            @Range("1s to 1h") Duration command,
            @Range("1s to 1h") Duration data,
            @Range("1s to 24h") Duration session) {}
}
