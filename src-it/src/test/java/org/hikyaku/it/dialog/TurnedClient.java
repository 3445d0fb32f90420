package org.hikyaku.it.dialog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/** What is our client on a connection whose roles have changed: says EHLO to a greeting and QUIT to all else. */
final class TurnedClient implements WireHandler {
    private final Wire wire;
    private boolean greeted;

    TurnedClient(Wire wire) {
        this.wire = wire;
    }

    @Override
    public void opened(Wire opened) {}

    @Override
    public void received(byte[] octets, int offset, int length) {
        byte[] line = (greeted ? "QUIT\r\n" : "EHLO mx.example.org\r\n").getBytes(US_ASCII);
        greeted = true;
        wire.write(line, 0, line.length);
        wire.flush();
    }

    @Override
    public void secured(TlsFacts facts) {}

    @Override
    public void closed(@Nullable WireFailure cause) {}
}
