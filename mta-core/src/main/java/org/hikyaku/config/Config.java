package org.hikyaku.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;

/**
 * The configuration: one tree of records, an immutable snapshot that a session, an attempt or a decision takes once.
 *
 * <p>A component {@code recipientsMax} is the key {@code recipients_max}. The defaults are not here but in
 * {@code conf/hikyaku.conf}, the commented reference, which the reader starts from; a test holds the two equal. What is
 * marked {@link Restart} takes effect at the next start, all else at reload.
 *
 * @param hostname our fully qualified name: greeting, EHLO, Received, Message-ID
 * @param dataDir holds spool, mail, keys and the control socket, unless they are set apart
 */
public record Config(
        Domain hostname,
        @Restart Path dataDir,
        Map<String, Listener> listeners,
        Limits limits,
        Tls tls,
        Relay relay,
        Local local,
        Auth auth,
        Spool spool,
        Queue queue,
        Delivery delivery,
        Dns dns,
        Control control,
        Log log) {

    /**
     * A place where mail is taken.
     *
     * @param endpoints {@code address:port}
     * @param mode what the listener is for
     * @param tls whether and how
     * @param auth {@code off}: not offered; {@code offer}; {@code require}: before MAIL. Credentials only ever under TLS
     * @param bareLf what becomes of a body with a bare CR or LF
     * @param vrfy {@code limited} answers 252; {@code off} 502
     */
    public record Listener(
            @Restart List<InetSocketAddress> endpoints,
            Mode mode,
            TlsMode tls,
            AuthMode auth,
            BareLf bareLf,
            Vrfy vrfy,
            Timeouts timeouts) {}

    /** {@code mx}: mail for our domains from anyone. {@code submission}: our users' mail for anyone (RFC 6409). */
    public enum Mode {
        MX,
        SUBMISSION
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

    /** VRFY on a listener. */
    public enum Vrfy {
        OFF,
        LIMITED
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
    public record Timeouts(Duration command, Duration data, Duration session) {}

    /** What one client, session or message may take. Sizes in octets. */
    public record Limits(
            long messageSizeMax,
            int bodyLineMax,
            int recipientsMax,
            int messagesPerSessionMax,
            int errorsPerSessionMax,
            int commandsPerSessionMax,
            int headersSizeMax,
            int hopsMax,
            @Restart int sessionsMax,
            int sessionsPerAddressMax,
            long draftMemory,
            List<Cidr> exemptNetworks,
            List<Cidr> bareLfFixNetworks) {}

    /**
     * Our certificates.
     *
     * @param certificate PEM, leaf first; empty with {@code key}: a self-signed one is made at first start
     * @param key PEM, PKCS#8 or SEC1 or PKCS#1, not encrypted
     * @param names further pairs, chosen by the name the client asks (SNI)
     */
    public record Tls(
            Optional<Path> certificate,
            Optional<Path> key,
            List<KeyPairFiles> names,
            String versionMin,
            @Restart boolean nativeEngine) {}

    /** A certificate with its key; the names it serves are read from it. */
    public record KeyPairFiles(Path certificate, Path key) {}

    /**
     * Who may send where beside authenticated users and mail to us.
     *
     * @param trustedNetworks may relay to anywhere without AUTH; empty by default
     * @param domains domains we pass on to their own servers for anyone (backup MX, gateway)
     */
    public record Relay(List<Cidr> trustedNetworks, List<Domain> domains) {}

    /**
     * Mail that ends here.
     *
     * @param domains the domains whose addresses we know all of
     * @param postmaster where {@code postmaster} of us and of each local domain goes, if no alias says
     * @param aliases Postfix/sendmail-style aliases file; a missing file is an error
     * @param subAddressSeparator {@code "+"}; empty for none
     * @param catchAll by domain: where unknown addresses of it go
     * @param delivery {@code maildir} or {@code lmtp}
     * @param maildirRoot the mailbox of user@domain is {@code root/domain/user/}
     * @param lmtp the server that takes local mail if delivery is lmtp
     */
    public record Local(
            List<Domain> domains,
            Optional<Address> postmaster,
            Optional<Path> aliases,
            String subAddressSeparator,
            Map<String, Address> catchAll,
            LocalDelivery delivery,
            Optional<Path> maildirRoot,
            Optional<String> lmtp,
            int expansionMax) {}

    /** How local mail is stored. */
    public enum LocalDelivery {
        MAILDIR,
        LMTP
    }

    /**
     * Logins.
     *
     * @param users a file of Dovecot's passwd-file form
     * @param grants file of {@code user: address, address...}: further addresses a user may send as
     * @param hashThreads how many passwords are hashed at once
     * @param hashQueueMax how many logins may wait for that; beyond it 454 4.7.0
     * @param mechanisms in the order in which they are offered
     */
    public record Auth(
            Optional<Path> users,
            Optional<Path> grants,
            int hashThreads,
            int hashQueueMax,
            List<String> mechanisms,
            int failuresPerSessionMax,
            int failuresPerAddressMax,
            int failuresPerUserMax,
            Duration failureMemory,
            Duration failureDelayMax) {}

    /**
     * The store.
     *
     * @param directory {@code data_dir/spool} by default
     * @param segmentSize octets of a journal segment
     * @param inlineMax bodies above it get a file of their own
     * @param reserve octets of disk kept free for deliveries and bounces: below it MAIL is answered 452
     */
    public record Spool(
            @Restart Optional<Path> directory, @Restart long segmentSize, int inlineMax, long reserve) {}

    /**
     * When to try again and when to give up.
     *
     * @param retry the waits after the first, second... failure; the last repeats
     * @param jitter each wait is lengthened or shortened by at most this part of it, 0 to 0.5
     */
    public record Queue(
            List<Duration> retry,
            double jitter,
            Duration notifyAfter,
            Duration expireAfter,
            Duration expireBouncesAfter,
            int deliveriesMax,
            int deliveriesPerSiteMax,
            int bounceWholeMax) {}

    /**
     * Sending.
     *
     * @param smartHost {@code host}, {@code host:port} or {@code [1.2.3.4]:port}: all that is not local goes there
     * @param sourceIpv4 the address we send from
     * @param ipv6 {@code off}, or {@code prefer}: tried before IPv4
     */
    public record Delivery(
            Optional<SmartHost> smartHost,
            Map<String, SmartHost> routes,
            Optional<InetAddress> sourceIpv4,
            Optional<InetAddress> sourceIpv6,
            Ipv6 ipv6,
            boolean startTls,
            int recipientsPerTransactionMax,
            int messagesPerConnectionMax,
            Duration connectionIdle,
            ClientTimeouts timeouts) {}

    /**
     * A fixed next hop.
     *
     * @param host a host name (its A/AAAA are used, no MX) or an address
     * @param tls {@code none}, {@code opportunistic}, {@code verified} (STARTTLS) or {@code implicit} (verified, from the
     *     first byte)
     * @param passwordFile its first line; readable by us alone
     */
    public record SmartHost(
            String host, int port, SmartHostTls tls, Optional<String> user, Optional<Path> passwordFile) {}

    /** TLS to a fixed next hop. */
    public enum SmartHostTls {
        NONE,
        OPPORTUNISTIC,
        VERIFIED,
        IMPLICIT
    }

    /** IPv6 in delivery. */
    public enum Ipv6 {
        OFF,
        PREFER
    }

    /** The client's time limits (RFC 5321 4.5.3.2). */
    public record ClientTimeouts(
            Duration connect,
            Duration greeting,
            Duration hello,
            Duration mail,
            Duration recipient,
            Duration dataStart,
            Duration dataBlock,
            Duration dataEnd,
            Duration quit) {}

    /**
     * Look-ups.
     *
     * @param servers {@code address} or {@code address:port}; empty: those of the host
     */
    public record Dns(List<InetSocketAddress> servers, Duration timeout, int tries, int cacheMax) {}

    /** The socket by which commands reach the daemon; {@code data_dir/control/hikyaku.sock} by default. */
    public record Control(@Restart Optional<Path> socket) {}

    /** How the log is written. */
    public record Log(LogFormat format, LogLevel level) {}

    /** One line of text, or one JSON object a line. */
    public enum LogFormat {
        TEXT,
        JSON
    }

    /** The least level that is logged. */
    public enum LogLevel {
        DEBUG,
        INFO,
        WARN,
        ERROR
    }
}
