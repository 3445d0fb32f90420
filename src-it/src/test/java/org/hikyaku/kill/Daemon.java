package org.hikyaku.kill;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real server process made by the build, on loopback, with its data in a folder of the test.
 *
 * <p><i>Failure:</i> what does not come up within its limit fails the test with the server's own last words.
 */
final class Daemon {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Path home;
    private final int port;
    private @Nullable Process process;

    Daemon(Path home, int port) {
        this.home = home;
        this.port = port;
    }

    static Path launcher() {
        Path launcher = Path.of(System.getProperty("hikyaku.root", "..")).resolve("mta-server/target/dist/bin/hikyaku");
        if (!Files.isExecutable(launcher)) {
            throw new IllegalStateException("not built: " + launcher + " (mvn verify makes it)");
        }
        return launcher.toAbsolutePath();
    }

    /** Starts it and waits for its greeting; returns how long that took. */
    Duration start() throws IOException, InterruptedException {
        Instant begun = Instant.now();
        process = new ProcessBuilder(
                        launcher().toString(),
                        "serve",
                        "-c",
                        home.resolve("hikyaku.conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolve("server.log").toFile()))
                .start();
        while (!greets()) {
            if (!process.isAlive() || Duration.between(begun, Instant.now()).compareTo(START_LIMIT) > 0) {
                throw new IllegalStateException("the server did not come up: " + lastWords());
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return Duration.between(begun, Instant.now());
    }

    /** SIGKILL, and its end awaited. */
    void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().waitFor();
        }
    }

    /** SIGTERM, as a service manager does; the exit code. */
    int stop() throws IOException, InterruptedException {
        Process running = process;
        if (running == null) {
            return -1;
        }
        running.destroy();
        if (!running.waitFor(60, TimeUnit.SECONDS)) {
            running.destroyForcibly().waitFor();
            throw new IllegalStateException("the server did not stop within 60 s: " + lastWords());
        }
        return running.exitValue();
    }

    String lastWords() throws IOException {
        List<String> lines = Files.readAllLines(home.resolve("server.log"));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }

    private boolean greets() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            socket.setSoTimeout(5_000);
            String greeting = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            return greeting != null && greeting.startsWith("220 ");
        } catch (IOException e) {
            return false;
        }
    }
}
