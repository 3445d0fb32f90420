package org.hikyaku.scenario;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.hikyaku.real.NetSettings;
import org.hikyaku.real.NettyNet;
import org.hikyaku.real.RealClock;
import org.hikyaku.tls.Keys;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Net;
import org.jspecify.annotations.Nullable;

/**
 * The receivers of a {@link SiteScenario} on a real network, in real time, for any server: {@code src-it/bench/scenario.sh} makes the
 * network and the DNS from the plan and starts the server.
 */
final class LiveScenario {
    private static final int FEEDS = 40;
    private static final int BACKLOG = 128;

    private final Arrivals arrivals;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Net net;
    private final Clock clock = new RealClock();
    private final List<Receiver> sites = new ArrayList<>();
    private volatile String broken = "";

    private LiveScenario(List<Place> places, int messages) throws IOException {
        // one loop: receivers and what has arrived belong to its thread
        NetSettings settings =
                new NetSettings(1, true, false, Duration.ofSeconds(60), Duration.ofSeconds(5), Optional.empty());
        this.net = new NettyNet(settings, () -> Keys.none("TLSv1.2"), this::heard);
        this.arrivals = new Arrivals(places, messages, clock::now);
        for (Place place : places) {
            sites.add(site(place));
        }
    }

    private Receiver site(Place place) throws IOException {
        Receiver receiver = new Receiver(place.hosts().getFirst().name(), place.kind(), clock, this::taken);
        for (Place.Host host : place.hosts()) {
            if (!host.silent()) {
                net.listen(new Endpoint.Tcp(InetAddress.ofLiteral(host.address()), 25), BACKLOG, receiver::session);
            }
        }
        return receiver;
    }

    private void heard(Event event, @Nullable Object[] values) {
        if (event == Event.SESSION_BROKEN) {
            broken = event + " " + Arrays.toString(values);
            over.countDown();
        }
    }

    private void taken(String recipient) {
        arrivals.taken(recipient);
        if (arrivals.isWhole()) {
            over.countDown();
        }
    }

    private Result run(String server, Duration limit) throws InterruptedException {
        arrivals.begin();
        for (int i = 0; i < FEEDS; i++) {
            net.connect(
                    new Endpoint.Tcp(InetAddress.ofLiteral(server), 25),
                    Optional.empty(),
                    Duration.ofSeconds(60),
                    new Feed(arrivals::recipient, i, FEEDS, arrivals.messages()));
        }
        long minutes = 0;
        while (!over.await(1, TimeUnit.MINUTES) && ++minutes < limit.toMinutes()) {
            System.err.printf(Locale.ROOT, "%d min: %d of %d%n", minutes, arrivals.count(), arrivals.deliverable());
        }
        if (!broken.isEmpty()) {
            throw new IllegalStateException(broken);
        }
        return new Result(sites, arrivals.times(), arrivals.deliverable());
    }

    /** What the network and the DNS must know: {@code mx DOMAIN PREFERENCE HOST} and {@code a HOST ADDRESS here|silent}. */
    private static void plan(List<Place> places, PrintStream out) {
        for (Place place : places) {
            for (Place.Host host : place.hosts()) {
                out.println("mx " + place.domain() + " " + Place.PREFERENCE + " " + host.name());
                out.println("a " + host.name() + " " + host.address() + (host.silent() ? " silent" : " here"));
            }
        }
    }

    /** plan SITES; or: run SITES MESSAGES MINUTES SERVER, which is an address where port 25 takes mail for all sites. */
    public static void main(String[] args) throws IOException, InterruptedException {
        List<Place> places = Place.all(Kind.mixed(Integer.parseInt(args[1])));
        if (args[0].equals("plan")) {
            plan(places, System.out);
            return;
        }
        LiveScenario scenario = new LiveScenario(places, Integer.parseInt(args[2]));
        Result result = scenario.run(args[4], Duration.ofMinutes(Integer.parseInt(args[3])));
        ScenarioTable.print(result, System.out);
        System.exit(0);
    }
}
