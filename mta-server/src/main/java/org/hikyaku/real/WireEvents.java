package org.hikyaku.real;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.util.function.Function;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/** The end of a channel's pipeline: makes the wire when the channel is there and tells it what Netty tells. */
@SuppressWarnings("FutureReturnValueIgnored") // the outcome of a close is the channel's end, which is heard
final class WireEvents extends ChannelInboundHandlerAdapter {
    private final Function<Channel, NettyWire.Surroundings> surroundings;
    private final Endpoint named;
    private final Function<Wire, WireHandler> acceptor;
    private final Runnable stillborn;
    private @Nullable NettyWire wire;

    /**
     * For one channel.
     *
     * @param named what was listened on or connected to: the only name that both ends of a Unix socket have
     * @param stillborn run when the connection has ended before there could be a wire
     */
    WireEvents(
            Function<Channel, NettyWire.Surroundings> surroundings,
            Endpoint named,
            Function<Wire, WireHandler> acceptor,
            Runnable stillborn) {
        this.surroundings = surroundings;
        this.named = named;
        this.acceptor = acceptor;
        this.stillborn = stillborn;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        Channel channel = context.channel();
        Endpoint remote = end(channel.remoteAddress());
        Endpoint local = end(channel.localAddress());
        if (remote == null || local == null) {
            channel.close(); // gone before we looked
            stillborn.run();
            return;
        }
        NettyWire made = new NettyWire(channel, surroundings.apply(channel), remote, local);
        wire = made;
        try {
            made.open(acceptor.apply(made));
        } catch (RuntimeException e) {
            made.broken(e);
        }
    }

    private @Nullable Endpoint end(@Nullable SocketAddress address) {
        return named instanceof Endpoint.Unix ? named : Transport.endpoint(address);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (wire != null && message instanceof ByteBuf octets) {
            wire.arrived(octets);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (wire == null) {
            return;
        }
        switch (event) {
            case ChannelInputShutdownEvent end -> wire.peerEnded();
            case SslCloseCompletionEvent end when end.isSuccess() -> wire.peerEnded();
            case SslHandshakeCompletionEvent done
            when done.isSuccess() -> wire.secured(context.pipeline().get(SslHandler.class));
            case SslHandshakeCompletionEvent failed -> wire.handshakeFailed(failed.cause());
            case SniCompletionEvent failed when !failed.isSuccess() -> wire.handshakeFailed(failed.cause());
            default -> {}
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (wire == null) {
            context.close();
        } else {
            wire.caught(cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (wire != null) {
            wire.channelGone();
        }
    }
}
