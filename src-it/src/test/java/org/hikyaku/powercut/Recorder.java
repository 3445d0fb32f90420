package org.hikyaku.powercut;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.hikyaku.daemon.Daemon;
import org.hikyaku.daemon.Load;
import org.hikyaku.powercut.Op.Span;
import org.jspecify.annotations.Nullable;

/**
 * Makes a recording in a directory: the server under load, killed in the middle of it, started again, under load again,
 * stopped. What a killed process had begun and not ended is settled by a copy of the disk made then; and all that was
 * recorded, done again, must give that very disk.
 */
final class Recorder {
    private static final int CLIENTS = 4;
    private static final int LOAD_SECONDS_MAX = 60;
    /** Names the file that tells where the recorded directory lay: a recording may be moved. */
    private static final String PLACE = "recorded";

    private final Path home;
    private final Ledger ledger;
    private final Random chance;

    private Recorder(Path home, Ledger ledger, Random chance) {
        this.home = home;
        this.ledger = ledger;
        this.chance = chance;
    }

    /** Each run is under load until it has promised so many letters. */
    static void record(Path home, int letters, Random chance) throws IOException, InterruptedException {
        try (Ledger ledger = Ledger.write(home.resolve("ledger"));
                Sink sink = new Sink(ledger);
                Daemon server = Daemon.make(home, Daemon.users(home, Letter.boxes()), Letter.settings(sink.port()))) {
            Files.writeString(home.resolve(PLACE), home.resolve("disk").toString());
            Recorder recorder = new Recorder(home, ledger, chance);
            recorder.run(server, 1, letters);
            recorder.run(server, 2, letters * 2);
            if (!sink.broken().isEmpty()) {
                throw new IllegalStateException("not whole at the sink: " + sink.broken());
            }
        }
    }

    private void run(Daemon server, int number, int letters) throws IOException, InterruptedException {
        List<String> strace = new ArrayList<>(List.of("strace"));
        strace.addAll(StraceReader.OPTIONS);
        strace.addAll(List.of("-o", trace(home, number).toString()));
        server.start(strace);
        Load load = Load.of(CLIENTS, server, ledger::next, ledger::promise);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LOAD_SECONDS_MAX);
        while (ledger.promised.size() < letters && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(200);
            command(server);
        }
        if (number == 1) {
            server.end(true);
        }
        load.end();
        server.end(false);
        copy(home.resolve("disk"), after(home, number));
    }

    /** What an operator does: to letters that wait long. */
    private void command(Daemon server) throws IOException, InterruptedException {
        List<String> waiting = ledger.waiting();
        if (waiting.size() < 3) {
            return;
        }
        String id = waiting.get(chance.nextInt(waiting.size()));
        switch (chance.nextInt(4)) {
            case 0 -> {
                ledger.add("removed", id, Ledger.now());
                server.command("queue", "remove", id);
            }
            case 1 -> server.command("queue", "retry", id);
            default -> {
                ledger.add("asked", id, Ledger.now());
                server.command("queue", "hold", id);
                ledger.add("held", id, Ledger.now());
            }
        }
    }

    private static Path trace(Path home, int number) {
        return home.resolve("run" + number + ".strace");
    }

    private static Path after(Path home, int number) {
        return home.resolve("after" + number);
    }

    /** Reads what {@link #record} left. */
    static Recording read(Path home) throws IOException {
        Path disk = Path.of(Files.readString(home.resolve(PLACE)));
        Recording all = Recording.empty();
        for (int run = 1; Files.exists(trace(home, run)); run++) {
            Set<String> there = run == 1 ? Set.of() : new HashSet<>(files(after(home, run - 1)));
            all = all.then(StraceReader.read(trace(home, run), disk, there));
            all = settle(all, after(home, run));
        }
        return all;
    }

    /** What did not end with its process happened as far as the disk shows it. */
    private static Recording settle(Recording recording, Path after) throws IOException {
        List<Op> ops = new ArrayList<>();
        for (Op op : recording.ops()) {
            if (op.span().end() != Span.NEVER) {
                ops.add(op);
            } else if (!(op instanceof Op.Promise)) {
                Op happened = happened(op, after);
                if (happened != null) {
                    ops.add(Recording.spanned(happened, new Span(op.span().begin(), recording.lines() - 1)));
                }
            } else {
                ops.add(op);
            }
        }
        Recording settled = recording.with(ops);
        compare(settled, after);
        return settled;
    }

    private static @Nullable Op happened(Op op, Path after) throws IOException {
        return switch (op) {
            case Op.Make make -> Files.exists(after.resolve(make.path())) ? make : null;
            case Op.Rename rename -> Files.exists(after.resolve(rename.from())) ? null : rename;
            case Op.Remove remove -> Files.exists(after.resolve(remove.path())) ? null : remove;
            case Op.Size size ->
                Files.exists(after.resolve(size.path())) && Files.size(after.resolve(size.path())) == size.size()
                        ? size
                        : null;
            case Op.Write write -> {
                Path file = after.resolve(write.path());
                byte[] is = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
                int from = (int) Math.min(write.offset(), is.length);
                int same = Arrays.mismatch(write.octets(), Arrays.copyOfRange(is, from, is.length));
                int count = same < 0 ? write.octets().length : same;
                yield new Op.Write(write.span(), write.path(), write.offset(), Arrays.copyOf(write.octets(), count));
            }
            case Op.Force force -> null;
            case Op.Promise promise -> promise;
        };
    }

    /** The record holds everything, or it proves nothing. */
    private static void compare(Recording recording, Path after) throws IOException {
        PowerModel model = new PowerModel(recording.ops());
        model.advance(recording.lines());
        Image image = model.image(Loss.everything(), new Random(0));
        List<String> files = files(after);
        if (!files.equals(List.copyOf(image.files().keySet()))) {
            Set<String> differ = new HashSet<>(files);
            differ.removeAll(image.files().keySet());
            Set<String> more = new HashSet<>(image.files().keySet());
            more.removeAll(files);
            throw new IllegalStateException("the record lacks " + differ + " and has too much " + more);
        }
        for (String file : files) {
            if (!Arrays.equals(
                    Files.readAllBytes(after.resolve(file)), image.files().get(file))) {
                throw new IllegalStateException("the record gives another content of " + file);
            }
        }
    }

    private static List<String> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    static void clear(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
