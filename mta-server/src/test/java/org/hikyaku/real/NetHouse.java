package org.hikyaku.real;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.hikyaku.tls.Keys;
import org.hikyaku.tls.ServerKey;
import org.hikyaku.tls.TestAuthority;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Net;

/** A network for a test, with keys from an authority it trusts, and the events it gave. */
final class NetHouse implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(5);

    private static final TestAuthority AUTHORITY = new TestAuthority();
    private static final ServerKey MX = issue("mx.example", "127.0.0.1");

    final TestAuthority authority = AUTHORITY;
    final AtomicReference<Keys> keys = new AtomicReference<>(Keys.none("TLSv1.2"));
    final List<Event> events = new CopyOnWriteArrayList<>();
    final NettyNet net;

    NetHouse(NetSettings settings) {
        this.net = new NettyNet(settings.withExtraTrust(trust()), keys::get, (event, values) -> events.add(event));
        serve(MX);
    }

    static NetSettings settings(boolean nativeTls) {
        return new NetSettings(2, true, nativeTls, Duration.ofSeconds(10), Duration.ofSeconds(5), Optional.empty());
    }

    /** One key for {@code names}. */
    ServerKey key(String... names) {
        return issue(names);
    }

    private static ServerKey issue(String... names) {
        KeyPair pair = TestAuthority.ec();
        return key(pair, AUTHORITY.issue(pair, names));
    }

    static ServerKey key(KeyPair pair, X509Certificate... chain) {
        return new ServerKey(Path.of("/test"), pair.getPrivate(), List.of(chain));
    }

    void serve(ServerKey... all) {
        keys.set(new Keys(List.of(all), "TLSv1.2"));
    }

    /** A listener on loopback whose wires all tell {@code ear}. */
    Net.Listener listen(Ear ear) throws IOException {
        return net.listen(loopback(0), 16, wire -> ear);
    }

    Ear connect(Net.Listener listener, Ear ear) {
        net.connect(listener.endpoint(), Optional.empty(), LIMIT, ear);
        return ear;
    }

    static Endpoint loopback(int port) {
        return new Endpoint.Tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private Path trust() {
        try {
            Path file = Files.createTempFile("ca", ".pem");
            file.toFile().deleteOnExit();
            return Files.writeString(file, TestAuthority.pem(AUTHORITY.root()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        net.close();
    }
}
