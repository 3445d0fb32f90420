package org.hikyaku.main;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/** One side of a dialog: says its next words when a line has come that begins as awaited. */
final class Script implements WireHandler {
    /** In the place of words: begin TLS. */
    static final String TLS = "(TLS)";

    private final ArrayDeque<String> awaited = new ArrayDeque<>();
    private final ArrayDeque<String> words = new ArrayDeque<>();
    private final List<String> heard = new ArrayList<>();
    private final StringBuilder line = new StringBuilder();
    private @Nullable Wire wire;
    private boolean closed;

    /** When a line comes that begins with {@code prefix}; {@code said} without the last line end. */
    Script on(String prefix, String said) {
        awaited.add(prefix);
        words.add(said);
        return this;
    }

    /** Greeting, EHLO, TLS, and an EHLO whose reply is the next to be awaited. */
    static Script secured() {
        return new Script()
                .on("220 ", "EHLO raw.example")
                .on("250 ", "STARTTLS")
                .on("220 ", TLS);
    }

    Script connect(World world, String address, int port) {
        world.net()
                .connect(
                        new Endpoint.Tcp(InetAddress.ofLiteral(address), port),
                        Optional.empty(),
                        Duration.ofSeconds(10),
                        this);
        return this;
    }

    Script connect(World world, Endpoint endpoint) {
        world.net().connect(endpoint, Optional.empty(), Duration.ofSeconds(10), this);
        return this;
    }

    /** Says so now, whatever was awaited. */
    void say(String words) {
        Wire open = wire;
        if (open != null) {
            open.loop().execute(() -> say(open, words));
        }
    }

    boolean isClosed() {
        return closed;
    }

    List<String> heard() {
        return heard;
    }

    @Override
    public void opened(Wire opened) {
        wire = opened;
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        for (char c : new String(octets, offset, length, ISO_8859_1).toCharArray()) {
            line.append(c);
            if (c == '\n') {
                String whole = line.toString().strip();
                line.setLength(0);
                heard.add(whole);
                heard(whole);
            }
        }
    }

    private void heard(String whole) {
        Wire open = wire;
        if (open == null || awaited.isEmpty() || !whole.startsWith(awaited.getFirst())) {
            return;
        }
        awaited.remove();
        String said = words.remove();
        if (said.equals(TLS)) {
            open.startTls(new TlsNeed.Client("mx.provider.example", Optional.empty()));
        } else {
            say(open, said);
        }
    }

    private static void say(Wire open, String said) {
        if (!said.isEmpty()) {
            byte[] octets = (said + "\r\n").getBytes(ISO_8859_1);
            open.write(octets, 0, octets.length);
            open.flush();
        }
    }

    @Override
    public void secured(TlsFacts facts) {
        Wire open = wire;
        if (open != null) {
            say(open, "EHLO raw.example");
        }
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        closed = true;
    }
}
