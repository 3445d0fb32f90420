package org.hikyaku.listen;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a session on a listener whose connections come through a proxy: reads the header of the PROXY protocol, in
 * clear and before all else, says nothing, and hands the wire on to the session of the client it names.
 *
 * <p><i>Failure:</i> a header that is none, or does not come whole in time, ends the connection without a word.
 */
final class ProxyDoor implements WireHandler {
    private final Duration limit;
    private final Inside inside;
    private final ProxyHeader header = new ProxyHeader();
    private @Nullable Wire wire;
    private Loop.@Nullable Timer timer;
    private @Nullable WireHandler next;
    private boolean over;

    /** What is behind the door. */
    interface Inside {
        /**
         * Who hears the wire from now on.
         *
         * @param client whom the proxy speaks for; empty: for itself
         * @param early octets that came together with the header
         */
        WireHandler welcome(Wire wire, Optional<InetAddress> client, byte[] early);

        /** Nobody came in; {@code why} is empty when the proxy went of itself without a word. */
        void turnedAway(String why);
    }

    ProxyDoor(Duration limit, Inside inside) {
        this.limit = limit;
        this.inside = inside;
    }

    @Override
    public void opened(Wire opened) {
        wire = opened;
        timer = opened.loop().schedule(limit, () -> {
            if (next == null) {
                turnAway("no PROXY header in time");
            }
        });
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        if (next != null) {
            next.received(octets, offset, length);
            return;
        }
        int to = offset + length;
        int p = over ? to : header.read(octets, offset, to);
        if (over || header.state() == ProxyHeader.State.MORE) {
            return;
        }
        Wire through = wire;
        if (header.state() == ProxyHeader.State.BROKEN || through == null) {
            turnAway("no PROXY header");
            return;
        }
        cancelTimer();
        WireHandler session = inside.welcome(through, header.client(), Arrays.copyOfRange(octets, p, to));
        next = session;
        session.opened(through);
    }

    private void turnAway(String why) {
        if (over || wire == null) {
            return;
        }
        over = true;
        cancelTimer();
        inside.turnedAway(why);
        wire.abort();
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel();
        }
    }

    @Override
    public void secured(TlsFacts facts) {
        if (next != null) {
            next.secured(facts);
        }
    }

    @Override
    public void writable() {
        if (next != null) {
            next.writable();
        }
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        cancelTimer();
        if (next != null) {
            next.closed(cause);
        } else if (!over) {
            over = true;
            inside.turnedAway("");
        }
    }
}
