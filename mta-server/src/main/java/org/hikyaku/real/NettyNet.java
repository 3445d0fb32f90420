package org.hikyaku.real;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.hikyaku.tls.Keys;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Net;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;

/**
 * The network by Netty: epoll and BoringSSL on Linux, NIO and the JDK's TLS elsewhere.
 *
 * <p><i>Failure:</i> when the process has no file descriptor left, accepting rests for a second (ACCEPT_FAILED) and goes on;
 * open wires are not touched.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what matters of a Netty future is listened to
public final class NettyNet implements Net, AutoCloseable {
    /** IPV6_V6ONLY (Linux: level 41, option 26), so that [::] and 0.0.0.0 are bound each for itself. */
    private static final ChannelOption<Integer> V6_ONLY = new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

    private static final WireFailure ENDED =
            new WireFailure(WireFailure.Kind.RESET, "the connection ended as soon as it was there");
    /** Room for a message of usual size in one read; a buffer is taken for a read only, not while a wire is idle. */
    private static final int READ_MIN = 8 * 1024;

    private static final int STOP_SECONDS = 5;
    private static final Duration ACCEPT_REST = Duration.ofSeconds(1);

    private final Transport transport;
    private final EventLoopGroup group;
    private final IdentityHashMap<EventExecutor, NettyLoop> loops = new IdentityHashMap<>();
    private final TlsEngines engines;
    private final NetSettings settings;
    private final Events events;
    private final Wildcards wildcards = new Wildcards(this::bind);

    /**
     * Starts the loops; nothing is bound yet.
     *
     * @param keys the snapshot in force; asked at each handshake
     */
    public NettyNet(NetSettings settings, Supplier<Keys> keys, Events events) {
        this.settings = settings;
        this.events = events;
        this.transport = Transport.choose(settings.epoll(), Epoll.unavailabilityCause(), events);
        this.group = new MultiThreadIoEventLoopGroup(
                settings.loops(), new DefaultThreadFactory("loop", true), transport.handlers());
        for (EventExecutor executor : group) {
            loops.put(executor, new NettyLoop((EventLoop) executor, events));
        }
        this.engines = new TlsEngines(settings, keys, (NettyLoop) loop(), events);
    }

    /** Why the TLS engine would refuse {@code keys}; to be asked before they are put in force. */
    public Optional<String> problem(Keys keys) {
        return engines.problem(keys);
    }

    @Override
    public Listener listen(Endpoint endpoint, int backlog, Function<Wire, WireHandler> acceptor) throws IOException {
        return transport == Transport.NIO && endpoint instanceof Endpoint.Tcp tcp && Wildcards.isOne(tcp)
                ? wildcards.listen(tcp, backlog, acceptor)
                : bind(endpoint, backlog, acceptor);
    }

    @Override
    public Listener listenToUsers(Endpoint.Unix socket, int backlog, Function<Wire, WireHandler> acceptor)
            throws IOException {
        try {
            UnixSockets.requireTrustedDirectory(socket.path());
        } catch (IOException e) {
            throw new IOException("cannot listen on " + socket + ": " + e.getMessage(), e);
        }
        Listener bound = bind(socket, backlog, acceptor);
        UnixSockets.open(socket.path());
        return bound;
    }

    @Override
    public String userName(int uid) throws IOException {
        return UserNames.of(uid);
    }

    private Listener bind(Endpoint endpoint, int backlog, Function<Wire, WireHandler> acceptor) throws IOException {
        if (endpoint instanceof Endpoint.Unix unix) {
            clear(unix);
        }
        ChannelFuture bound = serverBootstrap(endpoint, backlog, acceptor)
                .bind(transport.address(endpoint))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + endpoint + ": " + reason(bound.cause()), bound.cause());
        }
        if (endpoint instanceof Endpoint.Unix unix) {
            UnixSockets.restrict(unix.path());
        }
        return new BoundListener(bound.channel(), endpoint);
    }

    private static void clear(Endpoint.Unix unix) throws IOException {
        try {
            UnixSockets.requireOwnDirectory(unix.path());
            UnixSockets.clear(unix.path());
        } catch (IOException e) {
            throw new IOException("cannot listen on " + unix + ": " + e.getMessage(), e);
        }
    }

    private static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private ServerBootstrap serverBootstrap(Endpoint endpoint, int backlog, Function<Wire, WireHandler> acceptor) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channelFactory(() -> transport.listening(endpoint))
                .option(ChannelOption.SO_BACKLOG, backlog)
                .handler(new AcceptFailures(endpoint))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new WireEvents(NettyNet.this::surroundings, endpoint, acceptor, () -> {}));
                    }
                })
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, reads());
        if (transport.knowsHalfClosure(endpoint)) {
            bootstrap.childOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
        if (endpoint instanceof Endpoint.Tcp tcp) {
            bootstrap.option(ChannelOption.SO_REUSEADDR, true); // TCP_NODELAY is Netty's default: not set twice
            if (transport == Transport.EPOLL && tcp.address().getAddress() instanceof Inet6Address) {
                bootstrap.option(V6_ONLY, 1);
            }
        }
        return bootstrap;
    }

    private static AdaptiveRecvByteBufAllocator reads() {
        return new AdaptiveRecvByteBufAllocator(READ_MIN, READ_MIN, NettyLoop.SCRATCH_SIZE);
    }

    @Override
    public Connecting connect(
            Endpoint target, Optional<InetSocketAddress> source, Duration limit, WireHandler handler) {
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channelFactory(() -> transport.connecting(target))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.clamp(limit.toMillis(), 1, Integer.MAX_VALUE))
                .option(ChannelOption.RECVBUF_ALLOCATOR, reads())
                .handler(new WireEvents(this::surroundings, target, wire -> handler, () -> handler.closed(ENDED)));
        if (transport.knowsHalfClosure(target)) {
            bootstrap.option(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
        if (target instanceof Endpoint.Tcp) {
            source.ifPresent(bootstrap::localAddress);
            if (transport == Transport.EPOLL && source.isPresent()) {
                bootstrap.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
            }
        }
        ChannelFuture begun = bootstrap.connect(transport.address(target));
        begun.addListener(done -> {
            if (!done.isSuccess()) {
                WireFailure failure = Failures.ofConnect(done.cause());
                loop().execute(() -> handler.closed(failure));
            }
        });
        return () -> begun.channel().close();
    }

    @Override
    public Set<InetAddress> ownAddresses() {
        Set<InetAddress> own = new LinkedHashSet<>();
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .forEach(own::add);
        } catch (IOException e) {
            own.add(InetAddress.getLoopbackAddress()); // better than none: the rest is guarded by the count of hops
        }
        return own;
    }

    @Override
    public Loop loop() {
        return loopOf(group.next());
    }

    /** Closes all listeners and wires and stops the loops; waits a few seconds at most. */
    @Override
    public void close() {
        group.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(STOP_SECONDS + 1, TimeUnit.SECONDS);
        engines.release();
    }

    private NettyWire.Surroundings surroundings(Channel channel) {
        return new NettyWire.Surroundings(loopOf(channel.eventLoop()), engines, events, settings.lingerLimit());
    }

    private NettyLoop loopOf(EventExecutor executor) {
        NettyLoop found = loops.get(executor);
        if (found == null) {
            throw new IllegalStateException("a loop of another group");
        }
        return found;
    }

    /** A bound socket. */
    private record BoundListener(Channel channel, Endpoint asked) implements Listener {
        @Override
        public Endpoint endpoint() {
            Endpoint bound = Transport.endpoint(channel.localAddress());
            return bound == null ? asked : bound;
        }

        @Override
        public void close() {
            ChannelFuture closed = channel.close();
            if (!channel.eventLoop().inEventLoop()) {
                closed.awaitUninterruptibly();
            }
        }
    }

    /** A connection could not be accepted, most likely for lack of file descriptors: rests before the next try. */
    private final class AcceptFailures extends ChannelInboundHandlerAdapter {
        private final Endpoint endpoint;

        AcceptFailures(Endpoint endpoint) {
            this.endpoint = endpoint;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            events.emit(Event.ACCEPT_FAILED, endpoint, reason(cause));
            Channel listening = context.channel();
            listening.config().setAutoRead(false);
            loopOf(listening.eventLoop())
                    .schedule(ACCEPT_REST, () -> listening.config().setAutoRead(true));
        }
    }
}
