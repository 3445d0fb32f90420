package org.hikyaku.listen;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Loop;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;

/** A wire to nobody: a test says how much of what was written is still unsent, and sees whether it is read. */
final class PaperWire implements Wire, Loop {
    private static final Endpoint NOWHERE =
            new Endpoint.Tcp(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 25));

    long unsent;
    boolean paused;
    final Queue<Runnable> posted = new ArrayDeque<>();

    @Override
    public Loop loop() {
        return this;
    }

    @Override
    public void execute(Runnable event) {
        posted.add(event);
    }

    @Override
    public Timer schedule(Duration delay, Runnable event) {
        return () -> {};
    }

    @Override
    public boolean isHere() {
        return true;
    }

    @Override
    public Endpoint remote() {
        return NOWHERE;
    }

    @Override
    public Endpoint local() {
        return NOWHERE;
    }

    @Override
    public void write(byte[] octets, int offset, int length) {
        unsent += length;
    }

    @Override
    public void flush() {}

    @Override
    public long unsent() {
        return unsent;
    }

    @Override
    public void pauseReading() {
        paused = true;
    }

    @Override
    public void resumeReading() {
        paused = false;
    }

    @Override
    public void startTls(TlsNeed need) {}

    @Override
    public void startTls(TlsNeed need, byte[] early) {}

    @Override
    public Optional<TlsFacts> tls() {
        return Optional.empty();
    }

    @Override
    public void close() {}

    @Override
    public void abort() {}
}
