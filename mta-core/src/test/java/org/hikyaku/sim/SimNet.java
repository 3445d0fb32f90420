package org.hikyaku.sim;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Net;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireHandler;

/** The network of one process. */
final class SimNet implements Net {
    private static final int LOOPS = 2;

    private final SimProcess process;
    private final List<SimLoop> loops = new ArrayList<>();
    private int next;

    SimNet(SimProcess process, SimLuck luck, SimRandom random) {
        this.process = process;
    }

    @Override
    public Listener listen(Endpoint endpoint, int backlog, Function<Wire, WireHandler> acceptor) throws IOException {
        throw new IOException("the simulated network is to come: " + endpoint);
    }

    @Override
    public void connect(Endpoint target, Optional<InetSocketAddress> source, Duration limit, WireHandler handler) {
        throw new IllegalStateException("the simulated network is to come: " + target);
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

    SimLoop takeLoop() {
        if (loops.size() < LOOPS) {
            loops.add(new SimLoop(process, "loop-" + (loops.size() + 1)));
        }
        return loops.get(next++ % loops.size());
    }
}
