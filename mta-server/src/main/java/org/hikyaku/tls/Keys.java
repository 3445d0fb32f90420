package org.hikyaku.tls;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.jspecify.annotations.Nullable;

/**
 * All our keys at one moment, immutable: a handshake takes the snapshot of its time, a reload makes a new one.
 *
 * <p>A client that names a host (SNI, RFC 6066 3) gets the first key whose certificate names it, exactly or by a wildcard
 * for its first label; every other client gets the first key.
 */
public final class Keys {
    private static final Duration WARN_BEFORE = Duration.ofDays(21);

    private final List<ServerKey> all;
    private final Map<String, ServerKey> byName;
    private final String versionMin;
    private final List<X509Certificate> clientAuthorities;

    /** Keys without authorities for clients. */
    public Keys(List<ServerKey> all, String versionMin) {
        this(all, versionMin, List.of());
    }

    /**
     * The keys in the order of the configuration.
     *
     * @param versionMin the least version of TLS that is spoken: {@code TLSv1.2} or {@code TLSv1.3}
     * @param clientAuthorities whose certificates of clients count
     */
    public Keys(List<ServerKey> all, String versionMin, List<X509Certificate> clientAuthorities) {
        this.clientAuthorities = List.copyOf(clientAuthorities);
        this.all = List.copyOf(all);
        this.versionMin = versionMin;
        this.byName = new LinkedHashMap<>();
        for (ServerKey key : all) {
            key.names().forEach(name -> byName.putIfAbsent(name, key));
        }
    }

    /** No keys: a client can be secured, a server cannot. */
    public static Keys none(String versionMin) {
        return new Keys(List.of(), versionMin);
    }

    /** The first is the one for clients that name none of ours. */
    public List<ServerKey> all() {
        return all;
    }

    public String versionMin() {
        return versionMin;
    }

    /** Whose certificates of clients count; empty where clients are asked for none. */
    public List<X509Certificate> clientAuthorities() {
        return clientAuthorities;
    }

    /** The key for a client that asked for {@code name}, or for none; empty only when we have no key at all. */
    public Optional<ServerKey> choose(@Nullable String name) {
        if (all.isEmpty() || name == null) {
            return all.stream().findFirst();
        }
        String asked = CertificateNames.plain(name.toLowerCase(Locale.ROOT));
        ServerKey exact = byName.get(asked);
        if (exact != null) {
            return Optional.of(exact);
        }
        int dot = asked.indexOf('.');
        ServerKey wild = dot < 0 ? null : byName.get("*" + asked.substring(dot));
        return Optional.of(wild == null ? all.getFirst() : wild);
    }

    /** Says which certificates have expired or soon will; to be called at loading and once a day. */
    public void warnOfExpiry(Events events, Instant now) {
        for (ServerKey key : all) {
            Instant expires = key.leaf().getNotAfter().toInstant();
            if (expires.isBefore(now.plus(WARN_BEFORE))) {
                long days = Duration.between(now, expires).toDays();
                events.emit(Event.CERTIFICATE_EXPIRING, key.file(), key.subject(), expires, days);
            }
        }
    }
}
