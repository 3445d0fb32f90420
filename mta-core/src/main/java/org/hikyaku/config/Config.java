package org.hikyaku.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.DomainPattern;
import org.jspecify.annotations.Nullable;

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
        Extensions extensions,
        Tls tls,
        Relay relay,
        OnDemand onDemand,
        Local local,
        Addresses addresses,
        Agents agents,
        Sendmail sendmail,
        Auth auth,
        Map<String, SenderClass> senders,
        Outbound outbound,
        Suppression suppression,
        Spool spool,
        Queue queue,
        Delivery delivery,
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
    public Quota quota(boolean local, String user, Address sender) {
        Quota usual = local ? outbound.local() : outbound.user();
        return senderClass(user, sender).map(own -> own.quota(usual)).orElse(usual);
    }

    /** What has a user's mail held. */
    public Anomaly anomaly(String user, Address sender) {
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

    /**
     * A place where mail is taken.
     *
     * @param endpoints {@code address:port}
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
    public record Listener(
            @Restart List<InetSocketAddress> endpoints,
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
        /** Whether mail that we fetch comes in by its rules (RFC 2645). */
        public boolean takesTurned() {
            return mode == Mode.MX
                    && auth != AuthMode.REQUIRE
                    && tls != TlsMode.IMPLICIT
                    && proxy.header() == ProxyHeader.OFF;
        }
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
     * as mx, in LMTP (RFC 2033). {@code odmr}: mail kept for customers is fetched here (RFC 2645). {@code none}: no mail from
     * anyone (RFC 7504).
     */
    public enum Mode {
        MX,
        SUBMISSION,
        LMTP,
        ODMR,
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
     * Mail for who is not always there.
     *
     * @param customers by name: who may have the mail of which domains sent to him
     * @param providers by name: who keeps mail for us
     */
    public record OnDemand(Map<String, Customer> customers, Map<String, Provider> providers) {
        /** Those that a client is. */
        public List<Map.Entry<String, Customer>> of(InetAddress remote, Optional<String> user) {
            return customers.entrySet().stream()
                    .filter(each -> each.getValue().is(remote, user))
                    .toList();
        }
    }

    /**
     * Who keeps mail for us until we ask for it.
     *
     * @param domains as they are said to it: {@code example.com}, {@code @example.com}, {@code #queue}
     * @param ask how: {@code etrn}, it then connects to us (RFC 1985); {@code atrn}, mail comes over the same connection (RFC 2645)
     * @param every how often it is asked; empty: by command only
     */
    public record Provider(
            SmartHost server,
            Ask ask,
            List<String> domains,
            @Range("1m to 7d") Optional<Duration> every) {}

    /** How a provider is asked for mail. */
    public enum Ask {
        ETRN,
        ATRN
    }

    /**
     * Whom mail waits for.
     *
     * @param domains what may be asked for; they are named in {@code relay.domains} too, so that mail for them is taken
     * @param users who may ask, logged in
     * @param networks who may ask without a login, by ETRN
     * @param keep whether mail for the domains is kept until he fetches it by ATRN
     */
    public record Customer(List<DomainPattern> domains, List<String> users, List<Cidr> networks, boolean keep) {
        public Customer {
            users = users.stream().map(user -> user.toLowerCase(Locale.ROOT)).toList(); // as logins are
        }

        /** Whether mail for {@code domain} waits to be fetched. */
        public boolean keeps(Domain domain) {
            return keep && domains.stream().anyMatch(pattern -> pattern.holds(domain));
        }

        boolean is(InetAddress remote, Optional<String> user) {
            return user.filter(users::contains).isPresent()
                    || networks.stream().anyMatch(network -> network.contains(remote));
        }
    }

    /**
     * Mail that ends here.
     *
     * @param domains the domains whose addresses we know all of
     * @param postmaster where {@code postmaster} of us and of each local domain goes, if no alias says
     * @param aliases Postfix/sendmail-style aliases file; a missing file is an error
     * @param subAddressSeparator {@code "+"}, or several; empty for none
     * @param catchAll by domain: where unknown addresses of it go
     * @param delivery the agent that takes local mail
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
            @Range("1 to 100000") int expansionMax) {
        /** Where the tag of a sub-address begins, its separator included; -1 for none. */
        public int tagOf(String localPart) {
            for (int i = 1; i < localPart.length(); i++) {
                if (subAddressSeparator.indexOf(localPart.charAt(i)) >= 0) {
                    return i;
                }
            }
            return -1;
        }
    }

    /** The agent that local mail goes to. */
    public enum LocalDelivery {
        MAILDIR,
        MBOX,
        LMTP,
        DISCARD;

        /** {@code maildir}. */
        public String agent() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What becomes of addresses, beside aliases; docs/addresses.md.
     *
     * @param virtual tables for addresses of local domains: to any number, here or elsewhere
     * @param senderCanonical tables of what our senders are called
     * @param recipientCanonical tables of what recipients are called
     * @param headers whether the header of mail of our own is rewritten as its envelope is
     */
    public record Addresses(
            List<Path> virtual,
            List<Path> senderCanonical,
            List<Path> recipientCanonical,
            boolean headers,
            Masquerade masquerade,
            Srs srs) {
        /** Nothing. */
        public static final Addresses NONE = ofVirtual(List.of());

        /** Nothing but tables of where addresses lead. */
        public static Addresses ofVirtual(List<Path> virtual) {
            Srs off = new Srs(Optional.empty(), Duration.ofDays(21), Duration.ofDays(30));
            return new Addresses(virtual, List.of(), List.of(), true, Masquerade.NONE, off);
        }
    }

    /**
     * Senders on hosts below these domains are shown without the host's name.
     *
     * @param exceptHosts hosts, and all below them, whose names stay
     * @param exceptUsers names before the @ that stay where they are
     */
    public record Masquerade(List<Domain> domains, List<Domain> exceptHosts, List<String> exceptUsers) {
        /** Nobody. */
        public static final Masquerade NONE = new Masquerade(List.of(), List.of(), List.of());
    }

    /**
     * The sender rewriting scheme for what we pass on.
     *
     * @param domain one of the local domains, under which others' senders go; empty: off
     * @param validFor how long their bounces are taken
     * @param keyLife how long one key signs
     */
    public record Srs(
            Optional<Domain> domain,
            @Range("1d to 365d") Duration validFor,
            @Range("1d to 365d") Duration keyLife) {}

    /**
     * The agents of this host.
     *
     * @param of by address or domain: the agent that takes its mail in place of {@code local.delivery}
     * @param quota octets a mailbox may hold where the users file says nothing; 0: any number
     * @param mboxRoot the mailbox of user@domain is the file {@code root/domain/user}
     * @param pipes by name: programs that take mail
     */
    public record Agents(
            Map<String, String> of,
            @Range("0B to 1048576GiB") long quota,
            OverQuota overQuota,
            Optional<Path> mboxRoot,
            Map<String, Pipe> pipes) {
        /** The agent for an address of a local domain. */
        public String agentOf(Address address, Local local) {
            String own = named(address);
            String text = address.local();
            for (int i = text.length() - 1; i > 0 && own == null; i--) { // with less and less of its tag
                if (local.subAddressSeparator().indexOf(text.charAt(i)) >= 0) {
                    own = named(address.withLocal(text.substring(0, i)));
                }
            }
            if (own != null) {
                return own;
            }
            return address.domain()
                    .map(domain -> agentOf(domain, local))
                    .orElse(local.delivery().agent());
        }

        /** The agent for those addresses of a local domain that have none of their own. */
        public String agentOf(Domain domain, Local local) {
            String own = of.get(domain.ascii());
            return own == null ? local.delivery().agent() : own;
        }

        private @Nullable String named(Address address) {
            return of.get(address.localKey());
        }

        /** Whether this address, in lower case, has an agent of its own, and so exists. */
        public boolean names(String address) {
            return address.indexOf('@') >= 0 && of.containsKey(address);
        }
    }

    /**
     * Mail from programs of this host.
     *
     * @param dropDirectory where the command sendmail leaves it
     * @param anySender users of the host who may name any sender
     */
    public record Sendmail(@Restart Optional<Path> dropDirectory, List<String> anySender) {}

    /** What becomes of mail for a mailbox that is full: tried again until it expires, or returned at once. */
    public enum OverQuota {
        DEFER,
        REFUSE
    }

    /**
     * A program that takes messages on its standard input.
     *
     * @param command the program's path and its arguments; no shell reads them
     */
    public record Pipe(
            List<String> command, @Range("1s to 1h") Optional<Duration> timeLimit) {}

    /**
     * Logins.
     *
     * @param users a file of Dovecot's passwd-file form
     * @param dovecot {@code unix:/path} or {@code address:port} of Dovecot's authentication service, which then judges logins
     * @param grants file of {@code user: address, address...}: further addresses a user may send as
     * @param hashThreads how many passwords are hashed at once
     * @param hashQueueMax how many logins may wait for that; beyond it 454 4.7.0
     * @param mechanisms in the order in which they are offered
     * @param submitterTrusted users who may say that somebody else submitted a message (AUTH= of MAIL)
     * @param certificateNames which names of a client's certificate say whose it is
     */
    public record Auth(
            Optional<Path> users,
            Optional<String> dovecot,
            Optional<Path> grants,
            @Restart @Range("1 to 256") int hashThreads,
            @Restart @Range("1 to 10000") int hashQueueMax,
            List<String> mechanisms,
            List<CertificateName> certificateNames,
            List<String> submitterTrusted,
            OAuth oauth,
            @Range("1 to 100") int failuresPerSessionMax,
            @Range("1 to 10000") int failuresPerAddressMax,
            @Range("1 to 10000") int failuresPerUserMax,
            @Range("1m to 30d") Duration failureMemory,
            @Range("0s to 5m") Duration failureDelayMax) {}

    /**
     * Tokens of an authorization server, for OAUTHBEARER and XOAUTH2.
     *
     * @param introspection https address that tells whether a token holds (RFC 7662)
     * @param jwks https address of the keys by which tokens are signed (RFC 7517), in the place of introspection
     * @param issuer whose tokens those are
     * @param clientId who we are there
     * @param clientSecretFile its first line
     * @param userField of the answer: who the user is
     * @param scopes all of which a token must have
     * @param audiences one of which a token must be for; empty for any
     * @param cacheFor how long an answer is believed
     */
    public record OAuth(
            Optional<String> introspection,
            Optional<String> jwks,
            Optional<String> issuer,
            Optional<String> clientId,
            Optional<Path> clientSecretFile,
            String userField,
            List<String> scopes,
            List<String> audiences,
            @Range("0s to 1h") Duration cacheFor) {
        /** Whether there is a way to judge them. */
        public boolean takesTokens() {
            return introspection.isPresent() || jwks.isPresent();
        }

        /** Who judges them, for the log. */
        public String judge() {
            return introspection.or(() -> jwks).orElse("");
        }
    }

    /** A name in a certificate: in its alternative names, or the CN of its subject. */
    public enum CertificateName {
        EMAIL,
        DNS,
        COMMON_NAME
    }

    /**
     * How much our own users may send; docs/abuse.md.
     *
     * @param user each who has logged in
     * @param local each user of this host, by sendmail
     * @param domain all of both together, by the domain of the sender
     */
    public record Outbound(Quota user, Quota local, Quota domain, Anomaly anomaly) {}

    /** What may be sent within an hour; 0: any number. */
    public record Quota(
            @Range("0 to 10000000") int messagesPerHour,
            @Range("0 to 10000000") int recipientsPerHour,
            @Range("0 to 100000") int domainsPerHour) {}

    /**
     * What has a user's mail held, each within an hour; 0: nothing does.
     *
     * @param rejectedRecipients recipients refused here or by receivers for good
     * @param rejectedShare and they must be this part of all, at least
     * @param domains domains that he sent to
     * @param refusals times that he was told that he sends too much
     */
    public record Anomaly(
            @Range("0 to 1000000") int rejectedRecipients,
            @Range("0 to 1") double rejectedShare,
            @Range("0 to 100000") int domains,
            @Range("0 to 1000000") int refusals) {}

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
     * The store.
     *
     * @param directory {@code data_dir/spool} by default
     * @param segmentSize octets of a journal segment
     * @param inlineMax bodies above it get a file of their own
     * @param marksWait how long the mark of a delivery may wait for something else to be written with
     * @param reserve octets of disk kept free for deliveries and bounces: below it MAIL is answered 452
     */
    public record Spool(
            @Restart Optional<Path> directory,
            @Restart @Range("64KiB to 1GiB") long segmentSize,
            @Range("4KiB to 16MiB") int inlineMax,
            @Range("0B to 1024GiB") long reserve,
            @Range("0s to 1s") Duration marksWait,
            @Range("1MiB to 16GiB") long backgroundRate) {}

    /**
     * When to try again and when to give up.
     *
     * @param retry the waits after the first, second... failure; the last repeats
     * @param jitter each wait is lengthened or shortened by at most this part of it, 0 to 0.5
     * @param noticeWindow how long a failure waits for others of its message, to be told together
     * @param undoFor how long an operator's command can be undone; an operator's bounce waits so long
     * @param trashFor how long removed messages are kept
     */
    public record Queue(
            @Range("1s to 7d") List<Duration> retry,
            @Range("0 to 0.5") double jitter,
            @Range("1m to 30d") Duration notifyAfter,
            @Range("1m to 60d") Duration expireAfter,
            @Range("1m to 60d") Duration expireBouncesAfter,
            @Range("0s to 5m") Duration noticeWindow,
            @Range("1 to 10000") int deliveriesMax,
            @Range("1 to 1000") int deliveriesPerSiteMax,
            @Range("0B to 16MiB") int bounceWholeMax,
            @Range("0s to 7d") Duration undoFor,
            @Range("0s to 60d") Duration trashFor) {}

    /**
     * Sending.
     *
     * @param smartHost {@code host}, {@code host:port} or {@code [1.2.3.4]:port}: all that is not local goes there
     * @param rules which mail goes which way; the first that fits counts, before all else here
     * @param fallback hosts for what cannot be brought to the MX of its domain
     * @param fallbackAfter how old a message is when it goes there for any reason; empty: only when no host can be used
     * @param sourceIpv4 the address we send from
     * @param ipv6 {@code off}, or {@code prefer}: tried before IPv4
     * @param quirks what hosts cannot do though they say so
     */
    public record Delivery(
            Optional<SmartHost> smartHost,
            Map<String, SmartHost> routes,
            List<RouteRule> rules,
            List<SmartHost> fallback,
            @Range("1m to 30d") Optional<Duration> fallbackAfter,
            Optional<InetAddress> sourceIpv4,
            Optional<InetAddress> sourceIpv6,
            Ipv6 ipv6,
            boolean startTls,
            @Range("1 to 10000") int recipientsPerTransactionMax,
            @Range("1 to 10000") int messagesPerConnectionMax,
            @Range("0s to 5m") Duration connectionIdle,
            Quirks quirks,
            ClientTimeouts timeouts) {}

    /**
     * Hosts' faults.
     *
     * @param rememberFor how long one that was noticed is worked around
     * @param rememberClearFor the same for one that costs encryption
     * @param avoid by host name, {@code .domain} or address: what is never used there
     */
    public record Quirks(
            @Range("0s to 30d") Duration rememberFor,
            @Range("0s to 1d") Duration rememberClearFor,
            Map<String, List<PeerFeature>> avoid) {}

    /** What a host may say that it can do; {@code ehlo}: that it speaks ESMTP at all. */
    public enum PeerFeature {
        EHLO,
        STARTTLS,
        PIPELINING,
        CHUNKING,
        BINARYMIME,
        EIGHTBITMIME,
        SIZE,
        SMTPUTF8,
        DSN,
        DELIVERBY,
        MT_PRIORITY,
        LIMITS
    }

    /**
     * A fixed next hop.
     *
     * @param host a host name (its A/AAAA are used, no MX) or an address
     * @param tls {@code none}, {@code opportunistic}, {@code verified} (STARTTLS) or {@code implicit} (verified, from the
     *     first byte)
     * @param passwordFile its first line; readable by us alone
     * @param tokenFile instead of it, an OAuth 2.0 access token that another program keeps fresh; read at each login
     * @param channelBinding {@code off}, which is the default, or {@code prefer}
     * @param certificate {@code show}: instead of both, our first certificate is our login
     */
    public record SmartHost(
            String host,
            @Range("1 to 65535") int port,
            SmartHostTls tls,
            Optional<String> user,
            Optional<Path> passwordFile,
            Optional<Path> tokenFile,
            Optional<ChannelBinding> channelBinding,
            Optional<OwnCertificate> certificate) {
        /** Without a certificate of ours. */
        public SmartHost(
                String host,
                int port,
                SmartHostTls tls,
                Optional<String> user,
                Optional<Path> passwordFile,
                Optional<Path> tokenFile,
                Optional<ChannelBinding> channelBinding) {
            this(host, port, tls, user, passwordFile, tokenFile, channelBinding, Optional.empty());
        }
    }

    /** Whether we show a smart host the first certificate of ours. */
    public enum OwnCertificate {
        SHOW
    }

    /** Whether a login by SCRAM is bound to its TLS connection (-PLUS, RFC 5802 6) where the server offers that. */
    public enum ChannelBinding {
        OFF,
        PREFER
    }

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
            @Range("1s to 10m") Duration connect,
            @Range("1s to 1h") Duration greeting,
            @Range("1s to 1h") Duration hello,
            @Range("1s to 1h") Duration mail,
            @Range("1s to 1h") Duration recipient,
            @Range("1s to 1h") Duration dataStart,
            @Range("1s to 1h") Duration dataBlock,
            @Range("1s to 1h") Duration dataEnd,
            @Range("1s to 1h") Duration quit) {}

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
