package org.hikyaku.it.dialog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/** A connection through a World, simulated or real; its methods are for a task. */
final class WirePeer implements Peer, WireHandler {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration SILENCE = Duration.ofSeconds(10);

    /** What was heard. */
    private enum Kind {
        OCTETS,
        SECURED,
        CLOSED
    }

    private record Letter(Kind kind, String text) {}

    private final World world;
    private final Tasks.Promise<Wire> up;
    private final Tasks.Mailbox<Letter> letters;
    private final Wire wire;
    private String text = "";

    WirePeer(World world, Endpoint server) throws IOException {
        this.world = world;
        this.up = world.tasks().promise();
        this.letters = world.tasks().mailbox(10_000);
        world.net().connect(server, Optional.empty(), LIMIT, this);
        this.wire = up.await(LIMIT).orElseThrow(() -> new IOException("no connection"));
    }

    @Override
    public void send(byte[] octets) {
        wire.loop().execute(() -> {
            wire.write(octets, 0, octets.length);
            wire.flush();
        });
    }

    @Override
    public @Nullable String line(Duration limit) throws IOException {
        int end = text.indexOf("\r\n");
        while (end < 0) {
            Letter letter = letters.poll(limit);
            if (letter == null) {
                throw new IOException("nothing came in " + limit + "; so far: " + text);
            }
            if (letter.kind() == Kind.CLOSED) {
                letters.offer(letter);
                return null;
            }
            text += letter.text();
            end = text.indexOf("\r\n");
        }
        String line = text.substring(0, end);
        text = text.substring(end + 2);
        return line;
    }

    @Override
    public boolean isSilent() {
        if (!text.isEmpty()) {
            return false;
        }
        Letter letter = letters.poll(SILENCE);
        if (letter != null && letter.kind() == Kind.CLOSED) {
            letters.offer(letter);
        } else if (letter != null) {
            text = letter.text();
        }
        return letter == null;
    }

    @Override
    public void startTls() throws IOException {
        wire.loop().execute(() -> wire.startTls(new TlsNeed.Client("mx.example.org", Optional.empty())));
        Letter letter = letters.poll(LIMIT);
        if (letter == null || letter.kind() != Kind.SECURED) {
            throw new IOException("no TLS");
        }
    }

    @Override
    public void pause(Duration time) {
        world.tasks().sleep(time);
    }

    @Override
    public void close() {
        wire.loop().execute(wire::close);
    }

    @Override
    public void opened(Wire opened) {
        up.complete(opened);
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        letters.offer(new Letter(Kind.OCTETS, new String(octets, offset, length, StandardCharsets.UTF_8)));
    }

    @Override
    public void secured(TlsFacts facts) {
        letters.offer(new Letter(Kind.SECURED, ""));
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        letters.offer(new Letter(Kind.CLOSED, ""));
    }
}
