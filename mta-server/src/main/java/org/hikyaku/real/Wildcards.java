package org.hikyaku.real;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Net;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * Listening on 0.0.0.0 and [::] by way of Java's own sockets. Such a socket takes both families, and Java knows no
 * IPV6_V6ONLY: so the two wildcards of one port are one socket here, whose wires go to the acceptor of their family.
 *
 * <p><i>Failure:</i> that of the bind. A client of a family that nobody listens for is closed at once.
 */
final class Wildcards {
    private final Bind bind;
    private final Map<Integer, Shared> byPort = new LinkedHashMap<>();

    /** Binds a socket. */
    interface Bind {
        Net.Listener bind(Endpoint endpoint, int backlog, Function<Wire, WireHandler> acceptor) throws IOException;
    }

    Wildcards(Bind bind) {
        this.bind = bind;
    }

    static boolean isOne(Endpoint.Tcp endpoint) {
        return endpoint.address().getAddress().isAnyLocalAddress();
    }

    synchronized Net.Listener listen(Endpoint.Tcp endpoint, int backlog, Function<Wire, WireHandler> acceptor)
            throws IOException {
        boolean four = isFour(endpoint);
        Shared known = byPort.get(endpoint.address().getPort());
        if (known != null && known.of(four) == null) {
            known.set(four, acceptor);
            return new Half(known, four, endpoint.address().getPort());
        }
        Shared fresh = new Shared();
        fresh.set(four, acceptor);
        Net.Listener socket = bind.bind(endpoint, backlog, fresh::accept); // a second one of the same family fails here
        fresh.socket = socket;
        int port = socket.endpoint() instanceof Endpoint.Tcp bound
                ? bound.address().getPort()
                : 0;
        byPort.put(port, fresh);
        return new Half(fresh, four, port);
    }

    private synchronized void close(Half half) {
        half.shared.set(half.four, null);
        Net.Listener socket = half.shared.socket;
        if (half.shared.of(true) == null && half.shared.of(false) == null && socket != null) {
            half.shared.socket = null;
            byPort.remove(half.port);
            socket.close();
        }
    }

    private static boolean isFour(Endpoint endpoint) {
        return endpoint instanceof Endpoint.Tcp tcp && tcp.address().getAddress() instanceof Inet4Address;
    }

    /** One socket of both families. */
    private static final class Shared {
        private volatile @Nullable Function<Wire, WireHandler> four;
        private volatile @Nullable Function<Wire, WireHandler> six;
        private Net.@Nullable Listener socket;

        @Nullable
        Function<Wire, WireHandler> of(boolean isFour) {
            return isFour ? four : six;
        }

        void set(boolean isFour, @Nullable Function<Wire, WireHandler> acceptor) {
            if (isFour) {
                four = acceptor;
            } else {
                six = acceptor;
            }
        }

        WireHandler accept(Wire wire) {
            Function<Wire, WireHandler> acceptor = of(isFour(wire.remote()));
            return acceptor == null ? new Nobody() : acceptor.apply(wire);
        }
    }

    /** One family's half of a socket. */
    private final class Half implements Net.Listener {
        private final Shared shared;
        private final boolean four;
        private final int port;

        Half(Shared shared, boolean four, int port) {
            this.shared = shared;
            this.four = four;
            this.port = port;
        }

        @Override
        public Endpoint endpoint() {
            return new Endpoint.Tcp(InetAddress.ofLiteral(four ? "0.0.0.0" : "::"), port);
        }

        @Override
        public void close() {
            Wildcards.this.close(this);
        }
    }

    /** Nobody listens for this family. */
    private record Nobody() implements WireHandler {
        @Override
        public void opened(Wire wire) {
            wire.abort();
        }

        @Override
        public void received(byte[] octets, int offset, int length) {}

        @Override
        public void secured(TlsFacts facts) {}

        @Override
        public void closed(@Nullable WireFailure cause) {}
    }
}
