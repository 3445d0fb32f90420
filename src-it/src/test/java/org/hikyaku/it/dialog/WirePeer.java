package org.hikyaku.it.dialog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
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
    private static final byte[] CLOSED = {};
    private static final byte[] SECURED = {1};

    private final World world;
    private final Tasks.Promise<Wire> up;
    private final Tasks.Mailbox<byte[]> letters;
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
            byte[] letter = letters.poll(limit);
            if (letter == null) {
                throw new IOException("nothing came in " + limit + "; so far: " + text);
            }
            if (letter == CLOSED) {
                letters.offer(CLOSED);
                return null;
            }
            text += new String(letter, StandardCharsets.UTF_8);
            end = text.indexOf("\r\n");
        }
        String line = text.substring(0, end);
        text = text.substring(end + 2);
        return line;
    }

    @Override
    public boolean isSilent() {
        byte[] letter = text.isEmpty() ? letters.poll(SILENCE) : text.getBytes(StandardCharsets.UTF_8);
        if (letter != null && letter.length > 0) {
            text = new String(letter, StandardCharsets.UTF_8);
        }
        return letter == null;
    }

    @Override
    public void startTls() throws IOException {
        wire.loop().execute(() -> wire.startTls(new TlsNeed.Client("mx.example.org", Optional.empty())));
        if (letters.poll(LIMIT) != SECURED) {
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
        letters.offer(Arrays.copyOfRange(octets, offset, offset + length));
    }

    @Override
    public void secured(TlsFacts facts) {
        letters.offer(SECURED);
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        letters.offer(CLOSED);
    }
}
