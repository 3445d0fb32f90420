package org.hikyaku.main;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.hikyaku.admin.ControlEnd;
import org.hikyaku.admin.ControlRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks the running server through its control socket.
 *
 * <p><i>Failure:</i> {@link NoServer} when there is none or it does not answer for a minute.
 */
final class ControlClient implements Asked {
    private static final Duration SILENCE_MAX = Duration.ofMinutes(1);
    private static final int ROW_MAX = 16 << 20;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path socket;

    ControlClient(Path socket) {
        this.socket = socket;
    }

    /** Who hears the answer as it comes. */
    interface Ear {
        void row(JsonNode row);

        default void progress(long looked, long done) {}

        /** Says more after the request, a line at a time to {@code out}; runs beside the hearing. */
        default void speak(Consumer<String> out) throws IOException {}
    }

    @Override
    public ControlEnd ask(ControlRequest request, Ear ear) throws NoServer {
        AtomicLong heard = new AtomicLong(System.nanoTime());
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            Thread watch = Thread.ofVirtual().start(() -> closeWhenSilent(channel, heard));
            send(channel, JSON.writeValueAsString(request));
            Thread speaker = Thread.ofVirtual().start(() -> speak(channel, ear, heard));
            ControlEnd end = answer(channel, heard, ear);
            watch.interrupt();
            speaker.interrupt();
            return end;
        } catch (IOException e) {
            throw new NoServer("no server answers on " + socket + ": " + e.getMessage(), e);
        }
    }

    private static void send(SocketChannel channel, String line) throws IOException {
        ByteBuffer out = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    private static void speak(SocketChannel channel, Ear ear, AtomicLong heard) {
        try {
            ear.speak(line -> {
                try {
                    send(channel, line);
                    heard.set(System.nanoTime());
                } catch (IOException e) {
                    throw new NotHeard();
                }
            });
        } catch (NotHeard e) {
            return; // the answer may be there already; if not, the hearing side tells that it broke off
        } catch (IOException e) {
            closeQuietly(channel); // as above
        }
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static ControlEnd answer(SocketChannel channel, AtomicLong heard, Ear ear) throws IOException {
        LineReader lines = new LineReader(Channels.newInputStream(channel), ROW_MAX);
        for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
            heard.set(System.nanoTime());
            JsonNode node = JSON.readTree(line);
            if (node.has("row")) {
                ear.row(node.get("row"));
            } else if (node.has("progress")) {
                JsonNode far = node.get("progress");
                ear.progress(far.path("looked").asLong(), far.path("done").asLong());
            } else {
                return JSON.treeToValue(node, ControlEnd.class);
            }
        }
        throw new IOException("the answer broke off");
    }

    private static void closeWhenSilent(SocketChannel channel, AtomicLong heard) {
        try {
            while (System.nanoTime() - heard.get() < SILENCE_MAX.toNanos()) {
                Thread.sleep(Duration.ofSeconds(1));
            }
            channel.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the answer is there
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Who spoke is not listened to any more. */
    static final class NotHeard extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotHeard() {
            super("not heard", null, false, false);
        }
    }

    /** Nobody is there. */
    static final class NoServer extends Exception {
        private static final long serialVersionUID = 1;

        NoServer(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
