package org.hikyaku.real;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SSLException;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.hikyaku.world.Loop;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * A Netty channel as a {@link Wire}. {@link WireEvents} feeds it.
 *
 * <p>The handler is never called from within a call of its own: what Netty reports meanwhile waits for its return. Flushes
 * asked for during {@code received} become one, after it. A pause takes hold of the channel only when octets come in spite
 * of it, so that a short pause costs no system call; those octets are held in a bounded {@link Inbox}.
 *
 * <p><i>Failure:</i> an exception out of the handler is a bug: SESSION_BROKEN is logged and the wire aborted, the peer sees
 * no more than the end. Whatever happens, {@code closed} is called once.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the outcome of a close is the channel's end, which is heard
final class NettyWire implements Wire {
    private static final byte[] NOTHING = {};

    private final Channel channel;
    private final NettyLoop loop;
    private final TlsEngines engines;
    private final Events events;
    private final Endpoint remote;
    private final Endpoint local;
    private final HandlerCalls calls;
    private final Outbox outbox;
    private final Inbox inbox = new Inbox();
    private final Farewell farewell;

    private @Nullable TlsFacts facts;
    private @Nullable TlsNeed securing;
    private @Nullable WireFailure failure;
    private int clearings;
    private boolean flushWanted;
    private boolean writablePosted;
    private boolean paused;
    private boolean peerEnded;
    private boolean closing;
    private boolean ended;

    /** What a wire lives on. */
    record Surroundings(NettyLoop loop, TlsEngines engines, Events events, Duration linger) {}

    NettyWire(Channel channel, Surroundings surroundings, Endpoint remote, Endpoint local) {
        this.channel = channel;
        this.loop = surroundings.loop();
        this.engines = surroundings.engines();
        this.events = surroundings.events();
        this.remote = remote;
        this.local = local;
        this.calls = new HandlerCalls(this::broken);
        this.outbox = new Outbox(channel, this::sent);
        this.farewell = new Farewell(channel, loop, surroundings.linger(), remote);
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public Endpoint remote() {
        return remote;
    }

    @Override
    public Endpoint local() {
        return local;
    }

    /** Of a connection that we made it would be who listens there. */
    @Override
    public OptionalInt caller() {
        if (!(channel instanceof EpollDomainSocketChannel unix) || channel.parent() == null) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(unix.peerCredentials().uid());
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }

    @Override
    public Optional<TlsFacts> tls() {
        return Optional.ofNullable(facts);
    }

    // --- writing

    @Override
    public void write(byte[] octets, int offset, int length) {
        if (!closing && !ended) {
            outbox.write(octets, offset, length, securing != null);
        }
    }

    @Override
    public void flush() {
        if (calls.underWay()) {
            flushWanted = true;
        } else {
            calls.within(this::push);
        }
    }

    @Override
    public long unsent() {
        return outbox.unsent();
    }

    private void push() {
        flushWanted = securing != null; // then once it is secured
        if (!ended && securing == null) {
            outbox.send();
        }
    }

    private void sent(@Nullable Throwable cause) {
        if (cause != null) {
            fail(Failures.ofWire(cause));
            farewell.close();
        } else if (unsent() == 0 && closing) {
            sayFarewell();
        } else if (unsent() == 0 && !ended) {
            tellWritable();
        }
    }

    private void tellWritable() {
        if (!calls.underWay()) {
            calls.call(WireHandler::writable);
        } else if (!writablePosted) {
            writablePosted = true;
            loop.execute(() -> {
                writablePosted = false;
                if (unsent() == 0 && !closing) {
                    calls.call(WireHandler::writable);
                }
            });
        }
    }

    // --- reading

    @Override
    public void pauseReading() {
        paused = true;
    }

    @Override
    public void resumeReading() {
        paused = false;
        if (inbox.isEmpty() && !peerEnded) {
            readOn();
        } else {
            loop.execute(this::handOverHeld);
        }
    }

    private void readOn() {
        if (!ended && !channel.config().isAutoRead()) {
            channel.config().setAutoRead(true);
        }
    }

    /** Octets came; {@code received} is ours to release. */
    void arrived(ByteBuf received) {
        if (closing || ended) {
            received.release();
        } else if (paused || !inbox.isEmpty()) {
            hold(received);
        } else {
            handOver(received);
            afterCall();
        }
    }

    private void hold(ByteBuf received) {
        inbox.add(received);
        channel.config().setAutoRead(false);
        if (inbox.isTooFull()) {
            fail(new WireFailure(WireFailure.Kind.OTHER, "the peer ended with too much unread"));
            abort();
        }
    }

    private void handOverHeld() {
        while (!paused && !closing && !ended && !inbox.isEmpty()) {
            handOver(inbox.take());
        }
        afterCall();
        if (!paused && inbox.isEmpty()) {
            readOn();
            endIfPeerEnded();
        }
    }

    private void handOver(ByteBuf received) {
        int clearingsBefore = clearings;
        byte[] scratch = loop.scratch();
        while (received.isReadable() && !paused && !closing && !ended && clearings == clearingsBefore) {
            int length = Math.min(received.readableBytes(), scratch.length);
            received.readBytes(scratch, 0, length);
            calls.call(heard -> heard.received(scratch, 0, length));
        }
        if (received.isReadable() && paused && !closing && !ended && clearings == clearingsBefore) {
            inbox.putBack(received);
            channel.config().setAutoRead(false);
        } else {
            received.release();
        }
    }

    private void dropHeld() {
        clearings++;
        inbox.drop();
    }

    /** The peer sends no more. Heard by the handler when all before it has been. */
    void peerEnded() {
        peerEnded = true;
        if (securing != null) {
            fail(new WireFailure(WireFailure.Kind.TLS, "TLS: the peer ended the connection during the handshake"));
            farewell.close();
        } else if (!closing) {
            endIfPeerEnded();
        } else if (unsent() == 0) {
            farewell.close();
        }
    }

    private void endIfPeerEnded() {
        if (peerEnded && !paused && inbox.isEmpty()) {
            close();
        }
    }

    // --- TLS

    @Override
    public void startTls(TlsNeed need) {
        startTls(need, NOTHING);
    }

    @Override
    public void startTls(TlsNeed need, byte[] early) {
        if (closing || ended) {
            return;
        }
        dropHeld(); // RFC 3207 4.2: nothing from before the handshake counts after it
        push();
        securing = need;
        if (peerEnded) {
            peerEnded();
            return;
        }
        try {
            ChannelHandler tls = engines.handler(need, channel.alloc());
            channel.pipeline().addFirst(tls);
            if (early.length > 0) {
                channel.pipeline()
                        .fireChannelRead(Unpooled.wrappedBuffer(early))
                        .fireChannelReadComplete();
            }
            readOn();
        } catch (SSLException | IllegalArgumentException e) {
            fail(Failures.ofTls(e));
            abort();
        }
    }

    void secured(SslHandler tls) {
        TlsNeed need = Objects.requireNonNull(securing, "secured without need");
        TlsFacts agreed = engines.facts(tls.engine(), need);
        securing = null;
        facts = agreed;
        calls.call(heard -> heard.secured(agreed));
        afterCall();
    }

    /** The engine ends the wire itself, after its alert; the timer is for a peer that takes no alert. */
    void handshakeFailed(Throwable cause) {
        fail(Failures.ofTls(cause));
        dropHeld();
        linger();
    }

    // --- the end

    @Override
    public void close() {
        if (closing || ended) {
            return;
        }
        if (securing != null) {
            abort();
            return;
        }
        calls.within(this::push);
        closing = true;
        dropHeld();
        if (unsent() > 0 || !farewell.isCorked()) {
            linger();
        }
        if (unsent() == 0) {
            sayFarewell();
        }
    }

    /** The last octets and the end travel as one where the kernel can do that, and nothing is left to wait for. */
    @Override
    public void finish() {
        if (!closing && !ended && securing == null && facts == null) {
            farewell.cork();
        }
        close();
    }

    @Override
    public void abort() {
        closing = true;
        if (!ended) {
            farewell.forgetUnsent();
            farewell.close();
        }
    }

    private void sayFarewell() {
        farewell.say(() -> peerEnded || ended, this::readOn);
    }

    private void linger() {
        if (!ended) {
            farewell.await(this::abort);
        }
    }

    /** Netty's word that it is over. */
    void channelGone() {
        if (ended) {
            return;
        }
        ended = true;
        closing = true;
        farewell.over();
        dropHeld();
        outbox.drop();
        if (securing != null) {
            fail(new WireFailure(WireFailure.Kind.TLS, "TLS: the connection ended during the handshake"));
        }
        @Nullable WireFailure cause = failure;
        calls.call(heard -> heard.closed(cause));
    }

    /** An exception on its way through Netty. */
    void caught(Throwable cause) {
        if (!Failures.isOutside(cause)) {
            broken(cause);
            return;
        }
        if (securing != null) {
            handshakeFailed(cause);
        } else {
            fail(Failures.ofWire(cause));
            closing = true;
            linger();
        }
        channel.close(); // through the TLS handler: its alert tells the peer why
    }

    /** The first failure counts, and none after we began to close. */
    private void fail(WireFailure cause) {
        if (failure == null && !closing) {
            failure = cause;
        }
    }

    // --- the handler

    /** Gives the wire its handler and opens it. */
    void open(WireHandler toHear) {
        calls.handler(toHear);
        calls.call(heard -> heard.opened(this));
        afterCall();
    }

    private void afterCall() {
        if (flushWanted) {
            push();
        }
    }

    void broken(Throwable bug) {
        events.emit(Event.SESSION_BROKEN, remote, bug);
        fail(new WireFailure(WireFailure.Kind.OTHER, "internal error"));
        abort();
    }
}
