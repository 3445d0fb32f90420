package org.hikyaku.operate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * One operation under way, or its dry run: gathers what is chosen into chunks, plans each on the messages as they are by
 * then, has the plan forced to the log, and carries it out. Used by one task.
 *
 * <p><i>Failure:</i> what the log or the spool refuses ends it after the chunk: {@link #failure}. The others of the chunk are done.
 */
final class OperationRun {
    private static final int CHUNK = 100;

    private final Parts parts;
    private final Order order;
    private final OperationLog.@Nullable Writer writer;
    private final Watcher watcher;
    private final Planner planner;
    private final Carrier carrier;
    private final List<Chosen> chunk = new ArrayList<>();
    private final Set<String> senders;
    private long looked;
    private long matched;
    private long postponed;
    /** Of a dry run: what would be done. */
    private long planned;

    private Optional<String> failure = Optional.empty();

    /** What it works with. */
    record Parts(
            World world,
            QueueAdmin queue,
            OperationLog log,
            Freezes freezes,
            Housekeeper housekeeper,
            Tasks.Permits turn) {}

    /** A message in a chunk, with what was chosen of it or with the move that undoes. */
    private record Chosen(
            @Nullable StoredMessage message,
            List<Integer> places,
            @Nullable Move move) {
        SpoolId id() {
            return move != null ? move.id() : Objects.requireNonNull(message).id();
        }
    }

    /** Ends the looking after a failure. */
    private static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1;

        Enough() {
            super("enough", null, false, false);
        }
    }

    /** @param writer null for a dry run, which changes nothing */
    OperationRun(Parts parts, Order order, OperationLog.@Nullable Writer writer, Watcher watcher) {
        this.parts = parts;
        this.order = order;
        this.writer = writer;
        this.watcher = watcher;
        this.planner = new Planner(order, parts.freezes);
        this.carrier = new Carrier(parts.world, parts.queue, parts.housekeeper, order.by(), watcher);
        this.senders =
                Set.copyOf(order.verb().senders().stream().map(Freezes::key).toList());
    }

    /** Messages looked at. */
    long looked() {
        return looked;
    }

    long matched() {
        return matched;
    }

    /** Messages left that could be changed another time. */
    long postponed() {
        return postponed;
    }

    /** Messages changed; of a dry run: that would be. */
    long done() {
        return planned + carrier.done();
    }

    /** Why it stopped early, if it did. */
    Optional<String> failure() {
        return failure;
    }

    /** @param choice of no meaning for verbs that know their messages themselves */
    void run(Choice choice) throws IOException {
        try {
            switch (order.verb()) {
                case Verb.Undo(long number) -> undo(number);
                case Verb.Freeze f -> over(new Choice.By(Query.all()));
                case Verb.Thaw t -> over(new Choice.By(Query.all()));
                case Verb.FreezeUser f -> over(new Choice.By(Query.all()));
                case Verb.ReleaseUser r -> over(new Choice.By(Query.all()));
                default -> over(choice);
            }
        } catch (Enough e) {
            // the failure is told
        }
    }

    private void over(Choice choice) {
        looked = new Listing(parts.world, parts.queue).list(choice, new Watcher() {
            @Override
            public void match(QueueAdmin.Row row, List<Integer> places) {
                if (isMeant(row.message())) {
                    matched++;
                    watcher.match(row, places);
                    add(new Chosen(row.message(), places, null));
                }
            }

            @Override
            public void left(SpoolId id, String why) {
                watcher.left(id, why);
            }

            @Override
            public void progress(long seen, long ignored) {
                looked = seen;
                watcher.progress(seen, done());
            }
        });
        carryOut();
    }

    private boolean isMeant(StoredMessage message) {
        boolean meant = Freezes.matches(senders, message.envelope().sender(), message.origin());
        return switch (order.verb()) {
            case Verb.Freeze f -> meant && message.held().isEmpty(); // held already: a release gives way to the freeze
            case Verb.Thaw t -> meant && Mark.isThawable(message.held());
            case Verb.FreezeUser(String user) ->
                isOf(user, message)
                        && (message.held().isEmpty() || Mark.isThawable(message.held())); // his lasts longer
            case Verb.ReleaseUser(String user) -> isOf(user, message) && Mark.isFrozen(message.held());
            default -> true;
        };
    }

    private static boolean isOf(String user, StoredMessage message) {
        return Freezes.key(message.origin().user()).equals(user);
    }

    private void undo(long number) throws IOException {
        try {
            parts.log.moves(number, move -> {
                matched++;
                if (add(new Chosen(null, List.of(), move.inverse()))) {
                    watcher.progress(matched, done());
                }
                return true;
            });
            carryOut();
        } finally {
            looked = matched;
        }
    }

    /** Whether the chunk was full, and is carried out. */
    private boolean add(Chosen one) {
        chunk.add(one);
        if (chunk.size() < CHUNK) {
            return false;
        }
        carryOut();
        return true;
    }

    /** Plans the chunk on the messages as they are now, has the plan logged, carries it out. */
    private void carryOut() {
        List<Chosen> some = List.copyOf(chunk);
        chunk.clear();
        parts.turn.acquire();
        List<SpoolId> seized = new ArrayList<>();
        try {
            Map<SpoolId, Planner.Plan> plans = new LinkedHashMap<>();
            some.forEach(each -> plan(each, plans, seized));
            if (writer == null) {
                planned +=
                        plans.values().stream().filter(Planner.Plan::isWanted).count();
            } else {
                writer.append(moves(plans));
                carrier.carry(plans);
                failure = carrier.failure();
            }
        } catch (IOException e) {
            failure = Optional.of(String.valueOf(e.getMessage()));
        } finally {
            seized.forEach(parts.queue::resume);
            parts.turn.release();
        }
        watcher.progress(0, done());
        if (failure.isPresent()) {
            throw new Enough();
        }
    }

    private static List<Move> moves(Map<SpoolId, Planner.Plan> plans) {
        return plans.values().stream()
                .filter(Planner.Plan.Carry.class::isInstance)
                .map(plan -> ((Planner.Plan.Carry) plan).move())
                .toList();
    }

    private void plan(Chosen each, Map<SpoolId, Planner.Plan> plans, List<SpoolId> seized) {
        SpoolId id = each.id();
        if (plans.containsKey(id)) {
            return; // named twice
        }
        boolean seizes = each.move == null ? planner.seizes() : Mover.seizes(each.move);
        if (seizes && writer != null) {
            if (!parts.queue.seize(id)) {
                postponed++;
                watcher.left(id, "is being delivered right now");
                return;
            }
            seized.add(id);
        }
        try {
            Optional<StoredMessage> fresh = parts.queue.show(id).map(QueueAdmin.Row::message);
            switch (planned(each, fresh)) {
                case Planner.Plan.Leave(String why) -> watcher.left(id, why);
                case Planner.Plan plan -> {
                    plans.put(id, plan);
                    if (plan instanceof Planner.Plan.Carry(Move move, String yet) && !yet.isEmpty()) {
                        watcher.left(id, yet);
                    }
                }
            }
        } catch (IOException e) {
            postponed++;
            watcher.left(id, "cannot be read: " + e.getMessage());
        }
    }

    private Planner.Plan planned(Chosen each, Optional<StoredMessage> fresh) {
        if (each.move != null) {
            return Mover.obstacle(each.move, fresh)
                    .<Planner.Plan>map(Planner.Plan.Leave::new)
                    .orElseGet(() -> new Planner.Plan.Carry(planner.back(each.move, fresh.orElseThrow())));
        }
        return fresh.map(message -> planner.plan(message, each.places))
                .orElseGet(() -> new Planner.Plan.Leave("no such message in the queue"));
    }
}
