package org.hikyaku.real;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509TrustManager;
import org.hikyaku.tls.Keys;
import org.hikyaku.tls.ServerKey;
import org.jspecify.annotations.Nullable;

/**
 * Netty's TLS contexts for one snapshot of our keys.
 *
 * <p><i>Failure:</i> {@link SSLException} when the engine will not take a key.
 */
final class TlsContexts {
    /** The first is post-quantum; old peers find theirs behind it. */
    private static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256", "P-384", "P-521"};

    private final Keys keys;
    private final IdentityHashMap<ServerKey, SslContext> servers = new IdentityHashMap<>();
    /** The same for listeners that ask for a certificate. */
    private final IdentityHashMap<ServerKey, SslContext> asking = new IdentityHashMap<>();

    private final @Nullable ClientTrust clients;
    private final SslContext anyone;
    private final SslContext verified;
    /** As {@code verified}, and shows our first certificate to whom asks for one; null when we have none. */
    private final @Nullable SslContext showing;

    TlsContexts(Keys keys, SslProvider provider, CompletableFuture<X509TrustManager> authorities) throws SSLException {
        this.keys = keys;
        this.clients = keys.clientAuthorities().isEmpty() ? null : new ClientTrust(keys.clientAuthorities());
        for (ServerKey key : keys.all()) {
            X509Certificate[] chain = key.chain().toArray(X509Certificate[]::new);
            servers.put(key, finish(SslContextBuilder.forServer(key.key(), chain), provider));
            if (clients != null) {
                SslContextBuilder builder = SslContextBuilder.forServer(key.key(), chain)
                        .trustManager(clients)
                        .clientAuth(ClientAuth.OPTIONAL);
                asking.put(key, finish(builder, provider));
            }
        }
        this.anyone = finish(client(PeerTrust.anyone()), provider);
        this.verified = finish(client(PeerTrust.verified(authorities)), provider);
        this.showing = keys.all().isEmpty() ? null : finish(showing(keys.all().getFirst(), authorities), provider);
    }

    Keys keys() {
        return keys;
    }

    /** The context for a client that asked for {@code name}; empty when we have no key. */
    Optional<SslContext> server(@Nullable String name, boolean askCertificate) {
        IdentityHashMap<ServerKey, SslContext> served = askCertificate && clients != null ? asking : servers;
        return keys.choose(name).map(served::get);
    }

    /** Whether a client's chain leads to an authority of ours. */
    boolean holds(Certificate[] clientChain) {
        return clients != null && clients.holds(clientChain);
    }

    /** A certificate of ours is shown only to whom has proved its name. */
    SslContext client(boolean verify, boolean show) {
        return !verify ? anyone : show && showing != null ? showing : verified;
    }

    /** Handshakes that have begun hold what they need themselves. */
    void release() {
        servers.values().forEach(ReferenceCountUtil::release);
        asking.values().forEach(ReferenceCountUtil::release);
        ReferenceCountUtil.release(anyone);
        ReferenceCountUtil.release(verified);
        ReferenceCountUtil.release(showing);
    }

    private static SslContextBuilder client(PeerTrust trust) {
        // no name check by the engine: PeerTrust does it, where it is wanted
        return SslContextBuilder.forClient().trustManager(trust).endpointIdentificationAlgorithm(null);
    }

    private static SslContextBuilder showing(ServerKey key, CompletableFuture<X509TrustManager> authorities) {
        X509Certificate[] chain = key.chain().toArray(X509Certificate[]::new);
        return client(PeerTrust.verified(authorities)).keyManager(key.key(), chain);
    }

    private SslContext finish(SslContextBuilder builder, SslProvider provider) throws SSLException {
        if (provider != SslProvider.JDK) {
            builder.option(OpenSslContextOption.GROUPS, GROUPS);
        }
        return builder.sslProvider(provider).protocols(versions()).build();
    }

    private List<String> versions() {
        return keys.versionMin().equals("TLSv1.3") ? List.of("TLSv1.3") : List.of("TLSv1.3", "TLSv1.2");
    }
}
