package org.hikyaku.operate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.hikyaku.world.Disk;
import org.hikyaku.world.StateFile;
import org.hikyaku.world.World;

/**
 * The logs of operations, a file each: what is needed to take one back is forced here before anything is changed
 * (docs/queue.md, Operations). A line is its checksum, a space, and escaped fields with a space between.
 *
 * <p><i>Failure:</i> a log that cannot be written stops its operation before the messages it would have told of. A torn last
 * line tells of messages that were not yet touched: it does not count.
 */
final class OperationLog {
    private static final int READ = 64 << 10;
    private static final int TAIL = 1024;
    private static final String END = ".operation";
    /** In the first line of what cannot be undone. */
    private static final String FINAL = "final";

    private final World world;
    private final Path directory;
    /** Numbers of those that this process runs or has run. */
    private final TreeMap<Long, Boolean> running = new TreeMap<>();

    OperationLog(World world, Path directory) {
        this.world = world;
        this.directory = directory;
    }

    /**
     * The first line of a log.
     *
     * @param senders whose freeze it will begin or end
     */
    record Header(
            long number,
            Instant at,
            String by,
            String command,
            String what,
            Instant undoUntil,
            boolean isFinal,
            List<String> senders) {}

    /** An open log. Used by one task. */
    final class Writer implements AutoCloseable {
        private final long number;
        private final Disk.File file;
        private long end;

        private Writer(long number, Disk.File file) {
            this.number = number;
            this.file = file;
        }

        long number() {
            return number;
        }

        /** Makes moves last. */
        void append(List<Move> moves) throws IOException {
            if (!moves.isEmpty()) {
                write(moves.stream().map(move -> line(move.fields())).collect(Collectors.joining()));
            }
        }

        void ended(String state, long done) throws IOException {
            write(line(List.of("end", state, String.valueOf(done))));
        }

        private void write(String lines) throws IOException {
            byte[] octets = lines.getBytes(StandardCharsets.UTF_8);
            file.write(end, ByteBuffer.wrap(octets));
            end += octets.length;
            file.force();
        }

        @Override
        public void close() throws IOException {
            isRunning(number, false);
            file.close();
        }
    }

    Writer begin(Header header) throws IOException {
        StateFile.makeDirectory(world.disk(), directory);
        long number = header.number();
        isRunning(number, true);
        Writer writer = null;
        try {
            writer = new Writer(number, world.disk().create(file(number)));
            begin(writer, header);
            return writer;
        } catch (IOException e) {
            isRunning(number, false);
            if (writer != null) {
                writer.file.close();
            }
            throw e;
        }
    }

    private void begin(Writer writer, Header header) throws IOException {
        List<String> fields = new ArrayList<>(List.of(
                "operation",
                String.valueOf(header.at().toEpochMilli()),
                header.by(),
                header.command(),
                header.what(),
                String.valueOf(header.undoUntil().toEpochMilli()),
                header.isFinal() ? FINAL : ""));
        fields.addAll(header.senders());
        writer.write(line(fields));
        world.disk().forceDirectory(directory);
    }

    private void isRunning(long number, boolean is) {
        synchronized (running) {
            running.put(number, is);
        }
    }

    private boolean isRunning(long number) {
        synchronized (running) {
            return running.getOrDefault(number, false);
        }
    }

    /** A number that no operation has had; never one of a log that is still there. */
    long nextNumber() throws IOException {
        long last = 0;
        for (long number : numbers()) {
            last = Math.max(last, number);
        }
        synchronized (running) {
            return Math.max(last, running.isEmpty() ? 0 : running.lastKey()) + 1;
        }
    }

    /** All whose time to be undone is not over, oldest first; the logs of the others are deleted. Several tasks may ask at once. */
    List<Operation> all() throws IOException {
        Instant now = world.clock().now();
        List<Operation> all = new ArrayList<>();
        for (long number : numbers()) {
            boolean busy = isRunning(number); // before the look: what ends within it is not taken for a torn one
            try {
                Optional<Operation> one = look(number);
                if (!busy && (one.isEmpty() || one.get().undoUntil().isBefore(now))) {
                    world.disk().delete(file(number));
                } else {
                    one.ifPresent(all::add);
                }
            } catch (NoSuchFileException e) {
                // another task was first to delete it
            }
        }
        return all;
    }

    /** Notes on a log that has ended that it was taken back; on one whose time is over meanwhile there is nothing to note. */
    void undone(long number, long by) throws IOException {
        try {
            append(number, line(List.of("undone", String.valueOf(by))));
        } catch (NoSuchFileException e) {
            // nothing reads it any more
        }
    }

    private void append(long number, String last) throws IOException {
        try (Disk.File file = world.disk().openWrite(file(number))) {
            byte[] line = ("\n" + last).getBytes(StandardCharsets.UTF_8);
            file.write(file.size(), ByteBuffer.wrap(line));
            file.force();
        }
    }

    /** Gives the moves of a log in order until {@code sink} says no. */
    void moves(long number, Predicate<Move> sink) throws IOException {
        try (Disk.File file = world.disk().openRead(file(number))) {
            lines(file, 0, fields -> Move.parse(fields).map(sink::test).orElse(true));
        } catch (NoSuchFileException e) {
            throw new IOException("the time to undo operation " + number + " is over", e);
        }
    }

    /** The first line and the last ones tell all that a list shows. */
    private Optional<Operation> look(long number) throws IOException {
        try (Disk.File file = world.disk().openRead(file(number))) {
            List<List<String>> first = new ArrayList<>();
            lines(file, 0, fields -> {
                first.add(fields);
                return false;
            });
            if (first.isEmpty() || first.getFirst().size() < 6) {
                return Optional.empty();
            }
            String[] end = {ended(number), "0", "0"};
            lines(file, Math.max(0, file.size() - TAIL), fields -> {
                switch (fields.getFirst()) {
                    case "end" -> {
                        end[0] = fields.get(1);
                        end[1] = fields.get(2);
                    }
                    case "undone" -> end[2] = fields.get(1);
                    default -> {}
                }
                return true;
            });
            List<String> head = first.getFirst();
            return Optional.of(new Operation(
                    number,
                    Instant.ofEpochMilli(Long.parseLong(head.get(1))),
                    head.get(2),
                    head.get(3),
                    head.get(4),
                    Instant.ofEpochMilli(Long.parseLong(head.get(5))),
                    end[0],
                    Long.parseLong(end[1]),
                    Long.parseLong(end[2]),
                    head.size() > 6 && head.get(6).equals(FINAL),
                    head.subList(Math.min(7, head.size()), head.size())));
        }
    }

    private String ended(long number) {
        return isRunning(number) ? "running" : "broken-off";
    }

    /** Lines with a right checksum from {@code position} on; the others are passed over. */
    private static void lines(Disk.File file, long position, Predicate<List<String>> sink) throws IOException {
        StringBuilder rest = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(READ);
        for (long at = position; ; ) {
            int count = file.read(buffer.clear(), at);
            if (count <= 0) {
                return;
            }
            at += count;
            rest.append(
                    new String(buffer.array(), 0, count, StandardCharsets.US_ASCII)); // escaped, so no letter is cut
            int start = 0;
            for (int end = rest.indexOf("\n", start); end >= 0; end = rest.indexOf("\n", start)) {
                Optional<List<String>> fields = read(rest.substring(start, end));
                start = end + 1;
                if (fields.isPresent() && !sink.test(fields.get())) {
                    return;
                }
            }
            rest.delete(0, start);
        }
    }

    /** A line with its checksum and its end. */
    static String line(List<String> fields) {
        String text = fields.stream()
                .map(f -> f.isEmpty() ? "-" : Mark.escape(f.equals("-") ? "%" : f))
                .collect(Collectors.joining(" "));
        return checksum(text) + " " + text + "\n";
    }

    /** The fields of a line without its end; empty when its checksum is wrong. */
    static Optional<List<String>> read(String line) {
        int space = line.indexOf(' ');
        if (space < 0 || !checksum(line.substring(space + 1)).equals(line.substring(0, space))) {
            return Optional.empty();
        }
        List<String> fields = new ArrayList<>();
        for (String field : line.substring(space + 1).split(" ", -1)) {
            fields.add(field.equals("-") ? "" : Mark.unescape(field));
        }
        return Optional.of(fields);
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(0x1_0000_0000L | crc.getValue()).substring(1);
    }

    private List<Long> numbers() throws IOException {
        if (!world.disk().exists(directory)) {
            return List.of();
        }
        List<Long> numbers = new ArrayList<>();
        for (String name : world.disk().list(directory)) {
            if (name.matches("[0-9]{1,18}\\.operation")) {
                numbers.add(Long.valueOf(name.substring(0, name.length() - END.length())));
            }
        }
        return numbers.stream().sorted().toList();
    }

    private Path file(long number) {
        return directory.resolve(number + END);
    }
}
