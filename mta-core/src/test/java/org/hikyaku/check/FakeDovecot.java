package org.hikyaku.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/** Dovecot's authentication service as a test wants it: all that it hears, and what it says to a line. */
final class FakeDovecot {
    static final String HELLO = "VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tSCRAM-SHA-256\tmutual-auth\n"
            + "MECH\tAPOP\tprivate\nMECH\tANONYMOUS\tanonymous\nSPID\t7\nCUID\t1\nCOOKIE\t00\nDONE\n";

    final List<String> heard = new ArrayList<>();
    private final BiConsumer<FakeDovecot, String> reaction;
    private @Nullable Wire wire;
    int connections;

    /** Listens; {@code reaction} hears each line, and {@code ""} when a connection is there. */
    FakeDovecot(SimWorld sim, BiConsumer<FakeDovecot, String> reaction) throws Exception {
        this.reaction = reaction;
        SimHost host = sim.remote("dovecot", "198.51.100.9");
        host.world().net().listen(new Endpoint.Tcp(InetAddress.ofLiteral("198.51.100.9"), 4567), 10, made -> new Ear());
    }

    void say(String text) {
        byte[] octets = text.getBytes(UTF_8);
        Wire open = Objects.requireNonNull(wire);
        open.write(octets, 0, octets.length);
        open.flush();
    }

    void hangUp() {
        Objects.requireNonNull(wire).close();
    }

    private final class Ear implements WireHandler {
        private final StringBuilder text = new StringBuilder();

        @Override
        public void opened(Wire opened) {
            wire = opened;
            connections++;
            reaction.accept(FakeDovecot.this, "");
        }

        @Override
        public void received(byte[] octets, int offset, int length) {
            text.append(new String(octets, offset, length, UTF_8));
            for (int end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
                String line = text.substring(0, end);
                text.delete(0, end + 1);
                heard.add(line);
                reaction.accept(FakeDovecot.this, line);
            }
        }

        @Override
        public void secured(TlsFacts facts) {
            throw new AssertionError("TLS");
        }

        @Override
        public void closed(@Nullable WireFailure cause) {
            text.setLength(0);
        }
    }
}
