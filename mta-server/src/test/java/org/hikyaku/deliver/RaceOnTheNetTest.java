package org.hikyaku.deliver;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import org.hikyaku.config.Config;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.real.NetSettings;
import org.hikyaku.real.NettyNet;
import org.hikyaku.real.RealClock;
import org.hikyaku.real.RealDisk;
import org.hikyaku.real.RealEntropy;
import org.hikyaku.real.RealTasks;
import org.hikyaku.route.Hop;
import org.hikyaku.tls.Keys;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** As {@link RaceTest}, over real sockets: one host does not answer at all. */
@Timeout(60)
class RaceOnTheNetTest {
    private static final InetAddress SILENT = InetAddress.ofLiteral("127.0.0.2");
    private static final InetAddress ALIVE = InetAddress.ofLiteral("127.0.0.3");
    private static final Config CONFIG = Errand.config("delivery.next_address_after = 200ms\n");

    private final Set<Event> seen = new ConcurrentSkipListSet<>();

    /** Takes everything. */
    private static final class Taker implements WireHandler {
        private final Wire wire;
        private final StringBuilder line = new StringBuilder();
        private boolean inData;

        Taker(Wire wire) {
            this.wire = wire;
        }

        private void say(String text) {
            byte[] octets = (text + "\r\n").getBytes(US_ASCII);
            wire.write(octets, 0, octets.length);
            wire.flush();
        }

        @Override
        public void opened(Wire opened) {
            say("220 mx.example");
        }

        @Override
        public void received(byte[] octets, int offset, int length) {
            for (char each : new String(octets, offset, length, US_ASCII).toCharArray()) {
                line.append(each);
                if (each == '\n') {
                    answer(line.toString().strip());
                    line.setLength(0);
                }
            }
        }

        private void answer(String text) {
            if (inData && !text.equals(".")) {
                return;
            }
            inData = text.equals("DATA");
            say(inData ? "354 go" : text.equals("QUIT") ? "221 bye" : "250 ok");
        }

        @Override
        public void secured(TlsFacts facts) {}

        @Override
        public void closed(@Nullable WireFailure cause) {}
    }

    private static Hop hop(Endpoint endpoint) {
        return new Hop("mx.example", endpoint, Hop.Protocol.SMTP, Hop.Security.NONE, Optional.empty());
    }

    @Test
    void theOneThatAnswersIsUsedAndNothingOfTheOtherIsLeft() throws Exception {
        Events events = (event, values) -> seen.add(event);
        try (NettyNet net = new NettyNet(NetSettings.standard(false), () -> Keys.none("TLSv1.2"), events);
                ServerSocket full = new ServerSocket(0, 1, SILENT);
                Socket first = new Socket(SILENT, full.getLocalPort());
                Socket second = new Socket(SILENT, full.getLocalPort())) {
            assertThat(first.isConnected() && second.isConnected()).isTrue();
            Endpoint alive =
                    net.listen(new Endpoint.Tcp(ALIVE, 0), 10, Taker::new).endpoint();
            Resolver resolver = (name, type) -> new Resolver.Answer.NoData(false);
            World world = new World(
                    new RealClock(), new RealDisk(), net, resolver, new RealTasks(events), new RealEntropy(), events);
            Connections connections = new Connections();
            SmtpAgent agent = new SmtpAgent(world, connections);
            Delivery delivery = Errand.delivery(
                    Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example"),
                    CONFIG,
                    hop(new Endpoint.Tcp(SILENT, full.getLocalPort())),
                    hop(alive));
            long began = System.nanoTime();
            assertThat(deliver(world, agent, delivery)).containsExactly("delivered");
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            assertThat(took).isBetween(Duration.ofMillis(200), Duration.ofSeconds(10));
            assertThat(seen).contains(Event.CONNECT_RACED).doesNotContain(Event.ATTEMPT_FAILED, Event.TASK_DIED);
            assertThat(agent.memory().inOrder(delivery.hops()))
                    .containsExactly(delivery.hops().getLast(), delivery.hops().getFirst());
            connections.close();
            while (agent.places().taken(delivery.site()) > 0) { // @Timeout
                Thread.onSpinWait();
            }
        }
    }

    private static List<String> deliver(World world, SmtpAgent agent, Delivery delivery) throws Exception {
        CompletableFuture<List<String>> words = new CompletableFuture<>();
        world.tasks().start("delivery", () -> words.complete(Errand.words(agent.deliver(delivery))));
        return words.get(30, TimeUnit.SECONDS);
    }
}
