package org.hikyaku.queue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * Messages on their way to disk. Whether one is held is decided when it sets out; so who changes what would be decided waits until
 * those have arrived that set out before, and then finds them all in the spool. Safe from any task or loop.
 *
 * <p><i>Failure:</i> what never arrives lets {@link #awaitAll} say so after its time.
 */
final class Underway {
    private final World world;
    // guarded by this; no call of the World is made while it is held
    private final LinkedHashSet<Long> open = new LinkedHashSet<>();
    private final List<Waiter> waiters = new ArrayList<>(0);
    private long last;

    /** Waits for those up to {@code number}. */
    private record Waiter(long number, Tasks.Promise<Boolean> turn) {}

    Underway(World world) {
        this.world = world;
    }

    /** One sets out; to be called before it is decided what becomes of it. @return its number, for {@link #arrived} */
    synchronized long setsOut() {
        open.add(++last);
        return last;
    }

    /** It is stored and in the queue, or never will be. */
    void arrived(long number) {
        for (Waiter each : served(number)) {
            each.turn.complete(true);
        }
    }

    private synchronized List<Waiter> served(long number) {
        open.remove(number);
        if (waiters.isEmpty()) {
            return List.of();
        }
        long first = open.isEmpty() ? Long.MAX_VALUE : open.getFirst();
        List<Waiter> served =
                waiters.stream().filter(waiter -> waiter.number < first).toList();
        waiters.removeAll(served);
        return served;
    }

    /** Waits for all that have set out by now; false when some were still on their way after {@code limit}. */
    boolean awaitAll(Duration limit) {
        Waiter waiter;
        Tasks.Promise<Boolean> turn = world.tasks().promise();
        synchronized (this) {
            if (open.isEmpty()) {
                return true;
            }
            waiter = new Waiter(last, turn);
            waiters.add(waiter);
        }
        try {
            return turn.await(limit).isPresent();
        } finally {
            synchronized (this) {
                waiters.remove(waiter);
            }
        }
    }
}
