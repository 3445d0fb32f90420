package org.hikyaku.config;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sending.
 *
 * @param smartHost {@code host}, {@code host:port} or {@code [1.2.3.4]:port}: all that is not local goes there
 * @param rules which mail goes which way; the first that fits counts, before all else here
 * @param fallback hosts for what cannot be brought to the MX of its domain
 * @param fallbackAfter how old a message is when it goes there for any reason; empty: only when no host can be used
 * @param sourceIpv4 the address we send from
 * @param ipv6 {@code off}, or whether it is tried before IPv4
 * @param nextAddressAfter how long an address may be silent before the next is tried beside it
 * @param quirks what hosts cannot do though they say so
 */
public record DeliverySettings(
        Optional<SmartHost> smartHost,
        Map<String, SmartHost> routes,
        List<RouteRule> rules,
        List<SmartHost> fallback,
        @Range("1m to 30d") Optional<Duration> fallbackAfter,
        Optional<InetAddress> sourceIpv4,
        Optional<InetAddress> sourceIpv6,
        Ipv6 ipv6,
        @Range("100ms to 2s") Duration nextAddressAfter,
        boolean startTls,
        @Range("1 to 10000") int recipientsPerTransactionMax,
        @Range("1 to 10000") int messagesPerConnectionMax,
        @Range("0s to 5m") Duration connectionIdle,
        Quirks quirks,
        ClientTimeouts timeouts) {
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
        PREFER,
        /** After IPv4. */
        AVOID
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
}
