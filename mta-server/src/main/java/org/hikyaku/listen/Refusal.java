package org.hikyaku.listen;

import org.hikyaku.mail.TlsFacts;
import org.hikyaku.smtp.Reply;
import org.hikyaku.smtp.ReplyWriter;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is turned away: 421 and closed (RFC 5321 3.8). Where TLS is expected from the first byte there is no
 * way to say so, and it is only closed.
 */
record Refusal(@Nullable Reply reply) implements WireHandler {
    @Override
    public void opened(Wire wire) {
        if (reply != null) {
            byte[] octets = ReplyWriter.octets(reply);
            wire.write(octets, 0, octets.length);
            wire.flush();
        }
        wire.close();
    }

    @Override
    public void received(byte[] octets, int offset, int length) {}

    @Override
    public void secured(TlsFacts facts) {}

    @Override
    public void closed(@Nullable WireFailure cause) {}
}
