package org.hikyaku.operate;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.Intake;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.queue.QueueAdmin.Answer;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Operators' commands on many messages: in chunks, what undo needs forced first, deliveries going on between. For tasks.
 *
 * <p><i>Failure:</i> a message that cannot be read, or has changed, is left alone and told; when the disk refuses, the command stops
 * after its chunk. Whatever stops it, each message is as before or as after, and what was changed can be undone.
 */
public final class Operations {
    private static final int PAGE = 1_000;
    private static final int CHUNK = 100;
    private static final int TICK = 200;

    private final World world;
    private final QueueAdmin queue;
    private final Supplier<Config> config;
    private final OperationLog log;
    private final Freezes freezes;
    private final Mover mover;
    private final Tasks.Permits turn;
    private final Housekeeper housekeeper;
    private final ImportLog imports;
    private final Tasks.Permits importing;

    private Operations(World world, QueueAdmin queue, Supplier<Config> config, Path directory, Freezes freezes) {
        this.world = world;
        this.queue = queue;
        this.config = config;
        this.log = new OperationLog(world, directory);
        this.imports = new ImportLog(world, directory);
        this.importing = world.tasks().permits(1);
        this.freezes = freezes;
        this.mover = new Mover(queue);
        this.turn = world.tasks().permits(1);
        this.housekeeper = new Housekeeper(world, queue, turn);
    }

    /** Reads who is frozen; {@code directory} holds that and the logs, and is made when it is needed. */
    public static Operations open(World world, QueueAdmin queue, Supplier<Config> config, Path directory)
            throws IOException {
        return new Operations(world, queue, config, directory, Freezes.load(world, directory));
    }

    /** Holds what frozen senders send. */
    public Intake.Gate gate() {
        return freezes;
    }

    public QueueAdmin queue() {
        return queue;
    }

    /** Hears at the start of each message in the spool, for the marks that fall due. */
    public void recovered(StoredMessage message) {
        housekeeper.note(message.id(), message.held());
    }

    public void close() {
        housekeeper.close();
    }

    public List<String> frozen() {
        return freezes.all();
    }

    /** Those that can still be undone, oldest first. */
    public List<Operation> operations() throws IOException {
        return log.all();
    }

    // Looking

    /** Gives the messages that match, in order of arrival. @return how many were looked at */
    public long list(Choice choice, Watcher watcher) {
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

    /**
     * Begins an import; one at a time.
     *
     * @param dry it only says what it would do
     */
    public Importer importer(String by, boolean dry, Watcher watcher) throws IOException {
        return Importer.begin(
                new Importer.Parts(world, queue, imports, turn, importing, freezes, housekeeper), by, dry, watcher);
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

    // Doing

    /**
     * Carries {@code verb} out on the messages chosen; those of an undo, a freeze or a thaw are known without a choice.
     *
     * @param what the command as it was typed
     */
    public Result run(Verb verb, Choice choice, String by, String what, boolean dry, Watcher watcher)
            throws IOException {
        Verb real = verb instanceof Verb.Undo(long number) ? undoing(number, verb) : verb;
        Instant now = world.clock().now();
        Verb.Times times = new Verb.Times(
                config.get().queue().undoFor(), config.get().queue().trashFor());
        if (dry) {
            Run run = new Run(real, 0, by, now, times, null, watcher);
            long looked = real instanceof Verb.Undo u ? run.undo(u.operation()) : run.over(meant(real, choice));
            return new Result(0, looked, run.matched, run.done, Optional.empty(), Optional.empty());
        }
        turn.acquire();
        OperationLog.Writer writer;
        try {
            log.all(); // what is too old goes
            writer = log.begin(new OperationLog.Header(
                    log.nextNumber(), now, by, real.label(), noted(real, what), now.plus(times.undoFor())));
            if (real instanceof Verb.Freeze(List<String> senders)) {
                freezes.set(senders, true);
            } else if (real instanceof Verb.Thaw(List<String> senders)) {
                freezes.set(senders, false);
            }
        } finally {
            turn.release();
        }
        return logged(verb, new Run(real, writer.number(), by, now, times, writer, watcher), writer, choice, what);
    }

    private static Choice meant(Verb verb, Choice choice) {
        return verb instanceof Verb.Freeze || verb instanceof Verb.Thaw ? new Choice.By(Query.all()) : choice;
    }

    /** Of a freeze or thaw the senders alone, for its undo. */
    private static String noted(Verb verb, String what) {
        return switch (verb) {
            case Verb.Freeze(List<String> senders) -> String.join(" ", senders);
            case Verb.Thaw(List<String> senders) -> String.join(" ", senders);
            case Verb.Undo(long number) -> String.valueOf(number);
            default -> what;
        };
    }

    private Result logged(Verb asked, Run run, OperationLog.Writer writer, Choice choice, String what)
            throws IOException {
        world.events().emit(Event.OPERATION_BEGUN, writer.number(), run.by, what);
        String state = "stopped";
        long looked = 0;
        try (writer) {
            try {
                looked = run.verb instanceof Verb.Undo u ? run.undo(u.operation()) : run.over(meant(run.verb, choice));
                state = run.failure.isEmpty() ? "done" : "stopped";
            } finally {
                writer.ended(state, run.done);
            }
        } finally {
            world.events().emit(Event.OPERATION_ENDED, writer.number(), run.by, state, run.done);
        }
        if (asked instanceof Verb.Undo(long number) && run.failure.isEmpty()) {
            log.undone(number, writer.number());
        }
        boolean undoable = !run.verb.isFinal() && !run.times.undoFor().isZero();
        return new Result(
                writer.number(),
                looked,
                run.matched,
                run.done,
                undoable ? Optional.of(run.now.plus(run.times.undoFor())) : Optional.empty(),
                run.failure);
    }

    /** What takes an operation back: its moves the other way, or for a freeze the thaw. */
    private Verb undoing(long number, Verb undo) throws IOException {
        Operation old = log.all().stream()
                .filter(o -> o.number() == number)
                .findFirst()
                .orElseThrow(() -> new IOException(
                        "no operation " + number + " can be undone; hikyaku queue operations lists those that can"));
        if (old.undoneBy() != 0) {
            throw new IOException("operation " + number + " was undone by operation " + old.undoneBy());
        }
        if (old.state().equals("running")) {
            throw new IOException("operation " + number + " still runs");
        }
        List<String> words = List.of(old.what().split(" ", -1));
        return switch (old.command()) {
            case "freeze-sender" -> new Verb.Thaw(words);
            case "thaw-sender" -> new Verb.Freeze(words);
            default -> undo;
        };
    }

    /** One operation under way, or its dry run. Used by one task. */
    private final class Run {
        final Verb verb;
        final String by;
        final Instant now;
        final Verb.Times times;
        private final OperationLog.@Nullable Writer writer;
        private final Watcher watcher;
        private final Planner planner;
        private final List<Chosen> chunk = new ArrayList<>();
        private final Set<String> senders;
        long matched;
        long done;
        Optional<String> failure = Optional.empty();

        Run(
                Verb verb,
                long number,
                String by,
                Instant now,
                Verb.Times times,
                OperationLog.@Nullable Writer writer,
                Watcher watcher) {
            this.verb = verb;
            this.by = by;
            this.now = now;
            this.times = times;
            this.writer = writer;
            this.watcher = watcher;
            this.planner = new Planner(verb, number, by, now, times, freezes);
            this.senders = switch (verb) {
                case Verb.Freeze(List<String> s) -> keys(s);
                case Verb.Thaw(List<String> s) -> keys(s);
                default -> Set.of();
            };
        }

        private static Set<String> keys(List<String> senders) {
            return Set.copyOf(senders.stream().map(Freezes::key).toList());
        }

        /** Ends the looking after a failure. */
        private static final class Enough extends RuntimeException {
            private static final long serialVersionUID = 1;

            Enough() {
                super("enough", null, false, false);
            }
        }

        long over(Choice choice) {
            long[] looked = new long[1];
            Watcher inner = new Watcher() {
                @Override
                public void match(QueueAdmin.Row row, List<Integer> places) {
                    if (isMeant(row.message())) {
                        matched++;
                        watcher.match(row, places);
                        chunk.add(new Chosen(row.message(), places, null));
                        if (chunk.size() == CHUNK) {
                            carryOut();
                        }
                    }
                }

                @Override
                public void left(SpoolId id, String why) {
                    watcher.left(id, why);
                }

                @Override
                public void progress(long seen, long ignored) {
                    looked[0] = seen;
                    watcher.progress(seen, done);
                }
            };
            try {
                looked[0] = list(choice, inner);
                carryOut();
            } catch (Enough e) {
                // the failure is told
            }
            return looked[0];
        }

        private boolean isMeant(StoredMessage message) {
            boolean meant = Freezes.matches(senders, message.envelope().sender(), message.origin());
            return switch (verb) {
                case Verb.Freeze f ->
                    meant && message.held().isEmpty(); // held already: a release gives way to the freeze
                case Verb.Thaw t ->
                    meant
                            && Mark.parse(message.held())
                                    .filter(m -> m.kind() == Mark.Kind.FROZEN)
                                    .isPresent();
                default -> true;
            };
        }

        long undo(long number) throws IOException {
            try {
                log.moves(number, move -> {
                    matched++;
                    chunk.add(new Chosen(null, List.of(), move.inverse()));
                    if (chunk.size() == CHUNK) {
                        carryOut();
                        watcher.progress(matched, done);
                    }
                    return true;
                });
                carryOut();
            } catch (Enough e) {
                // the failure is told
            }
            return matched;
        }

        /** Plans the chunk on the messages as they are now, has the plan logged, carries it out. */
        private void carryOut() {
            List<Chosen> some = List.copyOf(chunk);
            chunk.clear();
            turn.acquire();
            Map<SpoolId, Planner.Plan> plans = new LinkedHashMap<>();
            List<SpoolId> seized = new ArrayList<>();
            try {
                some.forEach(each -> plan(each, plans, seized));
                if (writer == null) {
                    done += plans.size();
                } else {
                    writer.append(plans.values().stream()
                            .filter(Planner.Plan.Carry.class::isInstance)
                            .map(plan -> ((Planner.Plan.Carry) plan).move())
                            .toList());
                    carry(plans);
                }
            } catch (IOException e) {
                failure = Optional.of(String.valueOf(e.getMessage()));
            } finally {
                seized.forEach(queue::resume);
                turn.release();
            }
            watcher.progress(0, done);
            if (failure.isPresent()) {
                throw new Enough();
            }
        }

        private void plan(Chosen each, Map<SpoolId, Planner.Plan> plans, List<SpoolId> seized) {
            SpoolId id = each.id();
            boolean seizes = each.move == null ? planner.seizes() : Mover.seizes(each.move);
            if (plans.containsKey(id)) {
                return; // named twice
            }
            if (seizes && writer != null) {
                if (!queue.seize(id)) {
                    watcher.left(id, "is being delivered right now");
                    return;
                }
                seized.add(id);
            }
            try {
                Optional<StoredMessage> fresh = queue.show(id).map(QueueAdmin.Row::message);
                switch (planned(each, fresh)) {
                    case Planner.Plan.Leave(String why) -> watcher.left(id, why);
                    case Planner.Plan plan -> plans.put(id, plan);
                }
            } catch (IOException e) {
                watcher.left(id, "cannot be read: " + e.getMessage());
            }
        }

        private Planner.Plan planned(Chosen each, Optional<StoredMessage> fresh) {
            if (each.move != null) {
                return Mover.obstacle(each.move, fresh)
                        .<Planner.Plan>map(Planner.Plan.Leave::new)
                        .orElseGet(() -> new Planner.Plan.Carry(each.move));
            }
            return fresh.map(message -> planner.plan(message, each.places))
                    .orElseGet(() -> new Planner.Plan.Leave("no such message in the queue"));
        }

        private void carry(Map<SpoolId, Planner.Plan> plans) throws IOException {
            Map<SpoolId, Tasks.Promise<Answer>> told = new LinkedHashMap<>();
            for (Map.Entry<SpoolId, Planner.Plan> each : plans.entrySet()) {
                Tasks.Promise<Answer> promise = world.tasks().promise();
                told.put(each.getKey(), promise);
                switch (each.getValue()) {
                    case Planner.Plan.Carry(Move move) ->
                        mover.carry(move, answer -> {
                            if (answer instanceof Answer.Done) {
                                tell(move);
                            }
                            promise.complete(answer);
                        });
                    case Planner.Plan.Purge p -> queue.remove(each.getKey(), by, promise::complete);
                    case Planner.Plan.Fail(List<Integer> places, String text) ->
                        promise.complete(Housekeeper.give(
                                queue,
                                world,
                                queue.show(each.getKey()).orElseThrow().message(),
                                places,
                                text));
                    case Planner.Plan.Leave l -> promise.complete(new Answer.NoSuchMessage());
                }
            }
            for (Map.Entry<SpoolId, Tasks.Promise<Answer>> each : told.entrySet()) {
                switch (each.getValue().await()) {
                    case Answer.Done d -> done++;
                    case Answer.NoSuchMessage n -> watcher.left(each.getKey(), "no such message in the queue");
                    case Answer.StorageFailed(String why) -> {
                        watcher.left(each.getKey(), "the spool failed: " + why);
                        failure = Optional.of("the spool failed: " + why);
                    }
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

    /** A message in a chunk, with what was chosen of it or with the move that undoes. */
    private record Chosen(
            @Nullable StoredMessage message,
            List<Integer> places,
            @Nullable Move move) {
        SpoolId id() {
            return move != null
                    ? move.id()
                    : java.util.Objects.requireNonNull(message).id();
        }
    }
}
