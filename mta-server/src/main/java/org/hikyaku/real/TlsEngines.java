package org.hikyaku.real;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.Mapping;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509TrustManager;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.tls.Keys;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.hikyaku.world.TlsNeed;
import org.jspecify.annotations.Nullable;

/**
 * Makes the Netty handler for each TLS handshake, by BoringSSL or by the JDK, from the snapshot of our keys at that moment.
 *
 * <p><i>Failure:</i> without BoringSSL the JDK's engine serves, and TLS_ENGINE_FALLBACK says so. {@link SSLException} when
 * a handler cannot be made; that wire then fails.
 */
final class TlsEngines {
    /** Engines of a replaced snapshot are in use no longer than a handshake's first step after it. */
    private static final Duration RETIRE_AFTER = Duration.ofMinutes(1);

    private final Supplier<Keys> keys;
    private final SslProvider provider;
    private final Duration handshakeLimit;
    private final Optional<Path> extraTrust;
    private final CompletableFuture<X509TrustManager> authorities = new CompletableFuture<>();
    private final AtomicBoolean authoritiesAsked = new AtomicBoolean();
    private final AtomicReference<@Nullable TlsContexts> present = new AtomicReference<>();
    private final NettyLoop retiring;

    TlsEngines(NetSettings settings, Supplier<Keys> keys, NettyLoop retiring, Events events) {
        this.keys = keys;
        this.provider = provider(settings.nativeTls(), OpenSsl.unavailabilityCause(), events);
        this.handshakeLimit = settings.handshakeLimit();
        this.retiring = retiring;
        this.extraTrust = settings.extraTrust();
    }

    /** Begun with the first handshake that needs them, so that they are mostly there when its certificate comes. */
    private void readAuthorities() {
        if (authoritiesAsked.compareAndSet(false, true)) {
            Thread.startVirtualThread(() -> {
                try {
                    authorities.complete(HostTrust.load(extraTrust));
                } catch (IOException | RuntimeException e) {
                    authorities.completeExceptionally(e);
                }
            });
        }
    }

    /**
     * BoringSSL if wanted and there; the fallback is said loudly.
     *
     * @param missing why there is no BoringSSL; null when there is
     */
    static SslProvider provider(boolean nativeWanted, @Nullable Throwable missing, Events events) {
        if (!nativeWanted) {
            events.emit(Event.TLS_ENGINE, "JDK", "tls.native_engine is off");
            return SslProvider.JDK;
        }
        if (missing != null) {
            events.emit(Event.TLS_ENGINE_FALLBACK, "JDK", "BoringSSL is not available: " + missing);
            return SslProvider.JDK;
        }
        events.emit(Event.TLS_ENGINE, "BoringSSL", OpenSsl.versionString());
        return SslProvider.OPENSSL_REFCNT;
    }

    /** The handler that secures a wire as {@code need} says. */
    ChannelHandler handler(TlsNeed need, ByteBufAllocator allocator) throws SSLException {
        return switch (need) {
            case TlsNeed.Server server -> server(server);
            case TlsNeed.Client client -> client(client, allocator);
        };
    }

    private ChannelHandler server(TlsNeed.Server need) throws SSLException {
        if (contexts().keys().all().isEmpty()) {
            throw new SSLException("we have no certificate");
        }
        Mapping<String, SslContext> byName = name -> atHello(name, need.askCertificate());
        return new SniHandler(byName, handshakeLimit.toMillis());
    }

    /** Called when the client's first message is there: the snapshot of that moment counts. */
    private SslContext atHello(@Nullable String name, boolean askCertificate) {
        try {
            return contexts().server(name, askCertificate).orElseThrow();
        } catch (SSLException e) {
            throw new IllegalStateException("the TLS engine will not take our keys", e);
        }
    }

    /** Whether the engine takes {@code keys}; to be asked before they are put in force. */
    Optional<String> problem(Keys candidate) {
        try {
            new TlsContexts(candidate, provider, authorities).release();
            return Optional.empty();
        } catch (SSLException | IllegalArgumentException e) {
            return Optional.of("the TLS engine will not take our keys: " + e.getMessage());
        }
    }

    private ChannelHandler client(TlsNeed.Client client, ByteBufAllocator allocator) throws SSLException {
        if (client.verifyName().isPresent()) {
            readAuthorities();
        }
        SslContext context = contexts().client(client.verifyName().isPresent(), client.showCertificate());
        // the peer host is the name that PeerTrust checks; without a port no session is ever resumed, so that each
        // handshake shows its chain
        SslHandler handler = context.newHandler(allocator, client.verifyName().orElse(client.serverName()), -1);
        SSLEngine engine = handler.engine();
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(serverNames(client.serverName()));
        engine.setSSLParameters(parameters);
        handler.setHandshakeTimeoutMillis(handshakeLimit.toMillis());
        return handler;
    }

    /** RFC 6066 3: a host name, never an address; what SNI cannot carry is not sent. */
    private static List<SNIServerName> serverNames(String name) {
        try {
            return IpLiteral.parseAddress(name).isPresent() ? List.of() : List.of(new SNIHostName(name));
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    /** After the last handshake. */
    void release() {
        TlsContexts last = present.getAndSet(null);
        if (last != null) {
            last.release();
        }
    }

    private TlsContexts contexts() throws SSLException {
        Keys wanted = keys.get();
        TlsContexts old = present.get();
        if (old != null && old.keys() == wanted) {
            return old;
        }
        TlsContexts fresh = new TlsContexts(wanted, provider, authorities);
        if (!present.compareAndSet(old, fresh)) {
            fresh.release(); // another loop was first
            return contexts();
        }
        if (old != null) {
            retiring.schedule(RETIRE_AFTER, old::release);
        }
        return fresh;
    }

    /** What a finished handshake agreed on. A client's certificate is judged here, by the authorities of this moment. */
    TlsFacts facts(SSLEngine engine, TlsNeed need) {
        SSLSession session = engine.getSession();
        boolean verified =
                need instanceof TlsNeed.Client client ? client.verifyName().isPresent() : isTrustedClient(session);
        return new TlsFacts(
                session.getProtocol(),
                session.getCipherSuite(),
                chain(session),
                verified,
                own(session),
                exporter(session));
    }

    private boolean isTrustedClient(SSLSession session) {
        TlsContexts now = present.get();
        try {
            return now != null && now.holds(session.getPeerCertificates());
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
    }

    private static byte[] own(SSLSession session) {
        Certificate[] shown = session.getLocalCertificates();
        try {
            return shown == null || shown.length == 0 ? new byte[0] : shown[0].getEncoded();
        } catch (CertificateEncodingException e) {
            return new byte[0];
        }
    }

    /**
     * RFC 9266 4: 32 octets, no context. Of TLS 1.3 alone, where no two connections share them; BoringSSL's Java side exports
     * no keys.
     */
    private static byte[] exporter(SSLSession session) {
        if (!(session instanceof ExtendedSSLSession exporting)
                || !session.getProtocol().equals("TLSv1.3")) {
            return new byte[0];
        }
        try {
            return exporting.exportKeyingMaterialData("EXPORTER-Channel-Binding", new byte[0], 32);
        } catch (SSLException | UnsupportedOperationException e) {
            return new byte[0];
        }
    }

    private static List<byte[]> chain(SSLSession session) {
        try {
            List<byte[]> chain = new ArrayList<>();
            for (Certificate certificate : session.getPeerCertificates()) {
                chain.add(certificate.getEncoded());
            }
            return List.copyOf(chain);
        } catch (SSLPeerUnverifiedException | CertificateEncodingException e) {
            return List.of();
        }
    }
}
