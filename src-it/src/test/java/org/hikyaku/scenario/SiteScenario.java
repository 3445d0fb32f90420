package org.hikyaku.scenario;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
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
    private final int messages;
    private final List<Receiver> sites = new ArrayList<>();
    private final Map<String, Long> failed = new TreeMap<>();
    private final long[] arrived;
    private int arrivedCount;
    private int deliverable;
    private Instant begun = Instant.EPOCH;

    /** What one run showed. Times are milliseconds since the first message was handed in; -1: it did not arrive. */
    record Result(List<Receiver> sites, long[] arrived, int deliverable, Map<String, Long> failed, long worldCalls) {
        /** When so much of what can be delivered had arrived. */
        long until(double part) {
            long[] sorted =
                    Arrays.stream(arrived).filter(at -> at >= 0).sorted().toArray();
            int index = (int) Math.ceil(part * deliverable) - 1;
            return index < sorted.length ? sorted[Math.max(0, index)] : -1;
        }

        /** The times of all messages for one site, in order. */
        long[] of(int site) {
            List<Long> times = new ArrayList<>();
            for (int number = site; number < arrived.length; number += sites.size()) {
                if (arrived[number] >= 0) {
                    times.add(arrived[number]);
                }
            }
            return times.stream().mapToLong(Long::longValue).sorted().toArray();
        }
    }

    SiteScenario(long seed, List<Kind> kinds, int messages) {
        this.sim = new SimWorld(seed);
        this.messages = messages;
        this.arrived = new long[messages];
        Arrays.fill(arrived, -1);
        sim.callsOfRunMax(Long.MAX_VALUE / 2);
        sim.events().listen(this::heard);
        for (Kind kind : kinds) {
            sites.add(site(sites.size(), kind));
        }
    }

    private Receiver site(int number, Kind kind) {
        String address = "198.18." + number / 200 + "." + (1 + number % 200);
        String second = "198.19." + number / 200 + "." + (1 + number % 200);
        String name = "mx.site" + number + ".example";
        sim.zones().mx("site" + number + ".example", 10, name).address(name, address);
        SimHost host = sim.remote("site" + number, address, second);
        Receiver receiver = new Receiver(name, kind, host.world(), this::taken);
        listen(host, address, receiver);
        if (kind.hasTwoHosts()) {
            String other = "mx2.site" + number + ".example";
            sim.zones().mx("site" + number + ".example", 10, other).address(other, second);
            listen(host, second, receiver);
        }
        if (kind == Kind.DEAD || kind == Kind.HALF_DEAD) {
            sim.blackHole(kind == Kind.DEAD ? address : second);
        }
        return receiver;
    }

    private void listen(SimHost host, String address, Receiver receiver) {
        sim.run(
                host,
                world -> world.net()
                        .listen(new Endpoint.Tcp(InetAddress.ofLiteral(address), 25), 50, receiver::session));
    }

    private void taken(Receiver site, String recipient) {
        int number = Integer.parseInt(recipient.substring(1, recipient.indexOf('@')));
        arrived[number] = Duration.between(begun, sim.clock().now()).toMillis();
        arrivedCount++;
    }

    private void heard(Event event, @Nullable Object[] values) {
        if (event == Event.ATTEMPT_FAILED) {
            failed.merge(String.valueOf(values[3]), 1L, Long::sum);
        } else if (event == Event.TASK_DIED || event == Event.SESSION_BROKEN) {
            throw new IllegalStateException(event + " " + Arrays.toString(values));
        }
    }

    private String recipient(int number) {
        return "u" + number + "@site" + number % sites.size() + ".example";
    }

    /** @param more settings beside our defaults */
    Result run(String more, Duration limit) {
        Config config = ConfigReader.fromText(SETTINGS + more);
        sim.run(world -> start(world, config));
        for (int number = 0; number < messages; number++) {
            deliverable += sites.get(number % sites.size()).kind() == Kind.DEAD ? 0 : 1;
        }
        begun = sim.clock().now();
        SimHost client = sim.remote("client", "203.0.113.5");
        sim.run(client, this::feed);
        sim.runUntil(() -> arrivedCount == deliverable, limit);
        return new Result(sites, arrived, deliverable, failed, sim.calls());
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
                            new Feed(this::recipient, i, FEEDS, messages));
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
            Result result = scenario.run("", Duration.ofDays(4));
            System.out.printf(
                    "%d messages to %d sites, %,d world calls, %.0f s of this machine%n",
                    messages, kinds.size(), result.worldCalls(), (System.nanoTime() - from) / 1e9);
            ScenarioTable.print(result, System.out);
        }
    }
}
