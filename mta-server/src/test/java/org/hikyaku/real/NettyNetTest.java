package org.hikyaku.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Net;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** All of it by epoll and by NIO. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class NettyNetTest {
    private static final int MUCH = 8 * 1024 * 1024;

    @Parameter
    boolean epoll;

    private NetHouse house;

    @BeforeEach
    void open() {
        house = new NetHouse(NetHouse.settings(false).withEpoll(epoll));
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void theTransportIsTheOneAskedForAndAFallbackIsSaid() {
        assertThat(house.events.contains(Event.TRANSPORT_FALLBACK)).isEqualTo(!epoll);
    }

    @Test
    void whatIsWrittenArrivesInOrderBothWays() throws Exception {
        Ear server = new Ear().onOpened((ear, wire) -> ear.say("220 hello\r\n")).onText((ear, text) -> {
            ear.say("250 one\r\n");
            ear.say("250 two\r\n");
        });
        Ear client = new Ear().onText((ear, text) -> {
            if (text.contains("220")) {
                ear.say("EHLO me\r\n");
            }
        });
        Net.Listener listener = house.listen(server);
        house.connect(listener, client);
        assertThat(client.awaitClear(text -> text.endsWith("two\r\n")))
                .isEqualTo("220 hello\r\n250 one\r\n250 two\r\n");
        assertThat(server.clear()).isEqualTo("EHLO me\r\n");
        assertThat(client.awaitOpened().remote()).isEqualTo(listener.endpoint());
        assertThat(client.awaitOpened().local()).isEqualTo(server.awaitOpened().remote());
        assertThat(server.told()).startsWith("opened");
    }

    @Test
    void closeSendsAllThatWasWrittenAndBothHearOneOrderlyEnd() throws Exception {
        byte[] much = new byte[MUCH];
        Ear server = new Ear().onOpened((ear, wire) -> {
            wire.write(much, 0, much.length);
            wire.close();
        });
        Ear client = house.connect(house.listen(server), new Ear());
        assertThat(client.awaitClosed()).isEmpty();
        assertThat(server.awaitClosed()).isEmpty();
        assertThat(client.clearOctets()).isEqualTo(MUCH);
    }

    @Test
    void theLastReplyReachesAPeerThatStillSends() throws Exception {
        Ear server = new Ear().onText((ear, text) -> {
            ear.say("421 enough\r\n");
            ear.wire().close();
        });
        Net.Listener listener = house.listen(server);
        try (Socket peer = socket(listener)) {
            OutputStream out = peer.getOutputStream();
            for (int i = 0; i < 100; i++) {
                out.write(new byte[1000]);
            }
            peer.shutdownOutput();
            assertThat(new String(peer.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo("421 enough\r\n");
        }
        assertThat(server.awaitClosed()).isEmpty();
    }

    @Test
    void finishSendsAllAndEndsWithoutWaitingForThePeer() throws Exception {
        byte[] much = new byte[MUCH];
        Ear server = new Ear().onText((ear, text) -> {
            ear.wire().write(much, 0, much.length);
            ear.say("221 bye\r\n");
            ear.wire().finish();
        });
        try (Socket peer = socket(house.listen(server))) {
            peer.getOutputStream().write("QUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] all = peer.getInputStream().readAllBytes();
            assertThat(all).hasSize(MUCH + 9).endsWith("221 bye\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(server.awaitClosed()).isEmpty(); // though the peer has not ended
        }
    }

    @Test
    void aPeerThatNeverReadsIsLeftAfterTheLingerLimit() throws Exception {
        house.close();
        house = new NetHouse(NetHouse.settings(false).withEpoll(epoll).withLingerLimit(Duration.ofMillis(200)));
        Ear server = new Ear().onOpened((ear, wire) -> {
            wire.write(new byte[MUCH], 0, MUCH);
            wire.close();
        });
        try (Socket peer = socket(house.listen(server))) {
            assertThat(server.awaitClosed()).isEmpty();
            assertThat(peer.isConnected()).isTrue();
        }
    }

    @Test
    void aSlowReaderShowsInUnsentAndWritableComesWhenAllIsTaken() throws Exception {
        Ear server = new Ear();
        try (Socket peer = socket(house.listen(server))) {
            long unsent = server.onLoop(wire -> {
                wire.write(new byte[MUCH], 0, MUCH);
                wire.flush();
                return wire.unsent();
            });
            assertThat(unsent).isGreaterThan(MUCH / 4);
            assertThat(server.told()).doesNotContain("writable");
            InputStream in = peer.getInputStream();
            assertThat(in.readNBytes(MUCH)).hasSize(MUCH);
            int tries = 0;
            while (!server.told().contains("writable") && tries++ < 1_000_000) {
                Thread.onSpinWait();
            }
            assertThat(server.told()).contains("writable");
            assertThat(server.<Long>onLoop(Wire::unsent)).isZero();
        }
    }

    @Test
    void writableIsNeverCalledFromWithinAWrite() throws Exception {
        boolean[] inside = {false};
        boolean[] nested = {false};
        Ear server = new Ear().onWritable(() -> nested[0] |= inside[0]);
        Ear client = house.connect(house.listen(server), new Ear());
        server.doOnLoop(wire -> {
            inside[0] = true;
            server.say("220\r\n");
            inside[0] = false;
        });
        client.awaitClear(text -> text.equals("220\r\n"));
        assertThat(server.<Boolean>onLoop(wire -> nested[0])).isFalse();
        assertThat(server.told()).contains("writable");
    }

    @Test
    void nothingIsReceivedWhilePausedAndAllOfItAfterwards() throws Exception {
        Ear server = new Ear();
        Net.Listener listener = house.listen(server);
        Ear client = house.connect(listener, new Ear());
        server.doOnLoop(Wire::pauseReading);
        client.doOnLoop(wire -> {
            wire.write(new byte[MUCH], 0, MUCH);
            wire.close();
        });
        long end = System.nanoTime() + Duration.ofMillis(300).toNanos();
        while (System.nanoTime() < end) {
            assertThat(server.told()).containsExactly("opened");
        }
        server.doOnLoop(Wire::resumeReading);
        assertThat(server.awaitClosed()).isEmpty();
        assertThat(server.clearOctets()).isEqualTo(MUCH);
    }

    @Test
    void aPauseInTheMiddleOfWhatArrivedHoldsTheRest() throws Exception {
        Ear server = new Ear().onText((ear, text) -> ear.wire().pauseReading());
        Ear client = house.connect(house.listen(server), new Ear());
        client.doOnLoop(wire -> {
            wire.write(new byte[300_000], 0, 300_000);
            wire.close();
        });
        int calls = 0;
        while (!server.isClosed() && calls++ < 1_000_000) {
            CompletableFuture<Void> resumed = new CompletableFuture<>();
            server.awaitOpened().loop().execute(() -> {
                if (!server.isClosed()) {
                    server.wire().resumeReading();
                }
                resumed.complete(null);
            });
            resumed.get(); // one at a time: a heap of them would keep the loop from the client's octets
        }
        assertThat(server.awaitClosed()).isEmpty();
        assertThat(server.clearOctets()).isEqualTo(300_000);
    }

    @Test
    void aPeerThatEndsItsSideStillGetsItsReplies() throws Exception {
        Ear server = new Ear().onText((ear, text) -> ear.wire().pauseReading());
        try (Socket peer = socket(house.listen(server))) {
            peer.getOutputStream().write("QUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            peer.shutdownOutput();
            server.awaitClear(text -> text.equals("QUIT\r\n"));
            server.doOnLoop(wire -> {
                server.say("221 bye\r\n");
                wire.resumeReading();
            });
            assertThat(new String(peer.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo("221 bye\r\n");
        }
        assertThat(server.awaitClosed()).isEmpty();
    }

    @Test
    void aResetIsToldAsOne() throws Exception {
        Ear server = new Ear();
        try (Socket peer = socket(house.listen(server))) {
            server.awaitOpened();
            peer.setSoLinger(true, 0);
        }
        assertThat(server.awaitClosed().map(WireFailure::kind)).contains(WireFailure.Kind.RESET);
    }

    @Test
    void aConnectNobodyAnswersEndsInTime() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
                Socket second = new Socket(full.getInetAddress(), full.getLocalPort())) {
            assertThat(first.isConnected() && second.isConnected()).isTrue();
            Ear client = new Ear();
            Endpoint target = new Endpoint.Tcp(full.getInetAddress(), full.getLocalPort());
            house.net.connect(target, Optional.empty(), Duration.ofMillis(300), client);
            assertThat(client.awaitClosed().map(WireFailure::kind)).contains(WireFailure.Kind.CONNECT_TIMEOUT);
            assertThat(client.told()).containsExactly("closed");
        }
    }

    @Test
    void aConnectThatIsGivenUpEndsAtOnce() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
                Socket second = new Socket(full.getInetAddress(), full.getLocalPort())) {
            assertThat(first.isConnected() && second.isConnected()).isTrue();
            Ear client = new Ear();
            Endpoint target = new Endpoint.Tcp(full.getInetAddress(), full.getLocalPort());
            Net.Connecting connecting = house.net.connect(target, Optional.empty(), Duration.ofHours(1), client);
            connecting.cancel();
            assertThat(client.awaitClosed()).isPresent();
            connecting.cancel();
            assertThat(client.told()).containsExactly("closed");
        }
    }

    @Test
    void givingUpAConnectAtAnyMomentIsHeardOnce() throws Exception {
        Net.Listener listener = house.net.listen(NetHouse.loopback(0), 100, wire -> new Ear());
        for (int i = 0; i < 200; i++) {
            Ear client = new Ear();
            Net.Connecting connecting =
                    house.net.connect(listener.endpoint(), Optional.empty(), Duration.ofHours(1), client);
            for (int spin = 0; spin < i * 50; spin++) {
                Thread.onSpinWait();
            }
            connecting.cancel();
            client.awaitClosed();
            assertThat(client.told()).endsWith("closed").doesNotHaveDuplicates();
        }
    }

    @Test
    void aRefusedConnectIsToldAsOne() throws Exception {
        int port;
        try (ServerSocket gone = new ServerSocket(0)) {
            port = gone.getLocalPort();
        }
        Ear client = new Ear();
        house.net.connect(NetHouse.loopback(port), Optional.empty(), NetHouse.LIMIT, client);
        assertThat(client.awaitClosed().map(WireFailure::kind)).contains(WireFailure.Kind.REFUSED);
    }

    @Test
    void theSourceAddressIsTheOneAskedFor() throws Exception {
        Ear server = new Ear();
        Net.Listener listener = house.listen(server);
        InetAddress source = InetAddress.ofLiteral("127.0.0.77");
        house.net.connect(
                listener.endpoint(), Optional.of(new InetSocketAddress(source, 0)), NetHouse.LIMIT, new Ear());
        assertThat(server.awaitOpened().remote())
                .isInstanceOfSatisfying(
                        Endpoint.Tcp.class,
                        tcp -> assertThat(tcp.address().getAddress()).isEqualTo(source));
    }

    @Test
    void aSourceAddressThatIsNotOursIsAFailure() throws Exception {
        Ear client = new Ear();
        InetSocketAddress source = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 0);
        house.net.connect(NetHouse.loopback(9), Optional.of(source), NetHouse.LIMIT, client);
        assertThat(client.awaitClosed().map(WireFailure::kind)).contains(WireFailure.Kind.OTHER);
    }

    @Test
    void aPortInUseIsNamedInTheError() throws Exception {
        Net.Listener listener = house.listen(new Ear());
        assertThatThrownBy(() -> house.net.listen(listener.endpoint(), 4, wire -> new Ear()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot listen on " + listener.endpoint());
    }

    /** The default of every listener: 0.0.0.0 and [::] on one port. */
    @Test
    void bothFamiliesAreBoundEachForItself() throws Exception {
        Ear four = new Ear();
        Ear six = new Ear();
        Endpoint.Tcp any = new Endpoint.Tcp(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0));
        Net.Listener first = house.net.listen(any, 4, wire -> four);
        int port = ((Endpoint.Tcp) first.endpoint()).address().getPort();
        house.net.listen(new Endpoint.Tcp(InetAddress.ofLiteral("::"), port), 4, wire -> six);
        house.net.connect(
                new Endpoint.Tcp(InetAddress.ofLiteral("::1"), port), Optional.empty(), NetHouse.LIMIT, new Ear());
        house.net.connect(NetHouse.loopback(port), Optional.empty(), NetHouse.LIMIT, new Ear());
        assertThat(six.awaitOpened().remote().toString()).startsWith("[::1]:");
        assertThat(four.awaitOpened().remote().toString()).startsWith("[127.0.0.1]:");
    }

    @Test
    void aWildcardOfOneFamilyServesNoOther() throws Exception {
        Ear four = new Ear();
        Net.Listener any = house.net.listen(new Endpoint.Tcp(InetAddress.ofLiteral("0.0.0.0"), 0), 4, wire -> four);
        int port = ((Endpoint.Tcp) any.endpoint()).address().getPort();
        Ear stranger = new Ear();
        house.net.connect(
                new Endpoint.Tcp(InetAddress.ofLiteral("::1"), port), Optional.empty(), NetHouse.LIMIT, stranger);
        stranger.awaitClosed();
        assertThat(four.told()).isEmpty();
        any.close();
        Ear late = new Ear();
        house.net.connect(NetHouse.loopback(port), Optional.empty(), NetHouse.LIMIT, late);
        assertThat(late.awaitClosed()).isNotNull();
    }

    @Test
    void aMissingEpollIsSaid() {
        List<Event> said = new ArrayList<>();
        Transport chosen =
                Transport.choose(true, new UnsatisfiedLinkError("no glibc"), (event, values) -> said.add(event));
        assertThat(chosen).isEqualTo(Transport.NIO);
        assertThat(said).containsExactly(Event.TRANSPORT_FALLBACK);
    }

    @Test
    void aClosedListenerTakesNoMoreButItsWiresStay() throws Exception {
        Ear server = new Ear().onText((ear, text) -> ear.say("250\r\n"));
        Net.Listener listener = house.listen(server);
        Ear client = house.connect(listener, new Ear());
        client.awaitOpened();
        server.awaitOpened();
        listener.close();
        Ear late = house.connect(listener, new Ear());
        // the JDK may close the socket only after the kernel has taken one more connection
        assertThat(late.awaitClosed().map(WireFailure::kind))
                .get()
                .isIn(WireFailure.Kind.REFUSED, WireFailure.Kind.RESET);
        client.doOnLoop(wire -> client.say("NOOP\r\n"));
        assertThat(client.awaitClear(text -> text.endsWith("\r\n"))).isEqualTo("250\r\n");
    }

    @Test
    void anExceptionOfTheHandlerEndsTheWireWithoutAWordToThePeer() throws Exception {
        Ear server = new Ear().onText((ear, text) -> {
            throw new IllegalStateException("a bug with a secret");
        });
        Ear client = house.connect(house.listen(server), new Ear().onOpened((ear, wire) -> ear.say("EHLO\r\n")));
        client.awaitClosed();
        assertThat(client.clear()).isEmpty();
        assertThat(server.awaitClosed().map(WireFailure::text)).contains("internal error");
        assertThat(house.events).contains(Event.SESSION_BROKEN);
    }

    @Test
    void anExceptionOfTheAcceptorEndsThatConnectionOnly() throws Exception {
        AtomicInteger count = new AtomicInteger();
        Ear good = new Ear().onOpened((ear, wire) -> ear.say("220\r\n"));
        Net.Listener listener = house.net.listen(NetHouse.loopback(0), 4, wire -> {
            if (count.getAndIncrement() == 0) {
                throw new IllegalStateException("a bug");
            }
            return good;
        });
        house.connect(listener, new Ear()).awaitClosed();
        assertThat(house.connect(listener, new Ear()).awaitClear(text -> text.endsWith("\r\n")))
                .isEqualTo("220\r\n");
        assertThat(house.events).contains(Event.SESSION_BROKEN);
    }

    @Test
    void abortEndsAtOnceWithoutFailureHere() throws Exception {
        Ear server = new Ear().onOpened((ear, wire) -> {
            wire.write(new byte[MUCH], 0, MUCH);
            wire.flush();
            wire.abort();
            wire.abort();
            wire.close();
        });
        try (Socket peer = socket(house.listen(server))) {
            assertThat(server.awaitClosed()).isEmpty();
            assertThat(peer.isConnected()).isTrue();
        }
        assertThat(server.told()).containsExactly("opened", "closed");
    }

    @Test
    void loopbackIsAmongOurOwnAddresses() {
        assertThat(house.net.ownAddresses()).contains(InetAddress.ofLiteral("127.0.0.1"));
    }

    @Test
    void aLoopSurvivesWhatItIsGiven() throws Exception {
        Ear ear = new Ear();
        house.connect(house.listen(new Ear()), ear);
        ear.awaitOpened().loop().execute(() -> {
            throw new IllegalStateException("a bug");
        });
        assertThat(ear.<Boolean>onLoop(wire -> wire.loop().isHere())).isTrue();
        assertThat(house.events).contains(Event.TASK_DIED);
    }

    private static Socket socket(Net.Listener listener) throws IOException {
        InetSocketAddress address = ((Endpoint.Tcp) listener.endpoint()).address();
        Socket socket = new Socket();
        socket.setReceiveBufferSize(8192);
        socket.connect(address);
        return socket;
    }
}
