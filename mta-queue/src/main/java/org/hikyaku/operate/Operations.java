package org.hikyaku.operate;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.config.SiteRules;
import org.hikyaku.queue.Intake;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * Operators' commands on many messages: in chunks, what undo needs forced first, deliveries going on between. For tasks.
 *
 * <p><i>Failure:</i> a message that cannot be read, or has changed, is left alone and told; when the disk refuses, the command stops
 * after its chunk. Whatever stops it, each message is as before or as after, and what was changed can be undone.
 */
public final class Operations {
    /** For mail that is on its way to disk. */
    private static final Duration UNDERWAY = Duration.ofSeconds(30);
    /** What a freeze says that has waited for it in vain. */
    static final String STILL_COMING = "some mail is still on its way to disk; it is held when it is there";

    private final World world;
    private final QueueAdmin queue;
    private final Supplier<Config> config;
    private final OperationLog log;
    private final Freezes freezes;
    private final Tasks.Permits turn;
    private final Housekeeper housekeeper;
    private final ImportLog imports;
    private final Tasks.Permits importing;
    private final AccountKeeper accounts;

    private Operations(World world, QueueAdmin queue, Supplier<Config> config, Path directory, Freezes freezes) {
        this.world = world;
        this.queue = queue;
        this.config = config;
        this.log = new OperationLog(world, directory);
        this.imports = new ImportLog(world, directory);
        this.importing = world.tasks().permits(1);
        this.freezes = freezes;
        this.turn = world.tasks().permits(1);
        this.housekeeper = new Housekeeper(world, queue, freezes, turn);
        this.accounts = new AccountKeeper(world, this, freezes.accounts());
        queue.withhold(accounts::isWithheld);
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

    /** Users whose mail is held. */
    public AccountKeeper accounts() {
        return accounts;
    }

    public QueueAdmin queue() {
        return queue;
    }

    /**
     * Waits until all is in the spool that was decided of messages before this was called: mail that comes, and changes of
     * commands that are under way. False when that takes too long.
     */
    boolean awaitDecided() {
        turn.acquire();
        turn.release();
        return queue.awaitUnderway(UNDERWAY);
    }

    /** What is known of receivers, to tell what their replies mean. */
    public SiteRules sites() {
        return new SiteRules(config.get());
    }

    /** Hears at the start of each message in the spool, for the marks that fall due. */
    public void recovered(StoredMessage message) {
        housekeeper.note(message.id(), message.held());
    }

    public void close() {
        housekeeper.close();
        accounts.close();
    }

    public List<String> frozen() {
        return freezes.all();
    }

    /** Those that can still be undone, oldest first. */
    public List<Operation> operations() throws IOException {
        return log.all();
    }

    /** Gives the messages that match, in order of arrival. @return how many were looked at */
    public long list(Choice choice, Watcher watcher) {
        return new Listing(world, queue).list(choice, watcher);
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

    /**
     * Carries {@code verb} out on the messages chosen; those of an undo, a freeze or a thaw are known without a choice.
     *
     * @param what the command as it was typed
     */
    public Result run(Verb verb, Choice choice, String by, String what, boolean dry, Watcher watcher)
            throws IOException {
        Verb real = verb instanceof Verb.Undo(long number) ? undoing(number, verb) : verb;
        Verb.Times times = new Verb.Times(
                config.get().queue().undoFor(), config.get().queue().trashFor());
        Order order = new Order(real, 0, by, world.clock().now(), times);
        if (dry) {
            OperationRun run = new OperationRun(parts(), order, null, watcher);
            run.run(choice);
            return new Result(0, run.looked(), run.matched(), run.done(), Optional.empty(), Optional.empty());
        }
        turn.acquire();
        OperationLog.Writer writer;
        boolean ofSenders;
        try {
            ofSenders = isOfSenders(real) && freezes.changes(real.senders(), real instanceof Verb.Freeze);
            writer = begin(order, what, ofSenders);
            if (isOfSenders(real)) {
                freezes.set(real.senders(), real instanceof Verb.Freeze);
            }
        } finally {
            turn.release();
        }
        boolean arrived = !(real instanceof Verb.Freeze) || queue.awaitUnderway(UNDERWAY);
        Result result = logged(order.numbered(writer.number()), writer, ofSenders, choice, what, watcher);
        boolean something = result.done() > 0 || ofSenders;
        if (verb instanceof Verb.Undo(long number) && result.failure().isEmpty() && something) {
            log.undone(number, writer.number());
        }
        return arrived || result.failure().isPresent()
                ? result
                : result.failed(STILL_COMING + "; then give freeze-sender " + String.join(" ", real.senders()));
    }

    private OperationLog.Writer begin(Order order, String what, boolean ofSenders) throws IOException {
        log.all(); // what is too old goes
        return log.begin(new OperationLog.Header(
                log.nextNumber(),
                order.now(),
                order.by(),
                order.verb().label(),
                noted(order.verb(), what),
                order.undoUntil(),
                order.verb().isFinal(),
                ofSenders));
    }

    /** Whether it is to change who is frozen, and not messages alone. */
    private static boolean isOfSenders(Verb verb) {
        return verb instanceof Verb.Freeze || verb instanceof Verb.Thaw;
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

    private Result logged(
            Order order, OperationLog.Writer writer, boolean ofSenders, Choice choice, String what, Watcher watcher)
            throws IOException {
        OperationRun run = new OperationRun(parts(), order, writer, watcher);
        world.events().emit(Event.OPERATION_BEGUN, order.number(), order.by(), what);
        String state = "stopped";
        try (writer) {
            try {
                run.run(choice);
                state = run.failure().isEmpty() ? "done" : "stopped";
            } finally {
                writer.ended(state, run.done());
            }
        } finally {
            world.events().emit(Event.OPERATION_ENDED, order.number(), order.by(), state, run.done());
        }
        boolean something = run.done() > 0 || ofSenders;
        boolean undoable =
                something && !order.verb().isFinal() && !order.times().undoFor().isZero();
        return new Result(
                order.number(),
                run.looked(),
                run.matched(),
                run.done(),
                undoable ? Optional.of(order.undoUntil()) : Optional.empty(),
                run.failure());
    }

    private OperationRun.Parts parts() {
        return new OperationRun.Parts(world, queue, log, freezes, housekeeper, turn);
    }

    /** What takes an operation back: its moves the other way, or for a freeze the thaw. */
    private Verb undoing(long number, Verb undo) throws IOException {
        Operation old = log.all().stream()
                .filter(o -> o.number() == number)
                .findFirst()
                .orElseThrow(() -> new IOException(
                        "no operation " + number + " can be undone; hikyaku queue operations lists those that can"));
        if (old.obstacle().isPresent()) {
            throw new IOException(old.obstacle().get());
        }
        List<String> words = List.of(old.what().split(" ", -1));
        return switch (old.command()) {
            case "freeze-sender" -> new Verb.Thaw(words);
            case "thaw-sender" -> new Verb.Freeze(words);
            default -> undo;
        };
    }
}
