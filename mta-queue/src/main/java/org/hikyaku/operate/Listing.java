package org.hikyaku.operate;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Looks at messages in order of arrival, and gives those that are chosen. Changes nothing, and holds no page longer than it is looked at.
 *
 * <p><i>Failure:</i> a message that cannot be read, or was named and is not there, is told to the watcher; the others go on.
 */
final class Listing {
    private static final int PAGE = 1_000;
    private static final int TICK = 200;

    private final World world;
    private final QueueAdmin queue;

    Listing(World world, QueueAdmin queue) {
        this.world = world;
        this.queue = queue;
    }

    /** Gives the messages that match. @return how many were looked at */
    long list(Choice choice, Watcher watcher) {
        return switch (choice) {
            case Choice.Ids(List<SpoolId> ids) -> {
                for (SpoolId id : ids) {
                    look(id, null, watcher);
                }
                yield ids.size();
            }
            case Choice.By(Query query) -> list(query, watcher);
            case Choice.Taken(long operation) -> list(Query.all(), taken(operation, watcher));
        };
    }

    private static Watcher taken(long operation, Watcher watcher) {
        return new Watcher() {
            @Override
            public void match(QueueAdmin.Row row, List<Integer> places) {
                if (Planner.isTaken(row.message().held(), operation)) {
                    watcher.match(row, places);
                }
            }

            @Override
            public void left(SpoolId id, String why) {
                watcher.left(id, why);
            }

            @Override
            public void progress(long looked, long done) {
                watcher.progress(looked, done);
            }
        };
    }

    private long list(Query query, Watcher watcher) {
        long looked = 0;
        for (List<SpoolId> page = queue.ids(null, PAGE); !page.isEmpty(); page = queue.ids(page.getLast(), PAGE)) {
            for (SpoolId id : page) {
                look(id, query, watcher);
                if (++looked % TICK == 0) {
                    watcher.progress(looked, 0);
                }
            }
        }
        return looked;
    }

    /** @param query null when the message was named */
    private void look(SpoolId id, @Nullable Query query, Watcher watcher) {
        try {
            Optional<QueueAdmin.Row> row = queue.show(id);
            if (row.isEmpty()) {
                if (query == null) {
                    watcher.left(id, "no such message in the queue");
                }
                return;
            }
            List<Facts> facts = Facts.of(
                    row.get().message(), row.get().delivering(), world.clock().now());
            List<Integer> places =
                    query == null ? facts.stream().map(Facts::place).toList() : query.places(facts);
            if (!places.isEmpty()) {
                watcher.match(row.get(), places);
            }
        } catch (IOException e) {
            watcher.left(id, "cannot be read: " + e.getMessage());
        }
    }
}
