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

    private static final String STILL_COMING_THAWED =
            "some mail is still on its way to disk; it may be held when it is there";

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

    /** Those whose time to be undone is not over, oldest first. */
    public List<Operation> operations() throws IOException {
        return log.all();
    }

    /** Which of them can be undone. */
    public Reversals reversals() throws IOException {
        return new Reversals(log.all());
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
        if (dry) {
            return dry(verb, choice, by, watcher);
        }
        Begun begun = begin(verb, by, what);
        Verb real = begun.order.verb();
        boolean arrived = !isOfSenders(real) || queue.awaitUnderway(UNDERWAY);
        OperationRun run = carryOut(begun, choice, what, watcher);
        Result result = result(begun, run);
        boolean whole = run.failure().isEmpty() && run.postponed() == 0; // else it can be given again for the rest
        if (verb instanceof Verb.Undo(long number) && whole && (begun.isSomething(run) || run.matched() == 0)) {
            log.undone(number, begun.order.number());
        }
        return arrived || result.failure().isPresent() ? result : result.failed(late(real));
    }

    private Result dry(Verb verb, Choice choice, String by, Watcher watcher) throws IOException {
        Verb real = real(verb);
        List<String> changed = freezes.changed(real.senders(), real instanceof Verb.Freeze);
        Freezes then = freezes.after(changed, real instanceof Verb.Freeze);
        OperationRun run = new OperationRun(parts(then), order(real, 0, by), null, watcher);
        run.run(choice);
        return new Result(0, run.looked(), run.matched(), run.done(), changed, Optional.empty(), Optional.empty());
    }

    private Order order(Verb real, long number, String by) {
        Verb.Times times = new Verb.Times(
                config.get().queue().undoFor(), config.get().queue().trashFor());
        return new Order(real, number, by, world.clock().now(), times);
    }

    private Verb real(Verb verb) throws IOException {
        Reversals former = reversals(); // what is too old goes by that
        return verb instanceof Verb.Undo undo ? former.of(undo) : verb;
    }

    /** What is in the log before anything is changed. */
    private record Begun(Order order, OperationLog.Writer writer, List<String> senders) {
        /** A freeze is something even if no mail waits. */
        boolean isSomething(OperationRun run) {
            return run.done() > 0 || !senders.isEmpty();
        }
    }

    /** Nobody else freezes or thaws between the look at who is frozen, the log that tells of it and the change. */
    private Begun begin(Verb verb, String by, String what) throws IOException {
        turn.acquire();
        try {
            Verb real = real(verb);
            List<String> changed = freezes.changed(real.senders(), real instanceof Verb.Freeze);
            Order order = order(real, log.nextNumber(), by);
            OperationLog.Writer writer = log.begin(new OperationLog.Header(
                    order.number(),
                    order.now(),
                    by,
                    real.label(),
                    noted(real, what),
                    order.undoUntil(),
                    real.isFinal(),
                    changed));
            if (isOfSenders(real)) {
                set(real, writer);
            }
            return new Begun(order, writer, changed);
        } finally {
            turn.release();
        }
    }

    private void set(Verb real, OperationLog.Writer writer) throws IOException {
        try {
            freezes.set(real.senders(), real instanceof Verb.Freeze);
        } catch (IOException e) {
            try (writer) {
                writer.ended("stopped", 0);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    /** Whether it is to change who is frozen, and not messages alone. */
    private static boolean isOfSenders(Verb verb) {
        return verb instanceof Verb.Freeze || verb instanceof Verb.Thaw;
    }

    /** Of a freeze or thaw the senders alone. */
    private static String noted(Verb verb, String what) {
        return switch (verb) {
            case Verb.Freeze(List<String> senders) -> String.join(" ", senders);
            case Verb.Thaw(List<String> senders) -> String.join(" ", senders);
            case Verb.Undo(long number) -> String.valueOf(number);
            default -> what;
        };
    }

    /** What is to be done about mail that was on its way for too long. */
    private static String late(Verb real) {
        return (real instanceof Verb.Thaw ? STILL_COMING_THAWED : STILL_COMING) + "; then give " + real.label() + " "
                + String.join(" ", real.senders());
    }

    private OperationRun carryOut(Begun begun, Choice choice, String what, Watcher watcher) throws IOException {
        Order order = begun.order;
        OperationRun run = new OperationRun(parts(freezes), order, begun.writer, watcher);
        world.events().emit(Event.OPERATION_BEGUN, order.number(), order.by(), what);
        String state = "stopped";
        try (OperationLog.Writer writer = begun.writer) {
            try {
                run.run(choice);
                state = run.failure().isEmpty() ? "done" : "stopped";
            } finally {
                writer.ended(state, run.done());
            }
        } finally {
            world.events().emit(Event.OPERATION_ENDED, order.number(), order.by(), state, run.done());
        }
        return run;
    }

    private static Result result(Begun begun, OperationRun run) {
        Order order = begun.order;
        boolean undoable = begun.isSomething(run)
                && !order.verb().isFinal()
                && !order.times().undoFor().isZero();
        return new Result(
                order.number(),
                run.looked(),
                run.matched(),
                run.done(),
                begun.senders,
                undoable ? Optional.of(order.undoUntil()) : Optional.empty(),
                run.failure());
    }

    private OperationRun.Parts parts(Freezes in) {
        return new OperationRun.Parts(world, queue, log, in, housekeeper, turn);
    }
}
