package org.hikyaku.config;

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
        Map<String, ListenerSettings> listeners,
        Limits limits,
        Extensions extensions,
        Tls tls,
        Relay relay,
        OnDemandSettings onDemand,
        LocalSettings local,
        AddressSettings addresses,
        AgentSettings agents,
        Sendmail sendmail,
        AuthSettings auth,
        Map<String, SenderClass> senders,
        OutboundSettings outbound,
        Suppression suppression,
        SpoolSettings spool,
        QueueSettings queue,
        DeliverySettings delivery,
        Map<String, SiteRule> sites,
        Map<String, SourcePool> sources,
        Dns dns,
        Control control,
        Log log) {

    /** The class of mail of a user, who may be empty, under this sender. */
    public Optional<SenderClass> senderClass(String user, Address sender) {
        return SenderClass.of(this, user, sender);
    }

    /** What a user may send, under this sender. */
    public OutboundSettings.Quota quota(boolean local, String user, Address sender) {
        OutboundSettings.Quota usual = local ? outbound.local() : outbound.user();
        return senderClass(user, sender).map(own -> own.quota(usual)).orElse(usual);
    }

    /** What all of the sender's domain may send together, for mail of this user: any number of what his class lifts. */
    public OutboundSettings.Quota quotaOfDomain(boolean local, String user, Address sender) {
        OutboundSettings.Quota usual = local ? outbound.local() : outbound.user();
        return outbound.domain().without(quota(local, user, sender), usual);
    }

    /** What has a user's mail held. */
    public OutboundSettings.Anomaly anomaly(String user, Address sender) {
        return senderClass(user, sender)
                .map(own -> own.anomaly(outbound.anomaly()))
                .orElse(outbound.anomaly());
    }

    /** Where the spool lies. */
    public Path spoolDirectory() {
        return spool.directory().orElse(dataDir.resolve("spool"));
    }

    /** Where mailboxes lie, if mail ends in Maildirs. */
    public Path maildirRoot() {
        return local.maildirRoot().orElse(dataDir.resolve("mail"));
    }

    /** Where mailboxes lie that are files. */
    public Path mboxRoot() {
        return agents.mboxRoot().orElse(dataDir.resolve("mbox"));
    }

    /** Where it is noted which mailbox is being appended to. */
    public Path mboxNotes() {
        return dataDir.resolve("mbox-notes");
    }

    /** Where keys that we made ourselves lie. */
    public Path keysDirectory() {
        return dataDir.resolve("keys");
    }

    /** Where the logs of operators' commands and the lists of frozen senders and users lie. */
    public Path operationsDirectory() {
        return dataDir.resolve("operations");
    }

    /** The socket by which commands reach us. */
    public Path controlSocket() {
        return control.socket().orElse(dataDir.resolve("control").resolve("hikyaku.sock"));
    }

    /** What one client, session or message may take. Sizes in octets. */
    public record Limits(
            @Range("64KiB to 2047MiB") long messageSizeMax,
            @Range("998B to 16MiB") int bodyLineMax,
            @Range("100 to 100000") int recipientsMax,
            @Range("1 to 1000000") int messagesPerSessionMax,
            @Range("1 to 1000") int errorsPerSessionMax,
            @Range("0 to 1000") int tarpitAfter,
            @Range("0s to 1m") Duration tarpitDelayMax,
            @Range("10 to 10000000") int commandsPerSessionMax,
            @Range("16KiB to 16MiB") int headersSizeMax,
            @Range("25 to 1000") int hopsMax,
            @Restart @Range("1 to 100000") int sessionsMax,
            @Range("1 to 100000") int sessionsPerAddressMax,
            @Restart @Range("1MiB to 64GiB") long draftMemory,
            List<Cidr> exemptNetworks,
            List<Cidr> bareLfFixNetworks) {}

    /**
     * What clients may ask for by extensions of SMTP.
     *
     * @param priorityMax the highest priority that those may ask for who may raise one
     * @param priorityNetworks who may, beside users who have logged in
     * @param noSoliciting classes of solicitation that are not taken
     * @param verp whether those who may send to anywhere may ask for a sender's address for each recipient
     * @param verpDelimiters the two signs of such an address, if the client names none
     * @param holdMax how long a user's message may be kept back; 0: not offered
     * @param holdMessagesMax how many messages each user may have kept back
     * @param holdSizeMax how many octets they may have together
     */
    public record Extensions(
            @Range("0 to 9") int priorityMax,
            List<Cidr> priorityNetworks,
            @Range("0s to 365d") Duration holdMax,
            @Range("1 to 100000") int holdMessagesMax,
            @Range("64KiB to 1024GiB") long holdSizeMax,
            List<String> noSoliciting,
            boolean verp,
            String verpDelimiters) {}

    /**
     * Our certificates.
     *
     * @param certificate PEM, leaf first; empty with {@code key}: a self-signed one is made at first start
     * @param key PEM, PKCS#8 or SEC1 or PKCS#1, not encrypted
     * @param names further pairs, chosen by the name the client asks (SNI)
     * @param clientAuthorities PEM: whose certificates of clients count
     */
    public record Tls(
            Optional<Path> certificate,
            Optional<Path> key,
            List<KeyPairFiles> names,
            Optional<Path> clientAuthorities,
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
     * Mail from programs of this host.
     *
     * @param dropDirectory where the command sendmail leaves it
     * @param anySender users of the host who may name any sender
     */
    public record Sendmail(@Restart Optional<Path> dropDirectory, List<String> anySender) {}

    /**
     * Recipients elsewhere who are not there, docs/notices.md.
     *
     * @param afterFailures that often their servers said so; 0: never
     * @param within all of these
     * @param apart the last at least so long after the first
     * @param lasts from the last on
     */
    public record Suppression(
            @Range("0 to 1000") int afterFailures,
            @Range("1h to 365d") Duration within,
            @Range("0s to 60d") Duration apart,
            @Range("1h to 365d") Duration lasts) {}

    /**
     * Look-ups.
     *
     * @param servers empty: those of the host
     */
    public record Dns(
            List<InetSocketAddress> servers,
            @Range("100ms to 1m") Duration timeout,
            @Range("1 to 10") int tries,
            @Restart @Range("0 to 10000000") int cacheMax) {}

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
