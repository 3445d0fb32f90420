package org.hikyaku.operate;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.queue.QueueAdmin.Answer;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * Does what falls due: empties the trash and sends operators' bounces. When the disk is down to its reserve the trash
 * goes at once, the oldest first. Sleeps while nothing is marked.
 *
 * <p><i>Failure:</i> what cannot be stored or read now is tried again a minute later; the marks are in the spool, so nothing is
 * forgotten by a crash.
 */
final class Housekeeper {
    private static final Duration LOOK = Duration.ofMinutes(1);
    private static final Duration BUSY = Duration.ofSeconds(10);
    private static final int CHUNK = 200;
    /** RFC 3463 3.1 X.0.0: why is for the operator's text to say. */
    private static final String STATUS = "5.0.0";

    private final World world;
    private final QueueAdmin queue;
    private final Freezes freezes;
    private final Tasks.Permits turn;
    private final Loop loop;
    // guarded by this; no call of the World is made while it is held
    private final TreeSet<Due> trash = new TreeSet<>(Due.ORDER);
    private final TreeSet<Due> bounces = new TreeSet<>(Due.ORDER);
    private long armed = Long.MAX_VALUE;
    private boolean running;
    private volatile boolean closed;

    /** A marked message. */
    private record Due(long at, long id) {
        static final Comparator<Due> ORDER =
                Comparator.comparingLong(Due::at).thenComparing(Due::id, Long::compareUnsigned);
    }

    Housekeeper(World world, QueueAdmin queue, Freezes freezes, Tasks.Permits turn) {
        this.world = world;
        this.queue = queue;
        this.freezes = freezes;
        this.turn = turn;
        this.loop = world.net().loop();
    }

    /** Notes a mark that takes effect some day; others mean nothing here. */
    void note(SpoolId id, String held) {
        Mark mark = Mark.parse(held).orElse(null);
        Instant until = mark == null ? null : mark.until();
        if (mark != null && until != null) {
            add(id, mark.kind(), until);
        }
    }

    private void add(SpoolId id, Mark.Kind kind, Instant until) {
        synchronized (this) {
            (kind == Mark.Kind.TRASH ? trash : bounces).add(new Due(until.toEpochMilli(), id.value()));
        }
        arm();
    }

    void close() {
        closed = true;
    }

    /** Has the task run when the next falls due, and each minute while there is trash. */
    private void arm() {
        long now = world.clock().now().toEpochMilli();
        long wake;
        synchronized (this) {
            wake = Math.min(
                    trash.isEmpty() ? Long.MAX_VALUE : Math.min(trash.first().at, now + LOOK.toMillis()),
                    bounces.isEmpty() ? Long.MAX_VALUE : bounces.first().at);
            if (running || closed || wake >= armed) {
                return;
            }
            armed = wake;
        }
        loop.schedule(Duration.ofMillis(Math.clamp(wake - now, 1, LOOK.toMillis())), () -> {
            synchronized (this) {
                armed = Long.MAX_VALUE;
                if (running || closed) {
                    return;
                }
                running = true;
            }
            world.tasks().start("queue housekeeping", this::run);
        });
    }

    private void run() {
        try {
            empty(CHUNK, true, "its time is over");
            bounce();
            if (!queue.hasRoom()) {
                empty(CHUNK * 5, false, "the disk is down to its reserve");
            }
        } finally {
            synchronized (this) {
                running = false;
            }
            arm();
        }
    }

    /** Takes the first of a set out of it. */
    private List<Due> take(NavigableSet<Due> from, int most, boolean dueOnly) {
        long now = world.clock().now().toEpochMilli();
        List<Due> some = new ArrayList<>();
        synchronized (this) {
            while (some.size() < most && !from.isEmpty() && (!dueOnly || from.first().at <= now)) {
                some.add(from.pollFirst());
            }
        }
        return some;
    }

    private void empty(int most, boolean dueOnly, String why) {
        int count = 0;
        for (List<Due> some = take(trash, most, dueOnly);
                !some.isEmpty() && !closed;
                some = dueOnly ? take(trash, most, true) : List.of()) {
            List<Tasks.Promise<Answer>> told = new ArrayList<>();
            turn.acquire();
            try {
                for (Due due : some) {
                    purge(due, told);
                }
                count += (int) told.stream()
                        .filter(t -> t.await() instanceof Answer.Done)
                        .count();
            } finally {
                turn.release();
            }
        }
        if (count > 0) {
            world.events().emit(Event.TRASH_EMPTIED, count, why);
        }
    }

    private void purge(Due due, List<Tasks.Promise<Answer>> told) {
        SpoolId id = new SpoolId(due.id);
        Optional<Mark> mark = markOf(id, due, trash);
        if (mark.filter(m -> m.kind() == Mark.Kind.TRASH && isThat(m, due)).isEmpty()) {
            return;
        }
        Tasks.Promise<Answer> promise = world.tasks().promise();
        told.add(promise);
        queue.remove(id, mark.get().by(), answer -> {
            if (answer instanceof Answer.StorageFailed) {
                later(trash, due, LOOK);
            }
            promise.complete(answer);
        });
    }

    /** A mark that was set anew meanwhile has an entry of its own. */
    private static boolean isThat(Mark mark, Due due) {
        Instant until = mark.until();
        return until != null && until.toEpochMilli() == due.at;
    }

    private void bounce() {
        for (List<Due> some = take(bounces, CHUNK, true);
                !some.isEmpty() && !closed;
                some = take(bounces, CHUNK, true)) {
            for (Due due : some) {
                turn.acquire();
                try {
                    bounce(due);
                } finally {
                    turn.release();
                }
            }
        }
    }

    private void bounce(Due due) {
        SpoolId id = new SpoolId(due.id);
        Optional<Mark> mark = markOf(id, due, bounces);
        if (mark.filter(m -> m.kind() == Mark.Kind.BOUNCE && isThat(m, due)).isEmpty()) {
            return;
        }
        if (!queue.seize(id)) {
            later(bounces, due, BUSY);
            return;
        }
        try {
            Optional<StoredMessage> message = queue.show(id).map(QueueAdmin.Row::message);
            if (message.isPresent() && !isGiven(message.get(), mark.get())) {
                later(bounces, due, LOOK);
            }
        } catch (IOException e) {
            later(bounces, due, LOOK);
        } finally {
            queue.resume(id);
        }
    }

    /** The others fall back to the hold that was there before; without one, to that of a sender who is frozen now. */
    private boolean isGiven(StoredMessage message, Mark mark) {
        String rest = freezes.holdAfter(mark.before(), message.envelope().sender(), message.origin());
        boolean given = give(queue, world, message, mark.places(), mark.text(), rest) instanceof Answer.Done;
        int pending = pending(message, List.of()).size();
        if (given && !rest.isEmpty() && pending(message, mark.places()).size() < pending) {
            world.events().emit(Event.MESSAGE_HELD, message.id(), rest);
        }
        return given;
    }

    /**
     * Gives up those of {@code places} (empty: all) that are pending, of a message that was seized.
     *
     * @param rest the hold of the others from then on
     */
    static Answer give(
            QueueAdmin queue, World world, StoredMessage message, List<Integer> places, String text, String rest) {
        List<Integer> pending = pending(message, places);
        Tasks.Promise<Answer> told = world.tasks().promise();
        if (pending.isEmpty()) {
            queue.hold(message.id(), rest, told::complete);
        } else {
            queue.fail(message, pending, Diagnosis.ours(STATUS, text), rest, told::complete);
        }
        return told.await();
    }

    /** Those of {@code places} (empty: all) that are not finished. */
    static List<Integer> pending(StoredMessage message, List<Integer> places) {
        List<Integer> pending = new ArrayList<>();
        for (int place = 0; place < message.states().size(); place++) {
            if (!message.states().get(place).status().isFinished() && (places.isEmpty() || places.contains(place))) {
                pending.add(place);
            }
        }
        return pending;
    }

    private Optional<Mark> markOf(SpoolId id, Due due, Set<Due> from) {
        try {
            return queue.show(id).flatMap(row -> Mark.parse(row.message().held()));
        } catch (IOException e) {
            later(from, due, LOOK);
            return Optional.empty();
        }
    }

    /** Tried again: under the time that the mark says, but the next look is not before {@code wait}. */
    private void later(Set<Due> set, Due due, Duration wait) {
        loop.schedule(wait, () -> {
            synchronized (this) {
                set.add(due);
            }
            arm();
        });
    }
}
