package org.hikyaku.sim;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Net;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/** The network as one process has it: two loops, listeners, connections with faults by seed. */
final class SimNet implements Net {
    private static final int LOOPS = 2;

    private final SimProcess process;
    private final SimFabric fabric;
    private final SimLuck luck;
    private final SimRandom random;
    private final List<SimLoop> loops = new ArrayList<>();
    private final Set<SimWire> wires = new LinkedHashSet<>();
    private int next;

    SimNet(SimProcess process, SimFabric fabric, SimLuck luck, SimRandom random) {
        this.process = process;
        this.fabric = fabric;
        this.luck = luck;
        this.random = random;
        process.atDeath(this::die);
    }

    /** The kernel ends what the process had open: peers hear of it, some soon, some late. */
    private void die() {
        List.copyOf(wires)
                .forEach(wire -> wire.vanish(random.chance(0.7) ? 0 : random.between(1, 60) * 1_000_000_000L));
        wires.clear();
    }

    SimLuck luck() {
        return luck;
    }

    SimRandom random() {
        return random;
    }

    SimProcess process() {
        return process;
    }

    void forget(SimWire wire) {
        wires.remove(wire);
    }

    /** How many wires are open. */
    int open() {
        return wires.size();
    }

    @Override
    public Listener listen(Endpoint endpoint, int backlog, Function<Wire, WireHandler> acceptor) throws IOException {
        process.point("listen");
        Endpoint bound = endpoint;
        if (endpoint instanceof Endpoint.Tcp tcp) {
            InetAddress address = tcp.address().getAddress();
            if (!address.isAnyLocalAddress() && !process.host().addresses().contains(address)) {
                throw new IOException("cannot listen on " + endpoint + ": not an address of this host");
            }
            if (tcp.address().getPort() == 0) {
                bound = new Endpoint.Tcp(address, fabric.freePort());
            }
        }
        SimFabric.Listening entry = fabric.listen(process, this, bound, acceptor);
        if (entry == null) {
            throw new IOException("cannot listen on " + endpoint + ": address already in use");
        }
        process.atDeath(() -> fabric.drop(entry));
        return new Listener() {
            @Override
            public Endpoint endpoint() {
                return entry.endpoint();
            }

            @Override
            public void close() {
                process.point("listener close");
                fabric.drop(entry);
            }
        };
    }

    @Override
    public Listener listenToUsers(Endpoint.Unix socket, int backlog, Function<Wire, WireHandler> acceptor)
            throws IOException {
        return listen(socket, backlog, acceptor);
    }

    @Override
    public String userName(int uid) throws IOException {
        process.point("user name");
        if (!process.scheduler().runsDedicated()) {
            throw new IllegalStateException("a user's name is asked for on a thread that others need");
        }
        return process.host().userName(uid);
    }

    @Override
    public Connecting connect(
            Endpoint target, Optional<InetSocketAddress> source, Duration limit, WireHandler handler) {
        process.point("connect");
        SimScheduler scheduler = process.scheduler();
        scheduler.history().add(scheduler.now(), "connect", target.toString());
        SimLoop loop = takeLoop();
        OptionalInt caller = process.host().caller();
        long latest = scheduler.deadline(limit);
        long when = scheduler.now() + latency() + fabric.distance(target);
        SimConnecting connecting = new SimConnecting(loop, target, handler);
        if (luck.strikes(SimFault.CONNECT_TIMEOUT) || when > latest || fabric.isSwallowed(target)) {
            scheduler.at(process, latest, () -> connecting.fail(WireFailure.Kind.CONNECT_TIMEOUT));
        } else if (luck.strikes(SimFault.CONNECT_UNREACHABLE)) {
            scheduler.at(process, when, () -> connecting.fail(WireFailure.Kind.UNREACHABLE));
        } else if (luck.strikes(SimFault.CONNECT_REFUSED)) {
            scheduler.at(process, when, () -> connecting.fail(WireFailure.Kind.REFUSED));
        } else {
            scheduler.at(process, when, () -> connecting.arrive(source, caller));
        }
        return connecting;
    }

    /** One that is neither there nor failed yet, until {@code over}. */
    private final class SimConnecting implements Connecting {
        private final SimLoop loop;
        private final Endpoint target;
        private final WireHandler handler;
        private boolean over;

        SimConnecting(SimLoop loop, Endpoint target, WireHandler handler) {
            this.loop = loop;
            this.target = target;
            this.handler = handler;
        }

        void fail(WireFailure.Kind kind) {
            if (!over) {
                over = true;
                refuse(loop, handler, kind, target);
            }
        }

        void arrive(Optional<InetSocketAddress> source, OptionalInt caller) {
            if (!over) {
                over = true;
                SimNet.this.arrive(target, source, caller, loop, handler);
            }
        }

        @Override
        public void cancel() {
            process.point("connect cancel");
            fail(WireFailure.Kind.OTHER);
        }
    }

    private void arrive(
            Endpoint target,
            Optional<InetSocketAddress> source,
            OptionalInt caller,
            SimLoop loop,
            WireHandler handler) {
        Endpoint local = localEnd(target, source);
        SimHost host = fabric.hostOf(process.host(), target).orElse(null);
        if (local == null || host == null) {
            refuse(loop, handler, local == null ? WireFailure.Kind.OTHER : WireFailure.Kind.UNREACHABLE, target);
            return;
        }
        SimFabric.Listening there = fabric.find(host, target).orElse(null);
        if (there == null) {
            refuse(loop, handler, WireFailure.Kind.REFUSED, target);
            return;
        }
        SimNet other = there.net();
        SimWire near = new SimWire(this, loop, local, target);
        SimWire far = new SimWire(other, other.takeLoop(), target, local);
        if (target instanceof Endpoint.Unix) {
            far.calledBy(caller);
        }
        near.join(far);
        wires.add(near);
        other.wires.add(far);
        near.open(wire -> handler);
        far.open(there.acceptor());
    }

    private void refuse(SimLoop loop, WireHandler handler, WireFailure.Kind kind, Endpoint target) {
        process.scheduler().history().add(process.scheduler().now(), "connect failed", kind.name());
        loop.post(() -> handler.closed(new WireFailure(kind, target + ": " + kind)));
    }

    /** Null when the source is not ours, or we have no address of the target's family. */
    private @Nullable Endpoint localEnd(Endpoint target, Optional<InetSocketAddress> source) {
        if (!(target instanceof Endpoint.Tcp tcp)) {
            return target;
        }
        InetAddress there = tcp.address().getAddress();
        if (source.isPresent()) {
            InetSocketAddress wanted = source.get();
            int port = wanted.getPort() == 0 ? fabric.freePort() : wanted.getPort();
            return process.host().addresses().contains(wanted.getAddress())
                    ? new Endpoint.Tcp(wanted.getAddress(), port)
                    : null;
        }
        return process.host().addresses().stream()
                .filter(own -> own.getAddress().length == there.getAddress().length
                        && own.isLoopbackAddress() == there.isLoopbackAddress())
                .findFirst()
                .<Endpoint>map(own -> new Endpoint.Tcp(own, fabric.freePort()))
                .orElse(null);
    }

    @Override
    public Set<InetAddress> ownAddresses() {
        return process.host().addresses();
    }

    @Override
    public Loop loop() {
        process.point("net loop");
        return takeLoop();
    }

    private SimLoop takeLoop() {
        if (loops.size() < LOOPS) {
            loops.add(new SimLoop(process, "loop-" + (loops.size() + 1)));
        }
        return loops.get(next++ % loops.size());
    }

    /** How long a segment takes. */
    long latency() {
        if (luck.strikes(SimFault.SEGMENT_SLOW)) {
            return random.between(1, 40) * 1_000_000_000L;
        }
        return random.chance(0.5) ? random.between(20_000, 400_000) : random.between(400_000, 40_000_000);
    }
}
