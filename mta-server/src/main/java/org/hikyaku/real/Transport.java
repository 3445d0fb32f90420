package org.hikyaku.real;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.jspecify.annotations.Nullable;

/** Which of Netty's ways to the kernel is used: the Linux one, or the JDK's everywhere else. */
enum Transport {
    EPOLL,
    NIO;

    /**
     * Epoll if wanted and there; the fallback is said loudly.
     *
     * @param missing why there is no epoll; null when there is
     */
    static Transport choose(boolean epollWanted, @Nullable Throwable missing, Events events) {
        if (epollWanted && missing == null) {
            return EPOLL;
        }
        String why = epollWanted ? "epoll is not available: " + missing : "asked for";
        events.emit(Event.TRANSPORT_FALLBACK, "nio", why);
        return NIO;
    }

    IoHandlerFactory handlers() {
        return this == EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    /** A socket to listen with, of the family of the endpoint. */
    ServerChannel listening(Endpoint endpoint) {
        return switch (endpoint) {
            case Endpoint.Tcp tcp ->
                this == EPOLL ? new EpollServerSocketChannel(family(tcp)) : new NioServerSocketChannel();
            case Endpoint.Unix unix ->
                this == EPOLL ? new EpollServerDomainSocketChannel() : new NioServerDomainSocketChannel();
        };
    }

    /** A socket to connect with, of the family of the target. */
    Channel connecting(Endpoint target) {
        return switch (target) {
            case Endpoint.Tcp tcp -> this == EPOLL ? new EpollSocketChannel(family(tcp)) : new NioSocketChannel();
            case Endpoint.Unix unix -> this == EPOLL ? new EpollDomainSocketChannel() : new NioDomainSocketChannel();
        };
    }

    SocketAddress address(Endpoint endpoint) {
        return switch (endpoint) {
            case Endpoint.Tcp tcp -> tcp.address();
            case Endpoint.Unix unix ->
                this == EPOLL ? new DomainSocketAddress(unix.path().toFile()) : UnixDomainSocketAddress.of(unix.path());
        };
    }

    /** The end that Netty names; null when it cannot tell (any more). The unnamed end of a Unix socket has no path. */
    static @Nullable Endpoint endpoint(@Nullable SocketAddress address) {
        return switch (address) {
            case InetSocketAddress inet -> new Endpoint.Tcp(inet);
            case DomainSocketAddress unix -> new Endpoint.Unix(Path.of(unix.path()));
            case UnixDomainSocketAddress unix -> new Endpoint.Unix(unix.getPath());
            case null, default -> null;
        };
    }

    /** Netty's NIO Unix sockets are closed as soon as the peer ends its side. */
    boolean knowsHalfClosure(Endpoint endpoint) {
        return this == EPOLL || endpoint instanceof Endpoint.Tcp;
    }

    private static SocketProtocolFamily family(Endpoint.Tcp tcp) {
        return tcp.address().getAddress() instanceof Inet4Address
                ? SocketProtocolFamily.INET
                : SocketProtocolFamily.INET6;
    }
}
