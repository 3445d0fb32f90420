package org.hikyaku.kill;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.hikyaku.daemon.Daemon;
import org.hikyaku.daemon.Load;

/**
 * The real process under load, killed and started again, round after round; then what arrived is held against what was acknowledged.
 *
 * <p>For {@code src-it/long/kill.sh} also a program: {@code KillRounds ROUNDS SEED DIRECTORY} prints a line of its {@link Result}, and
 * ends with 1 when anything was lost.
 */
final class KillRounds {
    private static final int CLIENTS = 8;
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(2);

    private final Path home;
    private final Random chance;
    private final AtomicLong numbers = new AtomicLong();
    private final Set<Long> acknowledged = new ConcurrentSkipListSet<>();
    private final Set<Path> seen = new HashSet<>();
    private final Map<Long, Integer> arrived = new HashMap<>();
    private final List<String> half = new ArrayList<>();

    /**
     * What came of it.
     *
     * @param again how many arrived more than once
     * @param lost acknowledged and not arrived
     * @param half files in mailboxes that are not whole messages
     * @param exit of the last stop, by SIGTERM
     */
    record Result(int rounds, int acknowledged, int arrived, long again, Set<Long> lost, List<String> half, int exit) {
        boolean isGood() {
            return lost.isEmpty() && half.isEmpty();
        }
    }

    /** @param seed of the moments of death */
    KillRounds(Path home, long seed) {
        this.home = home;
        this.chance = new Random(seed);
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Path home = Files.createDirectories(Path.of(args[2])).toRealPath();
        Result result = new KillRounds(home, Long.parseLong(args[1])).run(Integer.parseInt(args[0]));
        System.out.printf(
                "rounds\t%d\t%d\t%d\t%d\t%d%n",
                result.rounds(),
                result.acknowledged(),
                result.arrived(),
                result.again(),
                result.lost().size());
        if (!result.isGood()) {
            System.out.println("lost " + result.lost() + ", half " + result.half());
        }
        System.exit(result.isGood() ? 0 : 1);
    }

    Result run(int rounds) throws IOException, InterruptedException {
        try (Daemon daemon = Daemon.make(home, Daemon.users(home, Numbered.boxes()), """
                local { domains = [%1$s], postmaster = "box0@%1$s" }
                """.formatted(Numbered.DOMAIN))) {
            for (int round = 0; round < rounds; round++) {
                round(daemon);
            }
            daemon.start(List.of());
            drain();
            return result(rounds, daemon.end(false));
        }
    }

    private void round(Daemon daemon) throws IOException, InterruptedException {
        daemon.start(List.of());
        Load load = Load.of(
                CLIENTS,
                daemon,
                () -> new Numbered(numbers.incrementAndGet()),
                (id, message) -> acknowledged.add(message.number()));
        TimeUnit.MILLISECONDS.sleep(50 + chance.nextInt(600)); // the first batches and warm ones
        daemon.end(true);
        load.end();
    }

    private Result result(int rounds, int exit) {
        Set<Long> lost = new TreeSet<>(acknowledged);
        lost.removeAll(arrived.keySet());
        long again = arrived.values().stream().filter(copies -> copies > 1).count();
        return new Result(rounds, acknowledged.size(), arrived.size(), again, lost, half, exit);
    }

    /** Waits until all that was acknowledged has arrived, or the time is over. */
    private void drain() throws IOException, InterruptedException {
        Instant limit = Instant.now().plus(DRAIN_LIMIT);
        look();
        while (!arrived.keySet().containsAll(acknowledged) && Instant.now().isBefore(limit)) {
            TimeUnit.MILLISECONDS.sleep(500);
            look();
        }
    }

    /** Reads the files of the mailboxes that were not seen yet. */
    private void look() throws IOException {
        Path root = home.resolve("disk/mail");
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(f -> f.toString().contains("/new/") && seen.add(f))
                    .toList()) {
                long number = Numbered.wholeIn(Files.readString(file, StandardCharsets.ISO_8859_1));
                if (number < 0) {
                    half.add(file.toString());
                } else {
                    arrived.merge(number, 1, Integer::sum);
                }
            }
        }
    }
}
