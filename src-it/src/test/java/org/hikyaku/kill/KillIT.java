package org.hikyaku.kill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 of the real process in mid-load: nothing that got its 250 is lost. {@code -Dkill.rounds=50} by default; {@code
 * -Dkill.seed} chooses when it dies.
 *
 * <p>A killed process loses nothing the kernel has taken, so this shows the order of acknowledging, recovery and
 * redelivery on the real thing; power cuts are the simulator's.
 */
class KillIT {
    private static final int CLIENTS = 8;
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(2);

    @TempDir
    Path home;

    private final Set<Long> acknowledged = new ConcurrentSkipListSet<>();
    private final AtomicLong numbers = new AtomicLong();
    private final Random chance = new Random(Long.getLong("kill.seed", 20261121));

    @Test
    void nothingAcknowledgedIsLost() throws IOException, InterruptedException {
        int rounds = Integer.getInteger("kill.rounds", 50);
        int port = freePort();
        writeConfiguration(port);
        Daemon daemon = new Daemon(home, port);
        for (int round = 1; round <= rounds; round++) {
            daemon.start();
            int before = acknowledged.size();
            List<Thread> load = new ArrayList<>();
            AtomicBoolean stop = new AtomicBoolean();
            for (int i = 0; i < CLIENTS; i++) {
                load.add(Thread.ofPlatform().start(new LoadClient(port, numbers, acknowledged, stop)));
            }
            TimeUnit.MILLISECONDS.sleep(50 + chance.nextInt(600)); // the first batches and warm ones
            daemon.kill();
            stop.set(true);
            for (Thread client : load) {
                client.join();
            }
            System.out.printf("kill round %d: %d acknowledged%n", round, acknowledged.size() - before);
        }
        daemon.start();
        Map<Long, Integer> arrived = drain();
        assertThat(daemon.stop()).as("exit code of a stop by SIGTERM").isIn(0, 143);

        Set<Long> lost = new TreeSet<>(acknowledged);
        lost.removeAll(arrived.keySet());
        long second = arrived.values().stream().filter(copies -> copies > 1).count();
        System.out.printf(
                "kill -9: %d rounds, %d acknowledged, %d arrived, %d with a second copy, %d lost%n",
                rounds, acknowledged.size(), arrived.size(), second, lost.size());
        assertThat(acknowledged).as("the load got through").hasSizeGreaterThan(rounds * 10);
        assertThat(lost).as("acknowledged and lost").isEmpty();
    }

    /** Waits until all that was acknowledged has arrived or nothing more comes; every file must be whole. */
    private Map<Long, Integer> drain() throws IOException, InterruptedException {
        Instant limit = Instant.now().plus(DRAIN_LIMIT);
        Map<Long, Integer> arrived = mailbox();
        while (!arrived.keySet().containsAll(acknowledged) && Instant.now().isBefore(limit)) {
            TimeUnit.MILLISECONDS.sleep(500);
            arrived = mailbox();
        }
        return arrived;
    }

    private Map<Long, Integer> mailbox() throws IOException {
        Map<Long, Integer> out = new TreeMap<>();
        Path root = home.resolve("mail");
        if (!Files.exists(root)) {
            return out;
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(f -> f.toString().contains("/new/")).toList()) {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                int at = text.indexOf("X-Number: ");
                assertThat(at).as("a whole message in " + file).isPositive();
                long number = Long.parseLong(text.substring(at + 10, text.indexOf('\n', at)));
                assertThat(text)
                        .as(file.toString())
                        .endsWith(LoadClient.text(number).replace("\r", ""));
                out.merge(number, 1, Integer::sum);
            }
        }
        return out;
    }

    private void writeConfiguration(int port) throws IOException, InterruptedException {
        Files.writeString(home.resolve("hikyaku.conf"), """
                hostname = mx.kill.example
                data_dir = "%1$s"
                listeners = { mx { endpoints = ["127.0.0.1:%2$d"], mode = mx, tls = off, auth = off }, submission.endpoints = [], submissions.endpoints = [] }
                local {
                  domains = [kill.example]
                  postmaster = "box0@kill.example"
                  maildir_root = "%1$s/mail"
                }
                auth { users = "%1$s/users" }
                """.formatted(home, port));
        Files.createFile(home.resolve("users"));
        for (int i = 0; i < 10; i++) {
            Process add = new ProcessBuilder(
                            Daemon.launcher().toString(),
                            "user",
                            "add",
                            "-c",
                            home.resolve("hikyaku.conf").toString(),
                            "box" + i + "@kill.example")
                    .redirectErrorStream(true)
                    .start();
            try (var in = add.outputWriter()) {
                in.write("a password for the test\n");
            }
            String said = new String(add.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(add.waitFor()).as(said).isZero();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
