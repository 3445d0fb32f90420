package org.hikyaku.sim;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/** What connects the hosts of a world: who has which address, who listens where. */
final class SimFabric {
    private static final int PORT_FIRST = 32_768;
    private static final int PORTS = 28_000;

    private final List<SimHost> hosts = new ArrayList<>();
    private final List<Listening> listening = new ArrayList<>();
    private final Set<InetAddress> swallowed = new HashSet<>();
    private final Map<InetAddress, Long> far = new HashMap<>();
    private int port;

    /** A listener of a living process. */
    record Listening(SimProcess process, SimNet net, Endpoint endpoint, Function<Wire, WireHandler> acceptor) {}

    void add(SimHost host) {
        hosts.add(host);
    }

    void swallow(InetAddress address) {
        swallowed.add(address);
    }

    void move(InetAddress address, long nanos) {
        far.put(address, nanos);
    }

    /** How much longer than to others it takes to connect there. */
    long distance(Endpoint target) {
        return target instanceof Endpoint.Tcp tcp
                ? far.getOrDefault(tcp.address().getAddress(), 0L)
                : 0;
    }

    boolean isSwallowed(Endpoint target) {
        return target instanceof Endpoint.Tcp tcp
                && swallowed.contains(tcp.address().getAddress());
    }

    int freePort() {
        return PORT_FIRST + port++ % PORTS;
    }

    /** Null when somebody else is there. */
    @Nullable
    Listening listen(SimProcess process, SimNet net, Endpoint endpoint, Function<Wire, WireHandler> acceptor) {
        if (listening.stream()
                .anyMatch(other -> other.process.host() == process.host() && clash(other.endpoint, endpoint))) {
            return null;
        }
        Listening entry = new Listening(process, net, endpoint, acceptor);
        listening.add(entry);
        return entry;
    }

    void drop(Listening entry) {
        listening.remove(entry);
    }

    /** The host that {@code target} leads to, seen from {@code from}. */
    Optional<SimHost> hostOf(SimHost from, Endpoint target) {
        return switch (target) {
            case Endpoint.Unix unix -> Optional.of(from);
            case Endpoint.Tcp tcp -> {
                InetAddress address = tcp.address().getAddress();
                yield address.isLoopbackAddress() || address.isAnyLocalAddress()
                        ? Optional.of(from)
                        : hosts.stream()
                                .filter(host -> host.addresses().contains(address))
                                .findFirst();
            }
        };
    }

    /** Who listens there. */
    Optional<Listening> find(SimHost host, Endpoint target) {
        return listening.stream()
                .filter(entry -> entry.process.host() == host && clash(entry.endpoint, target))
                .findFirst();
    }

    private static boolean clash(Endpoint a, Endpoint b) {
        if (a instanceof Endpoint.Tcp one && b instanceof Endpoint.Tcp two) {
            InetSocketAddress x = one.address();
            InetSocketAddress y = two.address();
            boolean any = x.getAddress().isAnyLocalAddress() || y.getAddress().isAnyLocalAddress();
            // as with IPV6_V6ONLY: [::] and 0.0.0.0 are two places
            boolean sameFamily =
                    x.getAddress().getAddress().length == y.getAddress().getAddress().length;
            return x.getPort() == y.getPort()
                    && sameFamily
                    && (any || x.getAddress().equals(y.getAddress()));
        }
        return a.equals(b);
    }
}
