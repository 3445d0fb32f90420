package org.hikyaku.powercut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.hikyaku.daemon.Daemon;
import org.hikyaku.daemon.Load;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 of the real process where {@code KillIT} does not: while it starts, while it stops, and while an operator's commands
 * are carried out. Nothing promised is lost; what an operator was told is held or removed stays so.
 * {@code -Dkill.between=3} rounds by default.
 */
class KillBetweenIT {
    private static final int CLIENTS = 2;
    private static final int STARTS_MAX = 2;

    private final long seed = Long.getLong("kill.seed", System.nanoTime());
    private final Random chance = new Random(seed);
    private final Set<String> removed = new TreeSet<>();
    private long startMillis = 1_000;
    private int startsKilled;
    private int stopsKilled;
    private int commandsKilled;

    @TempDir
    Path home;

    @Test
    void neitherAStartNorAStopNorACommandThatIsKilledLosesAnything() throws IOException, InterruptedException {
        try (Ledger ledger = Ledger.write(home.resolve("ledger"));
                Sink sink = new Sink(ledger);
                Daemon server = Daemon.make(home, Daemon.users(home, Letter.boxes()), Letter.settings(sink.port()))) {
            int rounds = Integer.getInteger("kill.between", 3);
            for (int round = 0; round < rounds; round++) {
                killStarts(server);
                Instant begun = Instant.now();
                server.start(List.of());
                startMillis =
                        Math.max(50, Duration.between(begun, Instant.now()).toMillis());
                load(server, ledger, round);
            }
            server.start(List.of());
            Set<String> missing =
                    new Owed(ledger, home.resolve("disk/mail"), server).missing(ledger.promised.keySet(), Ledger.now());
            List<String> queue =
                    server.command("queue", "list", "--json").lines().toList();
            server.end(false);

            System.out.printf(
                    "kill between: seed %d, %d rounds, %d letters promised; killed: %d starts, %d stops, %d commands; told: %d held,"
                            + " %d removed; missing %s%n",
                    seed,
                    rounds,
                    ledger.promised.size(),
                    startsKilled,
                    stopsKilled,
                    commandsKilled,
                    ledger.held.size(),
                    removed.size(),
                    missing);
            assertThat(missing).as("promised and neither arrived nor queued").isEmpty();
            assertThat(sink.broken()).as("not whole at the next host").isEmpty();
            assertThat(ledger.held.keySet())
                    .as("held")
                    .filteredOn(id -> !ledger.removed.containsKey(id))
                    .allMatch(id -> queue.stream().anyMatch(row -> isHeld(row, id)));
            assertThat(removed).as("removed").noneMatch(id -> queue.stream().anyMatch(row -> isOf(row, id)));
            assertThat(ledger.promised).as("the load got through").hasSizeGreaterThan(rounds * 5);
        }
    }

    private static boolean isOf(String row, String id) {
        return row.contains("\"id\":\"" + id + "\"");
    }

    private static boolean isHeld(String row, String id) {
        return isOf(row, id) && !row.contains("\"held\":\"\"");
    }

    /** Starts that do not come to their end, and recoveries of what they left. */
    private void killStarts(Daemon server) throws IOException, InterruptedException {
        for (int i = chance.nextInt(STARTS_MAX + 1); i > 0; i--) {
            server.launch(List.of());
            TimeUnit.MILLISECONDS.sleep(startMillis / 4 + chance.nextLong(startMillis));
            server.end(true);
            startsKilled++;
        }
    }

    private void load(Daemon server, Ledger ledger, int round) throws IOException, InterruptedException {
        Load clients = Load.of(CLIENTS, server, ledger::next, ledger::promise);
        Instant limit = Instant.now().plusSeconds(30);
        do {
            TimeUnit.MILLISECONDS.sleep(200 + chance.nextInt(300));
        } while (ledger.waiting().size() < 5 && Instant.now().isBefore(limit));
        for (int i = 0; i < 2; i++) {
            command(server, ledger);
        }
        switch (round % 3) {
            case 0 -> killInCommand(server, ledger);
            case 1 -> {
                server.terminate();
                TimeUnit.MILLISECONDS.sleep(chance.nextInt(150));
                stopsKilled++;
            }
            default -> {
                server.begin("stop");
                TimeUnit.MILLISECONDS.sleep(startMillis / 3 + chance.nextLong(startMillis));
                stopsKilled++;
            }
        }
        server.end(true);
        clients.end();
    }

    private void killInCommand(Daemon server, Ledger ledger) throws IOException, InterruptedException {
        String id = waiting(ledger);
        if (!id.isEmpty()) {
            boolean hold = chance.nextBoolean();
            ledger.add(hold ? "asked" : "removed", id, Ledger.now());
            server.begin("queue", hold ? "hold" : "remove", id);
            commandsKilled++;
        }
        TimeUnit.MILLISECONDS.sleep(startMillis / 3 + chance.nextLong(startMillis));
    }

    private void command(Daemon server, Ledger ledger) throws IOException, InterruptedException {
        String id = waiting(ledger);
        if (id.isEmpty()) {
            return;
        }
        switch (chance.nextInt(3)) {
            case 0 -> {
                ledger.add("removed", id, Ledger.now());
                server.command("queue", "remove", id);
                removed.add(id);
            }
            case 1 -> server.command("queue", "retry", id);
            default -> {
                ledger.add("asked", id, Ledger.now());
                server.command("queue", "hold", id);
                ledger.add("held", id, Ledger.now());
            }
        }
    }

    /** One of the letters that wait long; empty when there is none. */
    private String waiting(Ledger ledger) {
        List<String> ids = ledger.waiting();
        return ids.isEmpty() ? "" : ids.get(chance.nextInt(ids.size()));
    }
}
