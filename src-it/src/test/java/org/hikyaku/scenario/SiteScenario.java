package org.hikyaku.scenario;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.main.Assembly;
import org.hikyaku.main.Hooks;
import org.hikyaku.main.StartFailure;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * A whole server with our defaults, mail for many sites handed in at once, and the time until it has arrived. Time is the
 * simulated one: what the server computes takes none of it, what it waits for does.
 */
final class SiteScenario implements AutoCloseable {
    private static final String OURS = "192.0.2.1";
    private static final int FEEDS = 40;
    private static final String SETTINGS = """
            hostname = out.example
            data_dir = /data
            listeners {
              mx { endpoints = ["192.0.2.1:25"], mode = mx, tls = off }
              submission.endpoints = []
              submissions.endpoints = []
            }
            limits { messages_per_session_max = 1000000 }
            relay.trusted_networks = ["203.0.113.5/32"]
            local { domains = [out.example], postmaster = "news@site0.example" }
            """;

    private final SimWorld sim;
    private final Arrivals arrivals;
    private final List<Receiver> sites = new ArrayList<>();
    private final Map<String, Long> failed = new TreeMap<>();

    /**
     * A run of the simulator.
     *
     * @param failed attempts that failed, by the row of the failure table
     */
    record Run(Result result, Map<String, Long> failed, long worldCalls) {}

    SiteScenario(long seed, List<Kind> kinds, int messages) {
        this.sim = new SimWorld(seed);
        List<Place> places = Place.all(kinds);
        this.arrivals = new Arrivals(places, messages, sim.clock()::now);
        sim.callsOfRunMax(Long.MAX_VALUE / 2);
        sim.events().listen(this::heard);
        for (Place place : places) {
            sites.add(site(place));
        }
    }

    private Receiver site(Place place) {
        List<Place.Host> hosts = place.hosts();
        SimHost remote = sim.remote(
                "site" + place.number(), hosts.stream().map(Place.Host::address).toArray(String[]::new));
        Receiver receiver = new Receiver(
                hosts.getFirst().name(), place.kind(), remote.world().clock(), arrivals::taken);
        for (Place.Host host : hosts) {
            sim.zones().mx(place.domain(), Place.PREFERENCE, host.name()).address(host.name(), host.address());
            listen(remote, host.address(), receiver);
            if (host.silent()) {
                sim.blackHole(host.address());
            }
        }
        return receiver;
    }

    private void listen(SimHost host, String address, Receiver receiver) {
        sim.run(
                host,
                world -> world.net()
                        .listen(new Endpoint.Tcp(InetAddress.ofLiteral(address), 25), 50, receiver::session));
    }

    private void heard(Event event, @Nullable Object[] values) {
        if (event == Event.ATTEMPT_FAILED) {
            failed.merge(String.valueOf(values[3]), 1L, Long::sum);
        } else if (event == Event.TASK_DIED || event == Event.SESSION_BROKEN) {
            throw new IllegalStateException(event + " " + Arrays.toString(values));
        }
    }

    /** @param more settings beside our defaults */
    Run run(String more, Duration limit) {
        Config config = ConfigReader.fromText(SETTINGS + more);
        sim.run(world -> start(world, config));
        arrivals.begin();
        SimHost client = sim.remote("client", "203.0.113.5");
        sim.run(client, this::feed);
        sim.runUntil(arrivals::isWhole, limit);
        return new Run(new Result(sites, arrivals.times(), arrivals.deliverable()), failed, sim.calls());
    }

    private static void start(World world, Config config) {
        try {
            Assembly.start(world, config, Hooks.simulated(spool -> spool));
        } catch (StartFailure e) {
            throw new IllegalStateException(String.join("; ", e.problems()), e);
        }
    }

    private void feed(World world) {
        for (int i = 0; i < FEEDS; i++) {
            world.net()
                    .connect(
                            new Endpoint.Tcp(InetAddress.ofLiteral(OURS), 25),
                            Optional.empty(),
                            Duration.ofSeconds(60),
                            new Feed(arrivals::recipient, i, FEEDS, arrivals.messages()));
        }
    }

    @Override
    public void close() {
        sim.close();
    }

    /** SITES MESSAGES [SEED], or the name of a {@link Kind} for SITES: prints tables for docs/performance.md. */
    public static void main(String[] args) {
        boolean mixed = args[0].matches("\\d+");
        List<Kind> kinds = mixed ? Kind.mixed(Integer.parseInt(args[0])) : List.of(Kind.valueOf(args[0]));
        int messages = Integer.parseInt(args[1]);
        try (SiteScenario scenario = new SiteScenario(args.length > 2 ? Long.parseLong(args[2]) : 1, kinds, messages)) {
            long from = System.nanoTime();
            Run run = scenario.run("", Duration.ofDays(4));
            System.out.printf(
                    "%d messages to %d sites, %,d world calls, %.0f s of this machine%n",
                    messages, kinds.size(), run.worldCalls(), (System.nanoTime() - from) / 1e9);
            ScenarioTable.print(run.result(), System.out);
            ScenarioTable.printFailed(run.failed(), System.out);
        }
    }
}
