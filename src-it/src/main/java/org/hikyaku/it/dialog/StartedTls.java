package org.hikyaku.it.dialog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a server with STARTTLS that looks like one under TLS from its first octet: the first {@link #startTls}
 * says EHLO and STARTTLS, and the greeting comes once more after it. RFC 3207 4.2: the session then is as at its beginning.
 */
final class StartedTls implements Peer {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Peer peer;
    private @Nullable String greeting;
    private boolean started;

    StartedTls(Peer peer) {
        this.peer = peer;
    }

    @Override
    public void send(byte[] octets) throws IOException {
        peer.send(octets);
    }

    @Override
    public @Nullable String line(Duration wait) throws IOException {
        String first = greeting;
        greeting = null;
        return first == null ? peer.line(wait) : first;
    }

    @Override
    public boolean isSilent() throws IOException {
        return peer.isSilent();
    }

    @Override
    public void startTls() throws IOException {
        if (!started) {
            started = true;
            String said = reply(peer, "220");
            send(octets(Server.EHLO));
            reply(peer, "250");
            send(octets("STARTTLS\r\n"));
            reply(peer, "220");
            greeting = said.substring(said.lastIndexOf('\n') + 1);
        }
        peer.startTls();
    }

    @Override
    public void pause(Duration time) throws IOException {
        peer.pause(time);
    }

    @Override
    public void close() {
        peer.close();
    }

    static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The lines of the next reply, which must have this code. */
    static String reply(Peer peer, String code) throws IOException {
        StringBuilder lines = new StringBuilder();
        while (true) {
            String line = peer.line(LIMIT);
            if (line == null || !line.matches(code + "(?:[ -].*)?")) {
                throw new IOException("wanted " + code + ", got " + (line == null ? "the end" : line));
            }
            lines.append(lines.isEmpty() ? "" : "\n").append(line);
            if (line.length() == 3 || line.charAt(3) == ' ') {
                return lines.toString();
            }
        }
    }
}
