package org.hikyaku.sim;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Net;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SimNetTest {
    private static final Endpoint MX = new Endpoint.Tcp(InetAddress.ofLiteral("198.51.100.1"), 25);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Writes down all it hears; {@code onText} is called with all text so far. */
    private static final class Ear implements WireHandler {
        final List<String> heard = new ArrayList<>();
        final StringBuilder text = new StringBuilder();
        final BiConsumer<Wire, String> onText;

        @Nullable
        Wire wire;

        @Nullable
        WireFailure cause;

        boolean closed;
        int calls;

        Ear(BiConsumer<Wire, String> onText) {
            this.onText = onText;
        }

        @Override
        public void opened(Wire wire) {
            this.wire = wire;
            heard.add("opened");
            onText.accept(wire, "");
        }

        @Override
        public void received(byte[] octets, int offset, int length) {
            assertThat(closed).isFalse();
            calls++;
            text.append(new String(octets, offset, length, US_ASCII));
            if (wire != null) {
                onText.accept(wire, text.toString());
            }
        }

        @Override
        public void secured(TlsFacts facts) {
            heard.add("secured " + facts.version() + " " + facts.peerChain().size() + " " + facts.verified());
            if (wire != null) {
                onText.accept(wire, text.toString());
            }
        }

        @Override
        public void writable() {
            heard.add("writable");
        }

        @Override
        public void closed(@Nullable WireFailure failure) {
            assertThat(closed).isFalse();
            closed = true;
            cause = failure;
            heard.add("closed " + (failure == null ? "in order" : failure.kind()));
        }
    }

    private static void say(Wire wire, String text) {
        byte[] octets = text.getBytes(US_ASCII);
        wire.write(octets, 0, octets.length);
        wire.flush();
    }

    /** Connects the host under test (client) with a remote (server) and lets them talk until both have closed. */
    private static Ear[] talk(SimWorld sim, BiConsumer<Wire, String> client, BiConsumer<Wire, String> server) {
        SimHost mx = sim.remote("mx", "198.51.100.1");
        return talk(sim, mx, client, server);
    }

    private static Ear[] talk(
            SimWorld sim, SimHost mx, BiConsumer<Wire, String> client, BiConsumer<Wire, String> server) {
        Ear there = new Ear(server);
        Ear here = new Ear(client);
        try {
            mx.world().net().listen(MX, 10, wire -> there);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        sim.world().net().connect(MX, Optional.empty(), MINUTE, here);
        sim.runUntil(() -> here.closed && there.closed, Duration.ofMinutes(10));
        return new Ear[] {here, there};
    }

    @Test
    void aDialogGoesToAndFro() {
        for (long seed = 0; seed < 50; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                Ear[] ears = talk(
                        sim,
                        (wire, text) -> {
                            if (text.equals("220 hello\r\n")) {
                                say(wire, "QUIT\r\n");
                            }
                        },
                        (wire, text) -> {
                            if (text.isEmpty()) {
                                say(wire, "220 hello\r\n");
                            } else if (text.equals("QUIT\r\n")) {
                                say(wire, "221 bye\r\n");
                                wire.close();
                            }
                        });
                assertThat(ears[0].text.toString()).isEqualTo("220 hello\r\n221 bye\r\n");
                assertThat(ears[0].heard).containsExactly("opened", "closed in order");
                assertThat(ears[1].heard).containsExactly("opened", "closed in order");
            }
        }
    }

    @Test
    void segmentsAreCutAnywhereAndArriveInOrder() {
        Set<Integer> counts = new LinkedHashSet<>();
        String long1 = "0123456789".repeat(300);
        for (long seed = 0; seed < 30; seed++) {
            SimFaults faults = SimFaults.none().with(SimFault.SEGMENT_CUT, 0.7).with(SimFault.NARROW_WINDOW, 0.5);
            try (SimWorld sim = new SimWorld(seed, faults)) {
                Ear[] ears = talk(sim, (wire, text) -> {}, (wire, text) -> {
                    if (text.isEmpty()) {
                        say(wire, long1);
                        wire.close();
                    }
                });
                assertThat(ears[0].text.toString()).isEqualTo(long1);
                counts.add(ears[0].calls);
            }
        }
        assertThat(counts).hasSizeGreaterThan(5);
    }

    @Test
    void nobodyThereIsUnreachableAndNobodyListeningIsRefused() {
        try (SimWorld sim = new SimWorld(1)) {
            Ear nobody = new Ear((wire, text) -> {});
            Ear closed = new Ear((wire, text) -> {});
            sim.remote("mx", "198.51.100.1");
            Endpoint none = new Endpoint.Tcp(InetAddress.ofLiteral("203.0.113.1"), 25);
            sim.world().net().connect(none, Optional.empty(), MINUTE, nobody);
            sim.world().net().connect(MX, Optional.empty(), MINUTE, closed);
            sim.runFor(MINUTE);
            assertThat(nobody.heard).containsExactly("closed UNREACHABLE");
            assertThat(closed.heard).containsExactly("closed REFUSED");
        }
    }

    @Test
    void aConnectThatIsGivenUpEndsAndLeavesNothing() {
        for (long seed = 0; seed < 50; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                Ear here = new Ear((wire, text) -> {});
                List<Wire> accepted = new ArrayList<>();
                SimHost mx = sim.remote("mx", "198.51.100.1");
                listen(mx, wire -> {
                    accepted.add(wire);
                    return new Ear((own, text) -> {});
                });
                sim.farAway("198.51.100.1", Duration.ofSeconds(10));
                Net.Connecting connecting = sim.world().net().connect(MX, Optional.empty(), MINUTE, here);
                sim.runFor(Duration.ofSeconds(5));
                assertThat(here.heard).isEmpty();
                connecting.cancel();
                sim.runFor(MINUTE);
                connecting.cancel();
                sim.runFor(MINUTE);
                assertThat(here.heard).containsExactly("closed OTHER");
                assertThat(accepted).isEmpty();
            }
        }
    }

    private static void listen(SimHost mx, Function<Wire, WireHandler> acceptor) {
        try {
            mx.world().net().listen(MX, 10, acceptor);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyConnectFaultIsHeardWithinItsLimit() {
        Set<String> heard = new LinkedHashSet<>();
        for (long seed = 0; seed < 50; seed++) {
            SimFaults faults = SimFaults.none()
                    .with(SimFault.CONNECT_REFUSED, 0.3)
                    .with(SimFault.CONNECT_TIMEOUT, 0.3)
                    .with(SimFault.CONNECT_UNREACHABLE, 0.3);
            try (SimWorld sim = new SimWorld(seed, faults)) {
                Ear here = new Ear((wire, text) -> {});
                sim.remote("mx", "198.51.100.1");
                sim.world().net().connect(MX, Optional.empty(), Duration.ofSeconds(30), here);
                sim.runFor(Duration.ofSeconds(31));
                assertThat(here.closed).isTrue();
                heard.addAll(here.heard);
            }
        }
        assertThat(heard).containsExactlyInAnyOrder("closed REFUSED", "closed CONNECT_TIMEOUT", "closed UNREACHABLE");
    }

    @Test
    void aWriterSeesASlowReaderAndIsToldWhenAllIsTaken() {
        SimFaults faults = SimFaults.none().with(SimFault.NARROW_WINDOW, 1);
        try (SimWorld sim = new SimWorld(1, faults)) {
            long[] unsent = new long[1];
            Ear[] ears = talk(
                    sim,
                    (wire, text) -> {
                        if (text.isEmpty()) {
                            wire.pauseReading();
                            wire.loop().schedule(MINUTE, wire::resumeReading);
                        }
                        if (text.length() == 100_000) {
                            wire.close();
                        }
                    },
                    (wire, text) -> {
                        if (text.isEmpty()) {
                            say(wire, "x".repeat(100_000));
                            unsent[0] = wire.unsent();
                        }
                    });
            assertThat(unsent[0]).isGreaterThan(90_000);
            assertThat(ears[1].heard).containsExactly("opened", "writable", "closed in order");
        }
    }

    @Test
    void aResetMayComeAtAnyMomentAndBothEndsHearOfIt() {
        Set<String> texts = new LinkedHashSet<>();
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed, SimFaults.none().with(SimFault.RESET, 0.2))) {
                Ear[] ears = talk(sim, (wire, text) -> say(wire, "ping "), (wire, text) -> say(wire, "pong "));
                assertThat(ears[0].cause).isNotNull();
                assertThat(ears[1].cause).isNotNull();
                texts.add(ears[0].text.toString());
            }
        }
        assertThat(texts).hasSizeGreaterThan(3);
    }

    @Test
    void theLastReplyIsSometimesLost() {
        Set<String> texts = new LinkedHashSet<>();
        for (long seed = 0; seed < 40; seed++) {
            try (SimWorld sim = new SimWorld(seed, SimFaults.none().with(SimFault.LAST_OCTETS_LOST, 0.5))) {
                Ear[] ears = talk(sim, (wire, text) -> {}, (wire, text) -> {
                    if (text.isEmpty()) {
                        say(wire, "250 queued\r\n");
                        wire.close();
                    }
                });
                texts.add(ears[0].text + ears[0].heard.getLast());
            }
        }
        assertThat(texts).contains("250 queued\r\nclosed in order", "closed RESET");
    }

    @Test
    void tlsGivesTheFactsOfTheServersCertificate() {
        for (long seed = 0; seed < 20; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                SimHost mx = sim.remote("mx", "198.51.100.1");
                mx.certificate(new SimCertificate(List.of(new byte[1], new byte[2]), Set.of("mx.example")));
                Ear[] ears = talk(sim, mx, SimNetTest::tlsClient, SimNetTest::tlsServer);
                assertThat(ears[0].heard).containsExactly("opened", "secured TLSv1.3 2 true", "closed in order");
                assertThat(ears[1].heard).containsExactly("opened", "secured TLSv1.3 0 false", "closed in order");
                assertThat(ears[0].text.toString()).isEqualTo("220 go\r\n250 under tls\r\n");
                assertThat(ears[1].text.toString()).isEqualTo("STARTTLS\r\nEHLO\r\n");
            }
        }
    }

    private static void tlsClient(Wire wire, String text) {
        if (text.isEmpty()) {
            say(wire, "STARTTLS\r\n");
        } else if (text.equals("220 go\r\n") && wire.tls().isEmpty()) {
            wire.startTls(new TlsNeed.Client("mx.example", Optional.of("mx.example")));
        } else if (text.equals("220 go\r\n")) {
            say(wire, "EHLO\r\n");
        }
    }

    private static void tlsServer(Wire wire, String text) {
        if (text.equals("STARTTLS\r\n") && wire.tls().isEmpty()) {
            say(wire, "220 go\r\n");
            wire.startTls(new TlsNeed.Server("mx"));
        } else if (text.endsWith("EHLO\r\n")) {
            say(wire, "250 under tls\r\n");
            wire.close();
        }
    }

    @Test
    void aCertificateThatDoesNotHoldForTheNameFailsTheHandshake() {
        try (SimWorld sim = new SimWorld(2)) {
            Ear[] ears = talk(sim, SimNetTest::tlsClient, SimNetTest::tlsServer);
            assertThat(ears[0].heard).containsExactly("opened", "closed TLS");
            assertThat(ears[1].heard).containsExactly("opened", "closed TLS");
        }
    }

    @Test
    void aHandshakeFailsByChance() {
        try (SimWorld sim = new SimWorld(2, SimFaults.none().with(SimFault.TLS_FAILED, 1))) {
            Ear[] ears = talk(sim, SimNetTest::tlsClient, SimNetTest::tlsServer);
            assertThat(ears[0].heard).containsExactly("opened", "closed TLS");
            assertThat(ears[1].heard).containsExactly("opened", "closed TLS");
        }
    }

    @Test
    void whatWasPipelinedBehindStartTlsIsNeverReadAsIfUnderTls() {
        Set<String> ends = new LinkedHashSet<>();
        long dropped = 0;
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed, SimFaults.none().with(SimFault.SEGMENT_CUT, 0.5))) {
                Ear[] ears = talk(
                        sim,
                        (wire, text) -> {
                            if (text.isEmpty()) {
                                say(wire, "STARTTLS\r\nMAIL FROM:<injected>\r\n");
                            } else if (text.equals("220 go\r\n") && wire.tls().isEmpty()) {
                                wire.startTls(new TlsNeed.Client("mx.example", Optional.empty()));
                            } else if (text.equals("220 go\r\n")) {
                                say(wire, "EHLO\r\n");
                            }
                        },
                        (wire, text) -> {
                            if (text.startsWith("STARTTLS\r\n")
                                    && !text.endsWith("EHLO\r\n")
                                    && wire.tls().isEmpty()) {
                                say(wire, "220 go\r\n");
                                wire.startTls(new TlsNeed.Server("mx"));
                            } else if (text.endsWith("EHLO\r\n")) {
                                say(wire, "250 ok\r\n");
                                wire.close();
                            }
                        });
                ends.add(ears[1].heard.getLast());
                dropped += sim.tally().of(SimFault.CLEAR_DROPPED);
                String afterTls = ears[1].text.toString();
                assertThat(afterTls.contains("EHLO") && afterTls.contains("injected") && ears[1].calls == 1)
                        .isFalse();
            }
        }
        assertThat(dropped).isPositive();
        assertThat(ends).contains("closed in order");
    }

    @Test
    void thePeerOfACrashedProcessHearsAReset() {
        for (long seed = 0; seed < 20; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                SimHost mx = sim.remote("mx", "198.51.100.1");
                Ear there = new Ear((wire, text) -> {});
                Ear here = new Ear((wire, text) -> say(wire, "hello"));
                listen(mx, there);
                sim.world().net().connect(MX, Optional.empty(), MINUTE, here);
                sim.runUntil(() -> there.text.length() == 5, MINUTE);
                sim.crash();
                sim.runFor(Duration.ofMinutes(2));
                assertThat(there.heard).containsExactly("opened", "closed RESET");
                assertThat(here.heard).containsExactly("opened");
            }
        }
    }

    private static void listen(SimHost host, Ear ear) {
        try {
            host.world().net().listen(MX, 10, wire -> ear);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aListenerDiesWithItsProcessAndAnotherMayTakeItsPlace() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            Endpoint own = new Endpoint.Tcp(InetAddress.ofLiteral("0.0.0.0"), 25);
            sim.world().net().listen(own, 10, wire -> new Ear((w, t) -> {}));
            assertThatThrownBy(() -> sim.world().net().listen(own, 10, wire -> new Ear((w, t) -> {})))
                    .hasMessageContaining("in use");
            Endpoint six = new Endpoint.Tcp(InetAddress.ofLiteral("::"), 25);
            sim.world().net().listen(six, 10, wire -> new Ear((w, t) -> {}));
            sim.crash();
            sim.world().net().listen(own, 10, wire -> new Ear((w, t) -> {})).close();
            sim.world().net().listen(own, 10, wire -> new Ear((w, t) -> {}));
        }
    }

    @Test
    void aSocketFileAndAPortOfChoiceAreListenedOn() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            Ear server = new Ear((wire, text) -> wire.close());
            Ear client = new Ear((wire, text) -> {});
            Endpoint socket = new Endpoint.Unix(Path.of("/run/x.sock"));
            sim.world().net().listen(socket, 10, wire -> server);
            sim.world().net().connect(socket, Optional.empty(), MINUTE, client);
            Endpoint any = sim.world()
                    .net()
                    .listen(new Endpoint.Tcp(InetAddress.ofLiteral("127.0.0.1"), 0), 1, wire -> server)
                    .endpoint();
            assertThat(((Endpoint.Tcp) any).address().getPort()).isPositive();
            sim.runFor(MINUTE);
            assertThat(client.heard).containsExactly("opened", "closed in order");
        }
    }

    @Test
    void theSourceAddressIsSeenByThePeerAndMustBeOurs() {
        try (SimWorld sim = new SimWorld(1)) {
            SimHost mx = sim.remote("mx", "198.51.100.1");
            Ear there = new Ear((wire, text) -> wire.close());
            listen(mx, there);
            Ear ours = new Ear((wire, text) -> {});
            Ear foreign = new Ear((wire, text) -> {});
            sim.world().net().connect(MX, source("192.0.2.1"), MINUTE, ours);
            sim.world().net().connect(MX, source("192.0.2.99"), MINUTE, foreign);
            sim.runFor(MINUTE);
            assertThat(Objects.requireNonNull(there.wire).remote().toString()).startsWith("[192.0.2.1]:");
            assertThat(foreign.heard).containsExactly("closed OTHER");
        }
    }

    private static Optional<InetSocketAddress> source(String literal) {
        return Optional.of(new InetSocketAddress(InetAddress.ofLiteral(literal), 0));
    }

    @Test
    void aWireUsedOutsideOfItsLoopFailsTheRun() {
        try (SimWorld sim = new SimWorld(1)) {
            SimHost mx = sim.remote("mx", "198.51.100.1");
            listen(mx, new Ear((wire, text) -> {}));
            Ear here = new Ear((wire, text) -> {});
            assertThatThrownBy(() -> sim.run(world -> {
                        world.net().connect(MX, Optional.empty(), MINUTE, here);
                        world.tasks().sleep(MINUTE);
                        if (here.wire != null) {
                            here.wire.close();
                        }
                    }))
                    .hasMessageContaining("outside of the wire's loop");
        }
    }
}
