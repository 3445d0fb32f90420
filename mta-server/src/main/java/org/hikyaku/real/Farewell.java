package org.hikyaku.real;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Loop;
import org.jspecify.annotations.Nullable;

/**
 * How a channel ends: the peer is told when all has been sent, and its end is waited for, so that it reads our last reply before
 * a reset that octets we never read would cause. On the channel's loop only.
 *
 * <p>It promises that the end comes: a peer that takes nothing, or never ends, is left after a while.
 *
 * <p><i>Failure:</i> whatever cannot be said to the peer any more becomes a close at once.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the outcome of a close is the channel's end, which is heard
final class Farewell {
    private final Channel channel;
    private final Loop loop;
    private final Duration patience;
    private final Endpoint remote;
    private Loop.@Nullable Timer waiting;
    private boolean corked;

    Farewell(Channel channel, Loop loop, Duration patience, Endpoint remote) {
        this.channel = channel;
        this.loop = loop;
        this.patience = patience;
        this.remote = remote;
    }

    /** The last octets and the end travel as one, where the kernel can do that. */
    void cork() {
        if (remote instanceof Endpoint.Tcp) {
            corked = true;
            channel.config().setOption(EpollChannelOption.TCP_CORK, true);
        }
    }

    /** Nothing is left to wait for once all has been sent. */
    boolean isCorked() {
        return corked;
    }

    /**
     * All has been sent.
     *
     * @param isAlone whether the peer has ended already, or the channel
     * @param readOn has the peer's end heard
     */
    void say(BooleanSupplier isAlone, Runnable readOn) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            endOutput(isAlone, readOn);
        } else {
            tls.closeOutbound().addListener(done -> endOutput(isAlone, readOn));
        }
    }

    private void endOutput(BooleanSupplier isAlone, Runnable readOn) {
        if (corked || isAlone.getAsBoolean() || !(channel instanceof DuplexChannel duplex)) {
            close();
            return;
        }
        readOn.run();
        duplex.shutdownOutput().addListener(done -> {
            if (!done.isSuccess()) {
                close();
            }
        });
    }

    /** Gives the peer a while; then {@code abort}. */
    void await(Runnable abort) {
        if (waiting == null) {
            waiting = loop.schedule(patience, abort);
        }
    }

    /** Tells the kernel not to try on with what the peer has not taken. */
    void forgetUnsent() {
        try {
            if (remote instanceof Endpoint.Tcp && channel.isOpen()) {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
            }
        } catch (ChannelException alreadyGone) {
            return;
        }
    }

    /** Closes past all handlers: no alert, no waiting. */
    void close() {
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first == null) {
            channel.close();
        } else {
            first.close();
        }
    }

    /** It is over. */
    void over() {
        if (waiting != null) {
            waiting.cancel();
        }
    }
}
