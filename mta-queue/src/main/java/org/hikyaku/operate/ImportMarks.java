package org.hikyaku.operate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.queue.QueueAdmin.Answer;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * The messages that imports have stored and marked, found by the key in their mark. For one task.
 *
 * <p><i>Failure:</i> one that cannot be read is no hindrance for the others; what the spool refuses ends a walk.
 */
final class ImportMarks {
    private static final int PAGE = 1_000;
    private static final int CHUNK = 100;

    private final World world;
    private final QueueAdmin queue;
    private final Tasks.Permits turn;

    ImportMarks(World world, QueueAdmin queue, Tasks.Permits turn) {
        this.world = world;
        this.queue = queue;
        this.turn = turn;
    }

    /** A step on a marked message, told on the committer's thread. */
    interface Step {
        void take(StoredMessage message, Tasks.Promise<Answer> told);
    }

    /** Gives the key of each marked message. */
    void keys(Consumer<Key> found) {
        for (List<SpoolId> page = queue.ids(null, PAGE); !page.isEmpty(); page = queue.ids(page.getLast(), PAGE)) {
            for (SpoolId id : page) {
                look(id).flatMap(ImportMarks::key).ifPresent(found);
            }
        }
    }

    /** Has {@code step} done on each message whose mark has such a key, and waits until all is stored. */
    void each(Predicate<Key> which, Step step) throws IOException {
        for (List<SpoolId> page = queue.ids(null, CHUNK); !page.isEmpty(); page = queue.ids(page.getLast(), CHUNK)) {
            chunk(page, which, step);
        }
    }

    /** Between an operator's look at a message and his change of it nothing of this comes. */
    private void chunk(List<SpoolId> ids, Predicate<Key> which, Step step) throws IOException {
        List<Tasks.Promise<Answer>> told = new ArrayList<>();
        turn.acquire();
        try {
            for (SpoolId id : ids) {
                Optional<StoredMessage> message = look(id);
                if (message.flatMap(ImportMarks::key).filter(which).isPresent()) {
                    Tasks.Promise<Answer> promise = world.tasks().promise();
                    told.add(promise);
                    step.take(message.get(), promise);
                }
            }
            for (Tasks.Promise<Answer> each : told) {
                if (each.await() instanceof Answer.StorageFailed(String why)) {
                    throw new IOException("the spool failed: " + why);
                }
            }
        } finally {
            turn.release();
        }
    }

    /** The message as it is now; empty when it is finished or cannot be read. */
    Optional<StoredMessage> look(SpoolId id) {
        try {
            return queue.show(id).map(QueueAdmin.Row::message);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<Key> key(StoredMessage message) {
        return Mark.parse(message.held()).flatMap(Mark::key);
    }
}
