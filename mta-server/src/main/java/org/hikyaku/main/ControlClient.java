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
final class ControlClient {
    private static final Duration SILENCE_MAX = Duration.ofMinutes(1);
    private static final int ROW_MAX = 4 << 20;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path socket;

    ControlClient(Path socket) {
        this.socket = socket;
    }

    /** Sends {@code request}, gives each row to {@code rows} as it comes. */
    ControlEnd ask(ControlRequest request, Consumer<JsonNode> rows) throws NoServer {
        AtomicLong heard = new AtomicLong(System.nanoTime());
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            Thread watch = Thread.ofVirtual().start(() -> closeWhenSilent(channel, heard));
            byte[] line = (JSON.writeValueAsString(request) + "\n").getBytes(StandardCharsets.UTF_8);
            for (ByteBuffer out = ByteBuffer.wrap(line); out.hasRemaining(); ) {
                channel.write(out);
            }
            ControlEnd end = answer(channel, heard, rows);
            watch.interrupt();
            return end;
        } catch (IOException e) {
            throw new NoServer("no server answers on " + socket + ": " + e.getMessage(), e);
        }
    }

    private static ControlEnd answer(SocketChannel channel, AtomicLong heard, Consumer<JsonNode> rows)
            throws IOException {
        LineReader lines = new LineReader(Channels.newInputStream(channel), ROW_MAX);
        for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
            heard.set(System.nanoTime());
            JsonNode node = JSON.readTree(line);
            if (!node.has("row")) {
                return JSON.treeToValue(node, ControlEnd.class);
            }
            rows.accept(node.get("row"));
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

    /** Nobody is there. */
    static final class NoServer extends Exception {
        private static final long serialVersionUID = 1;

        NoServer(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
