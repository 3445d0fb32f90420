package org.hikyaku.powercut;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.hikyaku.mail.SpoolId;

/**
 * Writes images to a directory, has the spool open them, and judges; counts what was seen. The directory lies in memory
 * where there is such a thing: what is opened here is content, not durability.
 */
final class Laboratory implements AutoCloseable {
    private static final String SPOOL = "data/spool";
    private static final Path MEMORY = Path.of("/dev/shm");

    private final Recording recording;
    private final Judge judge;
    private final Path place;
    private final Map<String, Integer> states = new TreeMap<>();
    private final Map<String, Integer> losses = new TreeMap<>();
    private final Map<String, Integer> kinds = new TreeMap<>();
    private int images;
    private long messages;

    Laboratory(Recording recording, Ledger ledger) throws IOException {
        this.recording = recording;
        this.judge = new Judge(recording, ledger);
        this.place = Files.isWritable(MEMORY)
                ? Files.createTempDirectory(MEMORY, "powercut")
                : Files.createTempDirectory("powercut");
    }

    /** What is lost when nothing but what was forced is left at {@code cut}. */
    List<String> judge(List<Op> ops, int cut) throws IOException {
        PowerModel model = new PowerModel(ops);
        model.advance(cut);
        return judged(model, model.image(Loss.nothingMore(), new Random(0)));
    }

    /** Draws one image of what {@code model} may leave now; what is wrong with it, with all that is needed to look closer. */
    Optional<String> open(PowerModel model, Loss loss, Random chance, String kind) throws IOException {
        images++;
        losses.merge(loss.kind(), 1, Integer::sum);
        kinds.merge(kind, 1, Integer::sum);
        List<String> problems = judged(model, model.image(loss, chance));
        return problems.isEmpty()
                ? Optional.empty()
                : Optional.of("cut before line " + model.cut() + " (" + kind + "), " + loss + ": " + problems);
    }

    private List<String> judged(PowerModel model, Image image) throws IOException {
        Recorder.clear(place);
        image.write(place, SPOOL);
        try {
            Opened opened = Opened.of(place.resolve(SPOOL));
            messages += opened.messages().size();
            opened.states().forEach(state -> states.merge(state, 1, Integer::sum));
            List<String> problems = judge.problems(model.cut(), image, opened);
            if (problems.isEmpty() && images % 4 == 0) {
                // the recovery's own work must not change what is there
                Opened again = Opened.of(place.resolve(SPOOL));
                if (!again.messages().equals(opened.messages())) {
                    return List.of("opened again it holds something else");
                }
            }
            return problems;
        } catch (IOException e) {
            return List.of("it cannot be opened: " + e);
        }
    }

    int images() {
        return images;
    }

    /** Found in all images. */
    long messages() {
        return messages;
    }

    int promises() {
        return judge.promises().size();
    }

    String summary() {
        Map<String, Integer> calls = new TreeMap<>();
        recording.ops().forEach(op -> calls.merge(op.getClass().getSimpleName(), 1, Integer::sum));
        Map<String, Integer> headers = new TreeMap<>();
        for (Op.Write write : journal()) {
            if (write.offset() == 0 && write.octets()[0] == 'H') {
                headers.merge(write.path(), 1, Integer::sum);
            }
        }
        int begun = headers.values().stream().mapToInt(Integer::intValue).sum();
        return recording.lines() + " lines, " + calls + ", " + begun + " segments begun in " + headers.size()
                + " files, " + copied() + " messages copied by compaction";
    }

    private List<Op.Write> journal() {
        return recording.ops().stream()
                .filter(Op.Write.class::isInstance)
                .map(Op.Write.class::cast)
                .filter(write -> write.path().startsWith(Mutilation.JOURNAL + "/"))
                .toList();
    }

    /** Promised letters whose entry MESSAGE (docs/spool.md) was written more than once. */
    private long copied() {
        List<String> written = journal().stream()
                .map(write -> new String(write.octets(), StandardCharsets.ISO_8859_1))
                .toList();
        return recording.ops().stream()
                .filter(Op.Promise.class::isInstance)
                .map(op -> SpoolId.parse(((Op.Promise) op).id()).orElseThrow().value())
                .map(id -> new String(
                        ByteBuffer.allocate(9).put((byte) 1).putLong(id).array(), StandardCharsets.ISO_8859_1))
                .filter(entry -> written.stream()
                                .filter(octets -> octets.contains(entry))
                                .count()
                        > 1)
                .count();
    }

    String tally() {
        return images + " images, " + messages + " messages found in them; crash states " + states + "; losses "
                + losses + "; cuts " + kinds;
    }

    @Override
    public void close() throws IOException {
        Recorder.clear(place);
    }
}
