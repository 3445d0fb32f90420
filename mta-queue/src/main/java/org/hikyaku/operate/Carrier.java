package org.hikyaku.operate;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.queue.QueueAdmin.Answer;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * Has what was planned for some messages stored, all under way at once, and waits for it. Used by one task.
 *
 * <p><i>Failure:</i> a message that is gone is left and told; what the disk refuses is told and ends the operation: {@link #failure}.
 */
final class Carrier {
    private final World world;
    private final QueueAdmin queue;
    private final Mover mover;
    private final Housekeeper housekeeper;
    private final String by;
    private final Watcher watcher;
    private long done;
    private Optional<String> failure = Optional.empty();

    Carrier(World world, QueueAdmin queue, Housekeeper housekeeper, String by, Watcher watcher) {
        this.world = world;
        this.queue = queue;
        this.mover = new Mover(queue);
        this.housekeeper = housekeeper;
        this.by = by;
        this.watcher = watcher;
    }

    /** How many messages were changed so far. */
    long done() {
        return done;
    }

    /** Why the store refused something, if it did. */
    Optional<String> failure() {
        return failure;
    }

    void carry(Map<SpoolId, Planner.Plan> plans) throws IOException {
        Map<SpoolId, Tasks.Promise<Answer>> told = new LinkedHashMap<>();
        for (Map.Entry<SpoolId, Planner.Plan> each : plans.entrySet()) {
            Tasks.Promise<Answer> promise = world.tasks().promise();
            told.put(each.getKey(), promise);
            begin(each.getKey(), each.getValue(), promise);
        }
        for (Map.Entry<SpoolId, Tasks.Promise<Answer>> each : told.entrySet()) {
            count(
                    each.getKey(),
                    Objects.requireNonNull(plans.get(each.getKey())),
                    each.getValue().await());
        }
    }

    private void begin(SpoolId id, Planner.Plan plan, Tasks.Promise<Answer> promise) throws IOException {
        switch (plan) {
            case Planner.Plan.Carry(Move move, String yet) ->
                mover.carry(move, answer -> {
                    if (answer instanceof Answer.Done) {
                        tell(move);
                    }
                    promise.complete(answer);
                });
            case Planner.Plan.Purge p -> queue.remove(id, by, promise::complete);
            case Planner.Plan.Fail(List<Integer> places, String text) ->
                promise.complete(fail(queue.show(id).orElseThrow().message(), places, text));
            case Planner.Plan.Leave l -> promise.complete(new Answer.NoSuchMessage());
        }
    }

    /** Whoever else the message is for waits on, if it was held. */
    private Answer fail(StoredMessage message, List<Integer> places, String text) {
        return Housekeeper.give(queue, world, message, places, text, message.held());
    }

    private void count(SpoolId id, Planner.Plan plan, Answer answer) {
        switch (answer) {
            case Answer.Done d -> done += plan.isWanted() ? 1 : 0;
            case Answer.NoSuchMessage n -> watcher.left(id, "no such message in the queue");
            case Answer.StorageFailed(String why) -> {
                watcher.left(id, "the spool failed: " + why);
                failure = Optional.of("the spool failed: " + why);
            }
        }
    }

    private void tell(Move move) {
        switch (move) {
            case Move.Held(SpoolId id, String from, String to) -> {
                housekeeper.note(id, to);
                Optional<Mark.Kind> kind = Mark.parse(to).map(Mark::kind);
                Event event = to.isEmpty()
                        ? Event.MESSAGE_RELEASED
                        : kind.equals(Optional.of(Mark.Kind.TRASH)) ? Event.MESSAGE_TRASHED : Event.MESSAGE_HELD;
                world.events().emit(event, id, by);
            }
            case Move.Due d -> {}
            case Move.Redirected r ->
                world.events()
                        .emit(
                                Event.MESSAGE_REDIRECTED,
                                r.id(),
                                r.from().getFirst().address(),
                                r.to().getFirst().address(),
                                by);
        }
    }
}
