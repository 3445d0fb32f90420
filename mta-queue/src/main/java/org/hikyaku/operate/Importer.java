package org.hikyaku.operate;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.queue.QueueAdmin.Answer;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Takes messages of another queue, all or none (docs/queue-export.md, Import). Each is stored with a mark that holds it;
 * when the last has come, their keys are forced to the log of imports; only then the marks are ended. So what is
 * delivered is in the log, and what is neither in the log nor marked was not taken. For one task.
 *
 * <p><i>Failure:</i> until the log is written, {@link #close} removes what was taken. After a crash the marks are still there: the
 * same import, begun again, goes on.
 */
public final class Importer implements AutoCloseable {
    private static final int CHUNK = 100;

    private final Parts parts;
    private final String by;
    private final boolean dry;
    private final Watcher watcher;
    private final ImportMarks marks;
    private final KeySet before;
    private final KeySet found = new KeySet();
    private final KeySet seen = new KeySet();
    private final KeySet fresh = new KeySet();
    private final List<Change.Entry.Accept> chunk = new ArrayList<>();
    private @Nullable Given current;
    private @Nullable Key key;
    private @Nullable Draft draft;
    /** The log may have it: nothing is dropped any more. */
    private boolean kept;

    private long taken;
    private long skipped;
    private long refused;

    /** What it works with. */
    record Parts(
            World world,
            QueueAdmin queue,
            ImportLog log,
            Tasks.Permits turn,
            Tasks.Permits importing,
            Freezes freezes,
            Housekeeper housekeeper) {}

    /**
     * A message of another queue.
     *
     * @param id what it was there
     * @param size octets of header and body
     * @param held as in the spool there
     */
    public record Given(
            SpoolId id,
            long size,
            Instant arrival,
            Envelope envelope,
            Origin origin,
            List<RecipientState> states,
            String held) {
        public Given {
            states = List.copyOf(states);
        }
    }

    /**
     * What came of it.
     *
     * @param taken of a dry run: that would be
     * @param skipped because they are here or were before
     * @param released that may be delivered from now on, or are held for a reason of their own
     * @param waiting that an import that broke off has left, and this one did not have
     */
    public record Outcome(long taken, long skipped, long refused, long released, long waiting) {}

    /** It failed so late that what was taken stays, held; the same import again finishes it. */
    public static final class Unfinished extends IOException {
        private static final long serialVersionUID = 1;

        Unfinished(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private Importer(Parts parts, String by, boolean dry, Watcher watcher, KeySet before) {
        this.parts = parts;
        this.by = by;
        this.dry = dry;
        this.watcher = watcher;
        this.marks = new ImportMarks(parts.world, parts.queue, parts.turn);
        this.before = before;
    }

    static Importer begin(Parts parts, String by, boolean dry, Watcher watcher) throws IOException {
        if (!parts.importing.tryAcquire()) {
            throw new IOException("another import is under way");
        }
        try {
            Importer importer = new Importer(parts, by, dry, watcher, parts.log.load());
            importer.marks.keys(importer.found::add); // which an import that broke off has left here
            return importer;
        } catch (IOException | RuntimeException e) {
            parts.importing.release();
            throw e;
        }
    }

    /** Begins a message; false when it is not taken, which the watcher hears, and its octets are not wanted. */
    public boolean message(Given given) throws IOException {
        Key of = Key.of(given.id, given.arrival.toEpochMilli(), given.size, given.envelope.sender());
        Optional<String> obstacle = obstacle(given, of);
        if (obstacle.isPresent()) {
            skipped++;
            watcher.left(given.id, obstacle.get());
            return false;
        }
        seen.add(of);
        if (found.contains(of) || dry) {
            taken++; // by the import that broke off
            return false;
        }
        if (!parts.queue.hasRoom(given.size)) {
            throw new IOException("no room on the disk for message " + given.id + " of " + given.size + " octets");
        }
        current = given;
        key = of;
        draft = parts.queue.draft();
        return true;
    }

    private Optional<String> obstacle(Given given, Key of) {
        if (before.contains(of)) {
            return Optional.of("skipped: it was imported before");
        }
        if (seen.contains(of)) {
            return Optional.of("skipped: it is in the archive twice");
        }
        boolean here = marks.look(given.id)
                .filter(m -> m.arrival().toEpochMilli() == given.arrival.toEpochMilli()
                        && m.envelope().sender().equals(given.envelope.sender())
                        && m.content().size() == given.size)
                .isPresent();
        return here ? Optional.of("skipped: this queue has it, or its trash") : Optional.empty();
    }

    /** Notes a message that makes no sense and is not taken; the others may. */
    public void refuse(SpoolId id, String why) {
        refused++;
        watcher.left(id, "refused: " + why);
    }

    /** More octets of the message begun. */
    public void data(byte[] octets) throws IOException {
        Draft to = draft;
        if (to == null || current == null || to.size() + octets.length > current.size) {
            throw new IOException("more octets than the message has");
        }
        if (!to.append(octets, 0, octets.length)) {
            store(); // what waits here takes of the same memory
            Tasks.Promise<Boolean> relief = parts.world.tasks().promise();
            to.onRelief(() -> relief.complete(true));
            relief.await();
        }
    }

    /** The message begun is complete. */
    public void whole() throws IOException {
        Given given = current;
        Draft to = draft;
        if (given == null || to == null || key == null || to.size() != given.size) {
            throw new IOException("fewer octets than the message has");
        }
        chunk.add(new Change.Entry.Accept(
                to,
                new byte[0],
                given.envelope,
                given.origin,
                given.arrival,
                given.states,
                Mark.imported(key, by, Mark.fromElsewhere(given.held)).held()));
        fresh.add(key);
        current = null;
        draft = null;
        taken++;
        if (chunk.size() == CHUNK) {
            store();
        }
    }

    private void store() throws IOException {
        if (chunk.isEmpty()) {
            return;
        }
        Tasks.Promise<Answer> told = parts.world.tasks().promise();
        parts.queue.accept(List.copyOf(chunk), told::complete);
        chunk.clear();
        if (told.await() instanceof Answer.StorageFailed(String why)) {
            throw new IOException("the spool failed: " + why);
        }
        watcher.progress(seen.size(), taken);
    }

    /** All have come: makes the import last, and lets the messages go. */
    public Outcome end() throws IOException {
        if (draft != null) {
            throw new IOException("a message is not complete");
        }
        if (dry) {
            return new Outcome(taken, skipped, refused, 0, waiting());
        }
        store();
        kept = true;
        try {
            if (seen.size() > 0) {
                parts.log.append(seen);
            }
            return new Outcome(taken, skipped, refused, release(), waiting());
        } catch (IOException e) {
            throw new Unfinished(e);
        }
    }

    private long waiting() throws IOException {
        long[] count = new long[1];
        found.each(of -> count[0] += seen.contains(of) || before.contains(of) ? 0 : 1);
        return count[0];
    }

    /** Ends marks of messages that are in the log, those of imports before too. */
    private long release() throws IOException {
        long[] released = new long[1];
        marks.each(of -> seen.contains(of) || before.contains(of), (message, told) -> {
            String former = Mark.parse(message.held()).orElseThrow().former();
            String to = former.isEmpty() ? parts.freezes.hold(message.envelope().sender(), message.origin()) : former;
            parts.queue.hold(message.id(), to, answer -> {
                parts.housekeeper.note(message.id(), to);
                told.complete(answer);
            });
            released[0]++;
        });
        return released[0];
    }

    /** Drops what was taken, unless {@link #end} came as far as the log; another import may begin. */
    @Override
    public void close() throws IOException {
        try {
            if (draft != null) {
                draft.abort();
            }
            chunk.forEach(accept -> accept.draft().abort());
            if (!kept && fresh.size() > 0) {
                marks.each(fresh::contains, (message, told) -> parts.queue.remove(message.id(), by, told::complete));
            }
        } finally {
            parts.importing.release();
        }
    }
}
