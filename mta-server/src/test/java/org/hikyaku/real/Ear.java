package org.hikyaku.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/** Remembers what a wire told it, reacts as a test says, and lets the test wait for what it wants to have heard. */
final class Ear implements WireHandler {
    private static final long PATIENCE_SECONDS = 10;

    private final CompletableFuture<Wire> opened = new CompletableFuture<>();
    private final CompletableFuture<TlsFacts> secured = new CompletableFuture<>();
    private final CompletableFuture<Optional<WireFailure>> closed = new CompletableFuture<>();
    private final ByteArrayOutputStream clear = new ByteArrayOutputStream();
    private final ByteArrayOutputStream sealed = new ByteArrayOutputStream();
    private final List<String> told = new ArrayList<>();
    private BiConsumer<Ear, String> onText = (ear, text) -> {};
    private BiConsumer<Ear, Wire> onOpened = (ear, wire) -> {};
    private BiConsumer<Ear, Wire> onSecured = (ear, wire) -> {};
    private Runnable onWritable = () -> {};
    private @Nullable Wire wire;

    Ear onText(BiConsumer<Ear, String> reaction) {
        onText = reaction;
        return this;
    }

    Ear onOpened(BiConsumer<Ear, Wire> reaction) {
        onOpened = reaction;
        return this;
    }

    Ear onSecured(BiConsumer<Ear, Wire> reaction) {
        onSecured = reaction;
        return this;
    }

    Ear onWritable(Runnable reaction) {
        onWritable = reaction;
        return this;
    }

    @Override
    public void opened(Wire wire) {
        tell("opened");
        this.wire = wire;
        onOpened.accept(this, wire);
        opened.complete(wire);
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        tell("received");
        synchronized (this) {
            (secured.isDone() ? sealed : clear).write(octets, offset, length);
            notifyAll();
        }
        onText.accept(this, new String(octets, offset, length, StandardCharsets.US_ASCII));
    }

    @Override
    public void secured(TlsFacts facts) {
        tell("secured");
        onSecured.accept(this, wire());
        secured.complete(facts);
    }

    @Override
    public void writable() {
        tell("writable");
        onWritable.run();
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        tell("closed");
        assertThat(closed.complete(Optional.ofNullable(cause)))
                .as("closed once")
                .isTrue();
        synchronized (this) {
            notifyAll();
        }
    }

    private synchronized void tell(String what) {
        told.add(what);
        assertThat(closed.isDone()).as(what + " after closed").isFalse();
    }

    synchronized List<String> told() {
        return List.copyOf(told);
    }

    Wire wire() {
        return Objects.requireNonNull(wire);
    }

    /** For use on the loop. */
    void say(String text) {
        byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
        wire().write(octets, 0, octets.length);
        wire().flush();
    }

    Wire awaitOpened() {
        return get(opened);
    }

    TlsFacts awaitSecured() {
        return get(secured);
    }

    Optional<WireFailure> awaitClosed() {
        return get(closed);
    }

    boolean isClosed() {
        return closed.isDone();
    }

    /** What came in clear, when it is enough. */
    String awaitClear(Predicate<String> enough) {
        return awaitOctets(clear, enough);
    }

    /** What came under TLS, when it is enough. */
    String awaitSealed(Predicate<String> enough) {
        return awaitOctets(sealed, enough);
    }

    synchronized String clear() {
        return clear.toString(StandardCharsets.US_ASCII);
    }

    synchronized int sealedOctets() {
        return sealed.size();
    }

    synchronized int clearOctets() {
        return clear.size();
    }

    private synchronized String awaitOctets(ByteArrayOutputStream where, Predicate<String> enough) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!enough.test(where.toString(StandardCharsets.US_ASCII))) {
            assertThat(System.nanoTime() < end && !closed.isDone())
                    .as("enough of '%s' (told: %s)", where, told)
                    .isTrue();
            try {
                wait(100);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return where.toString(StandardCharsets.US_ASCII);
    }

    /** Does something on the wire's loop and gives what came of it. */
    <T> T onLoop(Function<Wire, T> what) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Wire here = awaitOpened();
        here.loop().execute(() -> {
            try {
                result.complete(what.apply(here));
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return get(result);
    }

    /** Does something on the wire's loop. */
    void doOnLoop(Consumer<Wire> what) {
        CountDownLatch done = new CountDownLatch(1);
        onLoop(here -> {
            what.accept(here);
            done.countDown();
            return true;
        });
    }

    private <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("waited in vain; told: " + told(), e);
        }
    }
}
