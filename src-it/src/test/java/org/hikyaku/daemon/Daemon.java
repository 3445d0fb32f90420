package org.hikyaku.daemon;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The built server on loopback. All it keeps lies in {@code disk} below its home; configuration, log and control socket
 * beside it.
 *
 * <p>Closed it is killed, if it still runs.
 *
 * <p><i>Failure:</i> what does not come up or end within its limit fails the test with the log's last lines.
 */
public final class Daemon implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final Path home;
    private final int port;
    private @Nullable Process process;
    private boolean wrapped;

    private Daemon(Path home, int port) {
        this.home = home;
        this.port = port;
    }

    /**
     * Configured, not started.
     *
     * @param users lines of {@link #users}
     * @param settings a test's own, behind those that all have
     */
    public static Daemon make(Path home, List<String> users, String settings) throws IOException {
        int port = freePort();
        Files.createDirectories(home.resolve("disk"));
        Files.writeString(home.resolve("hikyaku.conf"), """
                hostname = mx.daemon.example
                data_dir = "%1$s/disk/data"
                listeners = { mx { endpoints = ["127.0.0.1:%2$d"], mode = mx, tls = off, auth = off }, submission.endpoints = [], submissions.endpoints = [] }
                local.maildir_root = "%1$s/disk/mail"
                auth.users = "%1$s/users"
                control.socket = "%1$s/control.sock"
                """.formatted(home, port) + settings);
        Files.write(home.resolve("users"), users);
        return new Daemon(home, port);
    }

    public int port() {
        return port;
    }

    private static Path launcher() {
        Path launcher = Path.of(System.getProperty("hikyaku.root", ".."))
                .resolve("mta-server/target/dist/bin/hikyaku")
                .toAbsolutePath()
                .normalize();
        if (!Files.isExecutable(launcher)) {
            throw new IllegalStateException("not built: " + launcher + " (mvn package makes it)");
        }
        return launcher;
    }

    /** Starts it, with {@code before} in front of the command, and waits for its greeting. */
    public void start(List<String> before) throws IOException, InterruptedException {
        Process running = launch(before);
        Instant limit = Instant.now().plus(LIMIT);
        while (!greets()) {
            if (!running.isAlive() || Instant.now().isAfter(limit)) {
                running.destroyForcibly();
                throw new IllegalStateException("the server did not come up: " + lastWords());
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Starts it and does not wait. */
    public Process launch(List<String> before) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(launcher().toString(), "serve", "-c", conf()));
        Process running = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        process = running;
        wrapped = !before.isEmpty();
        return running;
    }

    /** KILL or TERM for the server itself; waits for its end, and that of what was put in front. The exit code. */
    public int end(boolean hard) throws IOException, InterruptedException {
        Process running = process;
        if (running == null) {
            return 0;
        }
        ProcessHandle itself = wrapped ? running.children().findFirst().orElse(running.toHandle()) : running.toHandle();
        if (hard) {
            itself.destroyForcibly();
        } else {
            itself.destroy();
        }
        if (!running.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the server did not end: " + lastWords());
        }
        return running.exitValue();
    }

    @Override
    public void close() {
        Process running = process;
        if (running != null && running.isAlive()) {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly();
        }
    }

    /** TERM, without waiting. */
    public void terminate() {
        Process running = process;
        if (running != null) {
            running.destroy();
        }
    }

    /** A command for the running server: what it printed; an exception unless it went well. */
    public String command(String... words) throws IOException, InterruptedException {
        Process command = begin(words);
        String said = new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (command.waitFor() != 0) {
            throw new IOException(String.join(" ", words) + ": " + said);
        }
        return said;
    }

    /** A command that is not waited for. */
    public Process begin(String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of(launcher().toString()));
        all.addAll(List.of(words));
        all.addAll(List.of("-c", conf()));
        Process command = new ProcessBuilder(all).redirectErrorStream(true).start();
        command.getOutputStream().close();
        return command;
    }

    /** Lines of a users file, one of them made by the command: they share its password. */
    public static List<String> users(Path home, List<String> names) throws IOException, InterruptedException {
        Files.writeString(home.resolve("users"), "");
        String first = names.getFirst();
        Process add = new ProcessBuilder(
                        launcher().toString(),
                        "user",
                        "add",
                        "--file",
                        home.resolve("users").toString(),
                        first)
                .redirectErrorStream(true)
                .start();
        try (var in = add.outputWriter()) {
            in.write("a password for the test\n");
        }
        String said = new String(add.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (add.waitFor() != 0) {
            throw new IllegalStateException(said);
        }
        String line = Files.readString(home.resolve("users")).strip();
        return names.stream().map(name -> line.replace(first, name)).toList();
    }

    private String lastWords() throws IOException {
        List<String> lines = Files.readAllLines(log());
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }

    private String conf() {
        return home.resolve("hikyaku.conf").toString();
    }

    private Path log() {
        return home.resolve("server.log");
    }

    private boolean greets() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            socket.setSoTimeout(10_000);
            String greeting = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            return greeting != null && greeting.startsWith("220 ");
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
