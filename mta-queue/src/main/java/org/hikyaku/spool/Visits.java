package org.hikyaku.spool;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Tells of the messages of former runs while new ones are taken: reads them in the background, a page ahead, in order of id;
 * the committer tells a page between two batches. So a visit shows all that was stored before it, and what is stored later
 * is told later; each message is visited once, one finished before not at all (docs/spool.md, Visits).
 *
 * <p><i>Failure:</i> a message that the disk does not give is tried again every minute; one that is damaged
 * is an event, and is told as held, without its envelope.
 */
final class Visits {
    private static final int PAGE = 256;
    private static final int UNREAD_MAX = 1_000;
    private static final Duration UNREAD_AGAIN = Duration.ofMinutes(1);

    private final World world;
    private final Index index;
    private final MessageReader reader;
    private final long firstId;
    private final RecoveryVisitor visitor;
    private final Outside outside;
    private final ArrayList<Long> unread = new ArrayList<>();
    private volatile @Nullable Page page;
    private volatile int left;

    /** What the spool does for it. */
    interface Outside {
        /** The bodies' way, once somebody asks. */
        Content content(long id) throws IOException;

        void damaged(long id, IndexEntry entry, IOException why);

        /** Wakes the committer. */
        void ring();
    }

    /** @param firstId those of this run are not below it */
    Visits(World world, Index index, MessageReader reader, long firstId, RecoveryVisitor visitor, Outside outside) {
        this.world = world;
        this.index = index;
        this.reader = reader;
        this.firstId = firstId;
        this.visitor = visitor;
        this.outside = outside;
        this.left = index.size();
    }

    private record Read(Index.Row row, StoredMessage message) {}

    /** Messages read, to be told by the committer, who gives back those that changed meanwhile. */
    private record Page(List<Read> messages, Tasks.Promise<List<Long>> changed) {}

    /** How many messages may still come. */
    int left() {
        return left;
    }

    /** The body of the visiting task. */
    void run() {
        Long after = null;
        while (true) {
            List<Index.Row> rows = index.rows(after, PAGE);
            rows.removeIf(row -> Long.compareUnsigned(row.id(), firstId) >= 0);
            if (rows.isEmpty()) {
                break;
            }
            visit(rows);
            after = rows.getLast().id();
            if (unread.size() >= UNREAD_MAX) {
                again();
            }
        }
        while (!unread.isEmpty()) {
            again();
        }
        left = 0;
    }

    private void again() {
        left = Math.max(left, unread.size());
        world.tasks().sleep(UNREAD_AGAIN);
        List<Long> ids = List.copyOf(unread);
        unread.clear();
        visit(rows(ids));
    }

    private List<Index.Row> rows(List<Long> ids) {
        ArrayList<Index.Row> rows = new ArrayList<>(ids.size());
        for (long id : ids) {
            IndexEntry entry = index.get(id);
            if (entry != null) {
                rows.add(new Index.Row(id, entry));
            }
        }
        return rows;
    }

    private void visit(List<Index.Row> rows) {
        List<Index.Row> rest = rows;
        while (!rest.isEmpty()) {
            ReadAhead ahead = reader.ahead(rest);
            ArrayList<Read> messages = new ArrayList<>(rest.size());
            ArrayList<Long> changed = new ArrayList<>();
            for (Index.Row row : rest) {
                read(row, ahead, messages, changed);
            }
            if (!messages.isEmpty()) {
                Page now = new Page(messages, world.tasks().promise());
                page = now;
                outside.ring();
                changed.addAll(now.changed().await());
            }
            rest = rows(changed);
        }
        left = Math.max(unread.size(), left - rows.size());
    }

    private void read(Index.Row row, ReadAhead ahead, List<Read> messages, List<Long> changed) {
        try {
            StoredMessage message = reader.peek(row.id(), row.entry(), () -> outside.content(row.id()), ahead);
            messages.add(new Read(row, row.entry().isDamaged() ? lost(message) : message));
        } catch (IOException e) {
            if (!row.entry().equals(index.get(row.id()))) {
                changed.add(row.id()); // moved or finished meanwhile
                return;
            }
            outside.damaged(row.id(), row.entry(), e);
            if (e instanceof Damaged damaged) {
                messages.add(new Read(row, JournalSpool.unreadable(new SpoolId(row.id()), damaged)));
            } else {
                unread.add(row.id());
            }
        }
    }

    private static StoredMessage lost(StoredMessage message) {
        return new StoredMessage(
                message.id(),
                message.arrival(),
                message.envelope(),
                message.origin(),
                message.states(),
                "damaged: its body is lost",
                message.content());
    }

    /** Tells what was read, if it is still so. The committer's, when no batch is begun. */
    void tell() {
        Page now = page;
        if (now == null) {
            return;
        }
        page = null;
        ArrayList<Long> changed = new ArrayList<>(0);
        for (Read each : now.messages()) {
            IndexEntry entry = index.get(each.row().id());
            if (each.row().entry().equals(entry)) {
                visitor.message(each.message());
            } else if (entry != null) {
                changed.add(each.row().id());
            }
        }
        now.changed().complete(changed);
    }
}
