package org.hikyaku.town;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Resolver.Cause;
import org.jspecify.annotations.Nullable;

/** The hosts that the town sends to, and what the DNS says of them. */
final class Neighbours {
    static final int DESTINATIONS = 10;
    /** The one that the route of sealed.example leads to, too. */
    private static final int SEALED = 3;

    private final SimWorld sim;
    private final RemoteMta.Judges judges;
    private final List<RemoteMta> destinations = new ArrayList<>();
    /** Smart hosts that rules name. */
    private final List<RemoteMta> named = new ArrayList<>();

    private final List<RemoteMta> alwaysBad = new ArrayList<>();
    private @Nullable RemoteMta gate;

    Neighbours(SimWorld sim, RemoteMta.Judges judges) {
        this.sim = sim;
        this.judges = judges;
    }

    void settle() {
        for (int i = 0; i < DESTINATIONS; i++) {
            destinations.add(destination(i));
        }
        sim.zones()
                .nullMx("null.example")
                .empty("nothing.example")
                .mx("loop.example", 10, "lo.loop.example")
                .address("lo.loop.example", "127.0.0.1");
        sim.zones()
                .fail("servfail.example", Cause.SERVFAIL)
                .fail("bogus.example", Cause.BOGUS)
                .fail("slow.example", Cause.TIMEOUT)
                .fail("broken.example", Cause.BROKEN);
        sim.zones().mx("us.example", 5, "mx.town.example").mx("dry.example", 10, "nowhere.dry.example");
        sim.zones().mx("gone.example", 10, "mx.gone.example").address("mx.gone.example", "198.51.100.99");
        sim.remote("gone", "198.51.100.98");
        gate = gateKeeper();
        routed();
    }

    /** Each has another temper from now on. */
    void change(Random chance) {
        destinations.forEach(each -> each.become(draw(chance)));
        named.forEach(each -> each.become(draw(chance)));
        theGate().become(Temper.gates().get(chance.nextInt(Temper.gates().size())));
        alwaysBad.forEach(each -> each.become(chance.nextBoolean() ? Temper.MUTE : Temper.FULL));
    }

    /** Of all that can be had, all is; two are never there. */
    void calm() {
        destinations.forEach(each -> each.become(Temper.FAIR));
        named.forEach(each -> each.become(Temper.FAIR));
        theGate().become(Temper.GATE_OPEN);
        alwaysBad.forEach(each -> each.become(Temper.MUTE));
    }

    /** An operator has ended all rests of sites. */
    void hurried() {
        destinations.forEach(RemoteMta::hurried);
        named.forEach(RemoteMta::hurried);
        theGate().hurried();
    }

    private static Temper draw(Random chance) {
        return chance.nextInt(3) == 0
                ? Temper.FAIR
                : Temper.destinations().get(chance.nextInt(Temper.destinations().size()));
    }

    private RemoteMta theGate() {
        return Objects.requireNonNull(gate);
    }

    private RemoteMta destination(int i) {
        String address = "198.51.100." + (10 + i);
        SimHost host = sim.remote("d" + i, address);
        RemoteMta mta = new RemoteMta("mx.d" + i + ".example", host, judges, i == SEALED);
        sim.run(
                host,
                world -> world.net().listen(new Endpoint.Tcp(InetAddress.ofLiteral(address), 25), 50, mta::session));
        sim.zones().mx("d" + i + ".example", 10, "mx.d" + i + ".example").address("mx.d" + i + ".example", address);
        if (i < 2) {
            alwaysBad.add(mta);
        }
        return mta;
    }

    /** A smart host with a login, for the domain gate.example. */
    private RemoteMta gateKeeper() {
        SimHost host = sim.remote("gate", "198.51.100.60");
        RemoteMta smartHost = new RemoteMta("gate.example", host, judges, true);
        sim.run(
                host,
                world -> world.net()
                        .listen(new Endpoint.Tcp(InetAddress.ofLiteral("198.51.100.60"), 587), 50, smartHost::session));
        sim.zones().address("gate.example", "198.51.100.60");
        smartHost.become(Temper.GATE_OPEN);
        return smartHost;
    }

    /** What only rules of routes know: hosts, a pool of addresses, a domain whose mail is held. */
    private void routed() {
        Ways.POOL.keySet().forEach(sim.host()::alsoAt);
        named.add(smartHost(Ways.SIGNED_FIRST, "198.51.100.61"));
        named.add(smartHost(Ways.SIGNED_THEN, "198.51.100.62"));
        named.add(smartHost(Ways.FALLBACK, "198.51.100.63"));
        sim.zones().mx("ruled.example", 10, "mx.d4.example");
    }

    private RemoteMta smartHost(String name, String address) {
        SimHost host = sim.remote(name, address);
        RemoteMta mta = new RemoteMta(name, host, judges, true);
        sim.run(
                host,
                world -> world.net().listen(new Endpoint.Tcp(InetAddress.ofLiteral(address), 25), 50, mta::session));
        return mta;
    }
}
