package org.hikyaku.sim;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Loop;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection. Written octets wait in {@code unflushed}, then in {@code queue} until the kernel (the pipe to
 * the peer) takes them.
 *
 * <p><i>Failure:</i> a call from outside of its loop fails the run.
 */
final class SimWire implements Wire {
    private static final long CLOSE_NANOS_MAX = 5_000_000_000L;
    private static final byte[] TLS_IN_CLEAR = {0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x00};

    private final SimNet net;
    private final SimProcess process;
    private final SimLoop loop;
    private final Endpoint local;
    private final Endpoint remote;
    private final ByteArrayOutputStream unflushed = new ByteArrayOutputStream();
    private final ByteArrayOutputStream queue = new ByteArrayOutputStream();
    private @Nullable SimWire peer;
    private @Nullable SimPipe out;
    private @Nullable WireHandler handler;
    private State state = State.OPEN;
    private OptionalInt caller = OptionalInt.empty();
    private boolean paused;
    private boolean owesWritable;
    private @Nullable TlsNeed need;
    private @Nullable TlsFacts facts;

    /** From the handler's sight. */
    private enum State {
        OPEN,
        /** We closed; what was written is still to go. */
        CLOSING,
        /** The end is posted to the handler or told. */
        CLOSED
    }

    SimWire(SimNet net, SimLoop loop, Endpoint local, Endpoint remote) {
        this.net = net;
        this.process = net.process();
        this.loop = loop;
        this.local = local;
        this.remote = remote;
    }

    void calledBy(OptionalInt uid) {
        caller = uid;
    }

    @Override
    public OptionalInt caller() {
        return caller;
    }

    void join(SimWire other) {
        peer = other;
        other.peer = this;
        out = new SimPipe(this, other, net.random(), net.luck());
        other.out = new SimPipe(other, this, net.random(), net.luck());
    }

    void open(Function<Wire, WireHandler> acceptor) {
        loop.post(() -> {
            if (state == State.OPEN) {
                WireHandler made = acceptor.apply(this);
                handler = made;
                made.opened(this);
                incoming().move();
            } else {
                acceptor.apply(this).closed(new WireFailure(WireFailure.Kind.RESET, remote + ": reset"));
            }
        });
    }

    // --- the program's side ---

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

    @Override
    public void write(byte[] octets, int offset, int length) {
        enter("wire write");
        if (state == State.OPEN) {
            unflushed.write(octets, offset, length);
        }
    }

    @Override
    public void flush() {
        enter("wire flush");
        if (state == State.OPEN && !isHandshaking()) {
            push();
        }
    }

    @Override
    public long unsent() {
        enter("wire unsent");
        return (long) unflushed.size() + queue.size();
    }

    @Override
    public void pauseReading() {
        enter("wire pause");
        paused = true;
    }

    @Override
    public void resumeReading() {
        enter("wire resume");
        paused = false;
        incoming().move();
    }

    @Override
    public void startTls(TlsNeed wanted) {
        enter("wire startTls");
        if (state != State.OPEN) {
            return;
        }
        if (need != null) {
            throw process.scheduler().fail("startTls twice on one wire", null);
        }
        push();
        need = wanted;
        if (incoming().dropClear() > 0) {
            net.luck().occurred(SimFault.CLEAR_DROPPED);
        }
        if (wanted instanceof TlsNeed.Client client) {
            outgoing().add(new SimSegment.ClientHello(client));
        }
        incoming().move();
    }

    /** Handshakes are no octets here: early ones are no TLS. */
    @Override
    public void startTls(TlsNeed wanted, byte[] early) {
        startTls(wanted);
        if (early.length > 0 && state == State.OPEN) {
            loop.post(() -> {
                if (isHandshaking()) {
                    tlsFailed("not a TLS record");
                }
            });
        }
    }

    @Override
    public Optional<TlsFacts> tls() {
        enter("wire tls");
        return Optional.ofNullable(facts);
    }

    @Override
    public void close() {
        enter("wire close");
        if (state != State.OPEN) {
            return;
        }
        push();
        state = State.CLOSING;
        if (queue.size() == 0) {
            closeInOrder();
        } else {
            SimScheduler scheduler = process.scheduler();
            scheduler.at(process, scheduler.now() + CLOSE_NANOS_MAX, this::giveUp);
        }
    }

    @Override
    public void abort() {
        enter("wire abort");
        if (state != State.CLOSED) {
            giveUp();
        }
    }

    private void enter(String what) {
        process.point(what);
        if (!loop.isHere()) {
            throw process.scheduler().fail(what + " outside of the wire's loop", new Throwable("here"));
        }
    }

    // --- the kernel's side ---

    SimProcess process() {
        return process;
    }

    long latency() {
        return net.latency();
    }

    void post(Runnable event) {
        loop.post(event);
    }

    /** Whether the handler may still hear of octets. */
    boolean hears() {
        return state == State.OPEN && handler != null;
    }

    boolean reads() {
        return state != State.OPEN || !paused;
    }

    private boolean isHandshaking() {
        return need != null && facts == null;
    }

    private SimPipe outgoing() {
        return Objects.requireNonNull(out);
    }

    private SimWire other() {
        return Objects.requireNonNull(peer);
    }

    private SimPipe incoming() {
        return other().outgoing();
    }

    /** What was flushed goes to the kernel as far as it has room. */
    private void push() {
        queue.writeBytes(unflushed.toByteArray());
        unflushed.reset();
        feed();
        owesWritable |= queue.size() > 0;
    }

    private void feed() {
        int some = Math.min(queue.size(), outgoing().room());
        if (some > 0) {
            byte[] all = queue.toByteArray();
            queue.reset();
            queue.write(all, some, all.length - some);
            outgoing().add(new SimSegment.Octets(Arrays.copyOf(all, some), 0));
        }
    }

    /** The peer has read: there is room. */
    void taken() {
        if (queue.size() == 0 || state == State.CLOSED) {
            return;
        }
        feed();
        if (queue.size() == 0 && state == State.CLOSING) {
            closeInOrder();
        } else if (queue.size() == 0 && owesWritable) {
            owesWritable = false;
            loop.post(() -> {
                if (hears() && handler != null) {
                    handler.writable();
                }
            });
        }
    }

    /** All is with the kernel. The peer gets it, and then the end; or, by bad luck, neither. */
    private void closeInOrder() {
        end(null);
        if (net.luck().strikes(SimFault.LAST_OCTETS_LOST)) {
            outgoing().clear();
            other().reset();
        } else {
            outgoing().add(new SimSegment.End());
        }
    }

    private void giveUp() {
        if (state != State.CLOSED) {
            end(null);
            other().reset();
        }
    }

    /** Octets come, on the loop. */
    void receive(byte[] bytes, int from, int length) {
        SimScheduler scheduler = process.scheduler();
        scheduler
                .history()
                .add(scheduler.now(), "receive", length, process.host().name().hashCode());
        if (isHandshaking()) {
            tlsFailed("not a TLS record");
        } else if (handler != null) {
            // a copy at an odd offset: whoever keeps the array or ignores the offset is found
            byte[] copy = new byte[length + 3];
            System.arraycopy(bytes, from, copy, 2, length);
            handler.received(copy, 2, length);
            Arrays.fill(copy, (byte) '!');
        }
    }

    /** Something else than octets comes, on the loop. */
    void receive(SimSegment segment) {
        switch (segment) {
            case SimSegment.Octets octets -> receive(octets.bytes(), octets.from(), octets.length());
            case SimSegment.ClientHello hello -> clientHello();
            case SimSegment.ServerHello hello -> serverHello(hello.certificate());
            case SimSegment.Finished finished ->
                secured(new TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", List.of(), false));
            case SimSegment.Alert alert -> endNow(new WireFailure(WireFailure.Kind.TLS, remote + ": " + alert.text()));
            case SimSegment.End end -> endNow(null);
        }
    }

    private void clientHello() {
        if (need == null && handler != null) {
            handler.received(TLS_IN_CLEAR.clone(), 0, TLS_IN_CLEAR.length);
        } else if (!(need instanceof TlsNeed.Server) || facts != null) {
            tlsFailed("unexpected ClientHello");
        } else if (net.luck().strikes(SimFault.TLS_FAILED)) {
            tlsFailed("handshake failure");
        } else {
            outgoing().add(new SimSegment.ServerHello(process.host().certificate()));
        }
    }

    private void serverHello(SimCertificate certificate) {
        if (!(need instanceof TlsNeed.Client client)) {
            tlsFailed("unexpected ServerHello");
            return;
        }
        boolean verified =
                client.verifyName().map(certificate.validFor()::contains).orElse(false);
        if (client.verifyName().isPresent() && !verified) {
            tlsFailed("certificate not valid for " + client.verifyName().get());
            return;
        }
        outgoing().add(new SimSegment.Finished());
        secured(new TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", certificate.chain(), verified));
    }

    private void secured(TlsFacts agreed) {
        facts = agreed;
        push();
        if (handler != null) {
            handler.secured(agreed);
        }
    }

    private void tlsFailed(String why) {
        outgoing().clear();
        outgoing().add(new SimSegment.Alert(why));
        endNow(new WireFailure(WireFailure.Kind.TLS, remote + ": " + why));
    }

    /** The wire breaks: the handler hears of it after what has arrived, or at once. */
    void reset() {
        if (state != State.CLOSED) {
            incoming().clear();
            end(new WireFailure(WireFailure.Kind.RESET, remote + ": connection reset"));
        }
    }

    /** The process is gone: the peer hears of it after {@code delay}. */
    void vanish(long delay) {
        if (state == State.CLOSED) {
            return; // the end is on its way already
        }
        state = State.CLOSED;
        SimWire far = other();
        SimScheduler scheduler = process.scheduler();
        scheduler.at(far.process, scheduler.now() + delay + net.random().between(0, 1_000_000), far::reset);
    }

    /** Ends this end; the handler is told by an event of its own. */
    private void end(@Nullable WireFailure cause) {
        state = State.CLOSED;
        loop.post(() -> tellEnd(cause));
    }

    /** As {@link #end}, when already on the loop in an event. */
    private void endNow(@Nullable WireFailure cause) {
        state = State.CLOSED;
        tellEnd(cause);
    }

    private void tellEnd(@Nullable WireFailure cause) {
        SimScheduler scheduler = process.scheduler();
        scheduler
                .history()
                .add(
                        scheduler.now(),
                        "closed",
                        cause == null ? "in order" : cause.kind().name());
        net.forget(this);
        if (handler != null) {
            handler.closed(cause);
        }
    }
}
