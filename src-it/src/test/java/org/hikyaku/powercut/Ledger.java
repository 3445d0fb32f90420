package org.hikyaku.powercut;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** What the outside knows of the load; written down line by line, so that a recording can be judged again. */
final class Ledger implements AutoCloseable {
    /** Numbers of letters by the id in their 250, as the client read it. */
    final Map<String, Long> promised = new ConcurrentSkipListMap<>();
    /** When the sink took a recipient, first: before it said so. */
    final Map<String, Long> taken = new ConcurrentSkipListMap<>();
    /** When the operator asked to remove, by id: before he asked. */
    final Map<String, Long> removed = new ConcurrentSkipListMap<>();
    /** When the operator was told that it is held, by id. */
    final Map<String, Long> held = new ConcurrentSkipListMap<>();
    /** When the operator asked to hold, by id: before he asked. */
    final Map<String, Long> asked = new ConcurrentSkipListMap<>();

    private final AtomicLong numbers = new AtomicLong();

    private final PrintWriter lines;

    private Ledger(PrintWriter lines) {
        this.lines = lines;
    }

    static Ledger write(Path file) throws IOException {
        return new Ledger(new PrintWriter(Files.newBufferedWriter(file)));
    }

    static Ledger read(Path file) throws IOException {
        Ledger ledger = new Ledger(new PrintWriter(Writer.nullWriter()));
        for (String line : Files.readAllLines(file)) {
            String[] words = line.split(" ", -1);
            ledger.of(words[0]).put(words[1], Long.parseLong(words[2]));
            if (words[0].equals("promised")) {
                ledger.numbers.accumulateAndGet(Long.parseLong(words[2]), Math::max);
            }
        }
        return ledger;
    }

    /** A copy in which the next host has taken nothing after {@code now}, written nowhere. */
    Ledger until(long now) {
        Ledger copy = new Ledger(new PrintWriter(Writer.nullWriter()));
        copy.promised.putAll(promised);
        copy.removed.putAll(removed);
        copy.asked.putAll(asked);
        copy.held.putAll(held);
        taken.forEach((recipient, at) -> {
            if (at <= now) {
                copy.taken.put(recipient, at);
            }
        });
        return copy;
    }

    private Map<String, Long> of(String what) {
        return switch (what) {
            case "promised" -> promised;
            case "taken" -> taken;
            case "removed" -> removed;
            case "held" -> held;
            case "asked" -> asked;
            default -> throw new IllegalArgumentException("no such line of a ledger: " + what);
        };
    }

    void add(String what, String key, long value) {
        if (of(what).putIfAbsent(key, value) == null) {
            synchronized (lines) {
                lines.println(what + " " + key + " " + value);
            }
        }
    }

    /** The next letter to send. */
    Letter next() {
        return new Letter(numbers.incrementAndGet());
    }

    /** A client read the 250 with this id. */
    void promise(String id, Letter letter) {
        add("promised", id, letter.number());
    }

    /** Letters, by id, that the next host never takes and nobody asked to remove. */
    List<String> waiting() {
        return promised.entrySet().stream()
                .filter(each ->
                        new Letter(each.getValue()).recipients().getLast().startsWith(Letter.NEVER))
                .map(Map.Entry::getKey)
                .filter(id -> !removed.containsKey(id))
                .toList();
    }

    static long now() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    @Override
    public void close() {
        lines.close();
    }
}
