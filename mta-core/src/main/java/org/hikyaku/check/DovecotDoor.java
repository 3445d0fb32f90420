package org.hikyaku.check;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.hikyaku.check.DovecotLink.Dialect;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The one connection to a service of Dovecot's: made when it is first needed, and anew after it was lost, at the most once a
 * second, or when the configuration names another place.
 *
 * <p><i>Failure:</i> none serves while it rests; who asks is told so.
 *
 * @param <A> what an exchange is answered
 */
final class DovecotDoor<A> {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final Duration REST = Duration.ofSeconds(1);

    private final World world;
    private final Supplier<Optional<String>> place;
    private final Supplier<Dialect<A>> dialects;
    private final AtomicReference<@Nullable DovecotLink<A>> link = new AtomicReference<>();
    private volatile boolean closed;

    /** @param place as the configuration has it: {@code unix:/path} or {@code address:port} */
    DovecotDoor(World world, Supplier<Optional<String>> place, Supplier<Dialect<A>> dialects) {
        this.world = world;
        this.place = place;
        this.dialects = dialects;
    }

    /** The connection that serves, or one that is being made; null when one failed just now, or there shall be none. Never waits. */
    @Nullable
    DovecotLink<A> present() {
        Optional<Endpoint> named = place.get().map(DovecotDoor::endpoint);
        if (named.isEmpty()) {
            return null; // a reload came between
        }
        Endpoint wanted = named.get();
        while (true) {
            DovecotLink<A> last = link.get();
            long now = world.clock().nanos();
            if (last != null && last.endpoint().equals(wanted)) {
                if (!last.isOver()) {
                    return last;
                }
                if (now - last.begun() < REST.toNanos()) {
                    return null;
                }
            }
            DovecotLink<A> fresh = new DovecotLink<>(world, wanted, dialects.get());
            if (link.compareAndSet(last, fresh)) {
                if (last != null) {
                    last.close();
                }
                if (closed) {
                    fresh.close();
                    return null;
                }
                world.net().connect(wanted, Optional.empty(), CONNECT_LIMIT, fresh);
                return fresh;
            }
        }
    }

    /** Ends the connection for good. */
    void close() {
        closed = true;
        drop();
    }

    /** Ends the connection. */
    void drop() {
        DovecotLink<A> last = link.getAndSet(null);
        if (last != null) {
            last.close();
        }
    }

    /** The reader of the configuration has seen to it. */
    static Endpoint endpoint(String text) {
        if (text.startsWith("unix:")) {
            return new Endpoint.Unix(Path.of(text.substring("unix:".length())));
        }
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, Math.max(0, colon)).replaceAll("[\\[\\]]", "");
        InetAddress address =
                IpLiteral.parseAddress(host).orElseThrow(() -> new IllegalArgumentException("no address: " + host));
        return new Endpoint.Tcp(address, Integer.parseInt(text.substring(colon + 1)));
    }
}
