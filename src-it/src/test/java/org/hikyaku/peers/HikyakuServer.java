package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The built server, run by its launcher as {@code mx.hikyaku.test} on the real ports, as a user without rights but for
 * CAP_NET_BIND_SERVICE, as the unit file gives them; or as {@code mx.osaka.test} among the peers, the other side of what no
 * other peer has.
 *
 * <p><i>Failure:</i> what does not come up or end within its limit fails the test with the log's last lines.
 */
final class HikyakuServer implements AutoCloseable {
    /** Dovecot reads the mailboxes with the same user. */
    static final String USER = "nobody";

    static final String PASSWORD = "flying foot 47";
    private static final int STOP_LIMIT_SECONDS = 60;

    private final Kit kit;
    private final Place place;
    private final Path home;
    private @Nullable Process process;

    /** Where it runs, in which namespace, and for which domain. */
    private enum Place {
        HIKYAKU("mta", "hikyaku.test", ""),
        OSAKA("peers", "osaka.test", """
                listeners {
                  mx.endpoints = ["192.0.2.28:25"]
                  submission.endpoints = ["192.0.2.28:587"]
                  submissions.endpoints = ["192.0.2.28:465"]
                }
                delivery { source_ipv4 = "192.0.2.28", ipv6 = off }
                """);

        private final String namespace;
        private final String domain;
        private final String settings;

        Place(String namespace, String domain, String settings) {
            this.namespace = namespace;
            this.domain = domain;
            this.settings = settings;
        }

        String host() {
            return "mx." + domain;
        }
    }

    private HikyakuServer(Kit kit, Place place, Path home) {
        this.kit = kit;
        this.place = place;
        this.home = home;
    }

    /** Configured and with the user joe@hikyaku.test, not started. */
    static HikyakuServer make(Kit kit, String name, String settings) {
        return make(kit, Place.HIKYAKU, name, settings);
    }

    /** The other one, with the user joe@osaka.test. */
    static HikyakuServer makeOsaka(Kit kit, String name, String settings) {
        return make(kit, Place.OSAKA, name, settings);
    }

    private static HikyakuServer make(Kit kit, Place place, String name, String settings) {
        try {
            Path home = Files.createDirectory(kit.work().resolve(name));
            HikyakuServer server = new HikyakuServer(kit, place, home);
            Files.copy(kit.work().resolve("tls/" + place.host() + ".pem"), home.resolve("tls.pem"));
            Files.copy(kit.work().resolve("tls/" + place.host() + ".key"), home.resolve("tls.key"));
            Files.createFile(home.resolve("users"));
            server.configure(settings);
            Command.run(List.of("chown", "-R", USER + ":nogroup", home.toString()))
                    .good();
            Command.run(List.of("chmod", "600", home.resolve("tls.key").toString()))
                    .good();
            server.addJoe();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes hikyaku.conf anew: what every server of these tests has, then a test's own settings. A running server
     * reads it at its next reload.
     */
    void configure(String settings) {
        try {
            String common = """
                    hostname = %3$s
                    data_dir = "%1$s/data"
                    local.domains = [%4$s]
                    local.postmaster = "joe@%4$s"
                    local.maildir_root = "%2$s"
                    auth.users = users
                    tls { certificate = "%1$s/tls.pem", key = "%1$s/tls.key" }
                    delivery.timeouts.connect = 2s
                    limits.exempt_networks = ["127.0.0.0/8", "::1", "192.0.2.0/24", "2001:db8::/64"]
                    spool.reserve = 0B
                    """.formatted(home, mailRoot(), place.host(), place.domain);
            Files.writeString(home.resolve("hikyaku.conf"), common + place.settings + settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By the command the first time; his line is good for every server. */
    private void addJoe() throws IOException {
        Path line = kit.work().resolve("joe@" + place.domain);
        if (Files.exists(line)) {
            Command.run(List.of("cp", line.toString(), home.resolve("users").toString()))
                    .good();
        } else {
            addUser("joe@" + place.domain);
            Files.copy(home.resolve("users"), line);
        }
    }

    void addUser(String name) {
        commandTold(PASSWORD + "\n", "user", "add", name).good();
    }

    /** A file of its own that it alone can read. */
    Path secret(String name, String line) {
        try {
            Path file = Files.writeString(home.resolve(name), line + "\n");
            Command.run(List.of("chown", USER, file.toString())).good();
            Command.run(List.of("chmod", "600", file.toString())).good();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on Dovecot reads the same users file. */
    void shareUsers() {
        Path theirs = kit.work().resolve("dovecot/users");
        Command.run(List.of("ln", "-sf", home.resolve("users").toString(), theirs.toString()))
                .good();
    }

    Path home() {
        return home;
    }

    Path config() {
        return home.resolve("hikyaku.conf");
    }

    /** Of the first, Dovecot reads it too. */
    private Path mailRoot() {
        return place == Place.HIKYAKU ? kit.work().resolve("dovecot/mail") : home.resolve("mail");
    }

    /** The Maildir of a user of its domain. */
    Path mailbox(String user) {
        return mailRoot().resolve(place.domain).resolve(user);
    }

    HikyakuServer start() {
        return start(List.of());
    }

    /** Starts it, with {@code before} in front of the command, and waits until it says that it takes mail. */
    HikyakuServer start(List<String> before) {
        int seen = count("server-ready");
        Process running = launch(before);
        Waiting.until(
                "the start of the server",
                () -> {
                    assertThat(running.isAlive())
                            .as("the server is up: %s", lastWords())
                            .isTrue();
                    return count("server-ready") > seen ? Optional.of(true) : Optional.empty();
                },
                this::lastWords);
        return this;
    }

    private Process launch(List<String> before) {
        List<String> serve = new ArrayList<>(before);
        serve.addAll(asService(List.of(kit.launcher().toString(), "serve", "-c", config().toString())));
        try {
            ProcessBuilder builder = new ProcessBuilder(kit.in(place.namespace, serve))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
            builder.environment().putAll(java());
            Process running = builder.start();
            process = running;
            return running;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server that does not come up: its exit code. */
    int startInVain() {
        Process running = launch(List.of());
        return ended(running);
    }

    private static List<String> asService(List<String> command) {
        List<String> all = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + USER,
                "--regid=nogroup",
                "--clear-groups",
                "--inh-caps=-all,+net_bind_service",
                "--ambient-caps=-all,+net_bind_service",
                "--bounding-set=-all,+net_bind_service",
                "--no-new-privs",
                // a test run that was started with nohup ignores HUP, and so would the server
                "env",
                "--default-signal=HUP"));
        all.addAll(command);
        return all;
    }

    private static Map<String, String> java() {
        return Map.of("JAVA_HOME", System.getProperty("java.home"));
    }

    /** Another command of the launcher, by the same user. */
    Command command(String... words) {
        return commandTold("", words);
    }

    /** A command and what strace sees of it in {@code trace}: writes, forces, renamings. */
    Command commandTraced(Path trace, String... words) {
        List<String> all =
                new ArrayList<>(List.of("strace", "-f", "-y", "-xx", "-s", "64", "-qq", "-o", trace.toString()));
        all.addAll(List.of("-e", "trace=fdatasync,fsync,write,writev,pwrite64,pwritev,rename,renameat,renameat2"));
        List<String> command = new ArrayList<>(List.of(kit.launcher().toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("-c", config().toString()));
        all.addAll(asService(command));
        return Command.run(kit.in(place.namespace, all), "", java());
    }

    private Command commandTold(String input, String... words) {
        List<String> all = new ArrayList<>(List.of(kit.launcher().toString()));
        all.addAll(List.of(words));
        all.addAll(List.of("-c", config().toString()));
        return Command.run(kit.in(place.namespace, asService(all)), input, java());
    }

    boolean isRunning() {
        Process running = process;
        return running != null && running.isAlive();
    }

    long pid() {
        Process running = process;
        return running == null ? -1 : itself(running).pid();
    }

    /** The server below what was put in front of it. */
    private static ProcessHandle itself(Process running) {
        return running.children().findFirst().orElse(running.toHandle());
    }

    /** SIGTERM, SIGHUP... */
    void signal(String name) {
        Command.run(List.of("kill", "-" + name, Long.toString(pid()))).good();
    }

    /** Ends it at once, as a power cut would. */
    void kill() {
        signal("KILL");
        ended();
    }

    /** Waits for its end; the exit code. */
    int ended() {
        Process running = process;
        return running == null ? -1 : ended(running);
    }

    private int ended(Process running) {
        try {
            boolean over = running.waitFor(STOP_LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(over).as("the server ends: %s", lastWords()).isTrue();
            return running.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private Path log() {
        return home.resolve("server.log");
    }

    List<String> logLines() {
        try {
            return Files.exists(log()) ? Files.readAllLines(log(), StandardCharsets.UTF_8) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int count(String event) {
        return (int) lines(event).count();
    }

    /** The lines of the log of one event. */
    Stream<String> lines(String event) {
        return logLines().stream().filter(line -> line.contains(" " + event + " "));
    }

    /** The first line of the log that holds all of these, awaited. */
    String logged(String... parts) {
        return Waiting.until(
                "a line of the log with " + List.of(parts),
                () -> logLines().stream()
                        .filter(line -> List.of(parts).stream().allMatch(line::contains))
                        .findFirst(),
                this::lastWords);
    }

    String lastWords() {
        List<String> lines = logLines();
        return "The log of the server ends:\n"
                + String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    }

    /** The message in a user's Maildir that holds {@code mark}, awaited. */
    String arrived(String user, String mark) {
        return Waiting.until(
                mark + " in the mailbox of " + user, () -> Kit.inMaildir(mailbox(user), mark), this::lastWords);
    }

    @Override
    public void close() {
        Process running = process;
        if (running != null && running.isAlive()) {
            itself(running).destroy();
            assertThat(ended()).as("exit code at SIGTERM").isZero();
        }
        assertThat(logLines())
                .as("the log holds no broken task, session or check")
                .noneMatch(line -> line.contains(" task-died ")
                        || line.contains(" session-broken ")
                        || line.contains(" check-failed ")
                        || line.contains("Exception in thread"));
    }
}
