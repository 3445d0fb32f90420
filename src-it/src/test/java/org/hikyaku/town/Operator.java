package org.hikyaku.town;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.main.Assembly;
import org.hikyaku.operate.AccountKeeper;
import org.hikyaku.operate.Choice;
import org.hikyaku.operate.Operations;
import org.hikyaku.operate.Query;
import org.hikyaku.operate.Result;
import org.hikyaku.operate.Verb;
import org.hikyaku.operate.Watcher;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.world.World;

/**
 * The operator of the town: gives commands at random moments, whatever the disk says to it, and in the end lets go all that he has
 * held, frozen and removed.
 */
final class Operator {
    /** Where redirected mail goes, and for whom it was. */
    static final String REDIRECTED = "moved@d4.example";

    static final String REDIRECTED_FROM = "x@gone.example";

    /** Whom he gives up, and what is told of them; servers of the town say more. */
    static final String BOUNCED = "@d0.example";

    static final String GIVEN_UP = "5.0.0";

    static final String SENDER = "writer@d6.example";
    /** What is told when he has seen in the end that nothing is frozen. */
    static final String NOBODY_FROZEN = "nobody frozen";

    private static final String NAME = "ops";
    /** A bounce waits for an hour, in which it can be undone. */
    private static final Duration BOUNCED_BY = Duration.ofMinutes(62);

    private final Random chance;
    private final TownProgram program;
    private final Freezes freezes;
    private final Runnable hurried;
    private final Consumer<String> wrong;
    private final Map<String, Long> told = new TreeMap<>();
    /** Messages that the last command has left, and told so. */
    private int left;

    /**
     * @param hurried hears that all rests of sites are ended
     * @param wrong hears what must not be
     */
    Operator(Random chance, TownProgram program, Freezes freezes, Runnable hurried, Consumer<String> wrong) {
        this.chance = chance;
        this.program = program;
        this.freezes = freezes;
        this.hurried = hurried;
        this.wrong = wrong;
    }

    /** Commands that were told as done, and how often. */
    Map<String, Long> told() {
        return told;
    }

    private void tell(String command) {
        told.merge(command, 1L, Long::sum);
    }

    /** One command, or two. */
    void act(World world) {
        Operations operations = program.assembly().operations();
        try {
            switch (chance.nextInt(10)) {
                case 0, 1, 2 -> user(world, program.assembly());
                case 3, 4 -> sender(world, operations);
                case 5 -> run(operations, new Verb.Hold("to be seen"), "domain = d" + chance.nextInt(10) + ".example");
                case 6 -> run(operations, new Verb.Retry(), "all");
                case 7 -> removeAndUndo(world, operations);
                case 8 -> run(operations, new Verb.Redirect(Address.of(REDIRECTED)), "domain = gone.example");
                default ->
                    run(
                            operations,
                            new Verb.Bounce("not here", chance.nextBoolean()),
                            "domain = " + BOUNCED.substring(1) + " and age > 2h");
            }
            release();
        } catch (IOException e) {
            // he reads why, and tries something else later
        }
    }

    /** What rules and holds keep; what is frozen stays. */
    void release() throws IOException {
        run(program.assembly().operations(), new Verb.Release(), "state = held");
    }

    private void user(World world, Assembly assembly) throws IOException {
        AccountKeeper accounts = assembly.operations().accounts();
        if (freezes.isFrozen(Freezes.LOGIN)) {
            freezes.thaws(Freezes.LOGIN);
            hurried.run();
            accounts.unfreeze(TownProgram.USER);
            hurried.run();
            accounts.release(TownProgram.USER, NAME, false);
            tell("unfreeze");
            return;
        }
        accounts.freeze(TownProgram.USER, NAME, "seen");
        freezes.froze(Freezes.LOGIN);
        assembly.doors().end(TownProgram.USER, false);
        AccountKeeper.Swept swept = accounts.sweep(TownProgram.USER, NAME, false);
        if (swept.left() == 0 && swept.failure().isEmpty()) {
            freezes.swept(Freezes.LOGIN, world.clock().now());
            tell("freeze");
        }
    }

    private void sender(World world, Operations operations) throws IOException {
        if (freezes.isFrozen(SENDER)) {
            freezes.thaws(SENDER);
            run(operations, new Verb.Thaw(List.of(SENDER)), "all");
            return;
        }
        Result result = run(operations, new Verb.Freeze(List.of(SENDER)), "all");
        freezes.froze(SENDER);
        if (result.failure().isEmpty() && left == 0) { // what could not be read is told, and is for him to look at
            freezes.swept(SENDER, world.clock().now());
        }
    }

    private void removeAndUndo(World world, Operations operations) throws IOException {
        Result removal = run(operations, new Verb.Remove(false), "domain = d" + chance.nextInt(10) + ".example");
        world.tasks().sleep(Duration.ofMinutes(1 + chance.nextInt(80))); // for more than an hour: too late
        operations.run(new Verb.Undo(removal.operation()), new Choice.Ids(List.of()), NAME, "undo", false, watcher);
        tell("undo");
    }

    /** Lets everything go that is held. */
    void end(World world) throws IOException {
        Operations operations = program.assembly().operations();
        if (chance.nextBoolean()) { // thawed before it is sent
            run(operations, new Verb.Bounce("not here", false), "domain = " + BOUNCED.substring(1));
        }
        freezes.thaws(Freezes.LOGIN);
        freezes.thaws(SENDER);
        operations.accounts().unfreeze(TownProgram.USER);
        AccountKeeper.Swept released = operations.accounts().release(TownProgram.USER, NAME, false);
        boolean whole = released.left() == 0 && released.failure().isEmpty();
        whole &=
                run(operations, new Verb.Thaw(List.of(SENDER)), "all").failure().isEmpty() && left == 0;
        world.tasks()
                .sleep(BOUNCED_BY); // and the others of a message that is given up in part fall back to what holds them
        if (whole) {
            left = 0;
            operations.list(choice("state = frozen"), frozen);
            if (left == 0) {
                tell(NOBODY_FROZEN);
            }
        }
        run(operations, new Verb.Release(), "all or state = trash");
    }

    private static Choice choice(String which) {
        return new Choice.By(((Query.Parsed.Good) Query.parse(which)).query());
    }

    private Result run(Operations operations, Verb verb, String which) throws IOException {
        boolean hurries = verb instanceof Verb.Retry || verb instanceof Verb.Redirect || verb instanceof Verb.Bounce;
        Runnable ends = hurries ? hurried : () -> {};
        left = 0;
        ends.run();
        try {
            Result result = operations.run(verb, choice(which), NAME, which, false, watcher);
            if (result.failure().isEmpty() && result.done() > 0) {
                tell(verb.label());
            }
            return result;
        } finally {
            ends.run();
        }
    }

    private final Watcher frozen = new Watcher() {
        @Override
        public void match(QueueAdmin.Row row, List<Integer> places) {
            wrong.accept("still frozen, and nobody is: " + row.message().id());
        }

        @Override
        public void left(SpoolId id, String why) {
            left++;
        }

        @Override
        public void progress(long looked, long done) {}
    };

    private final Watcher watcher = new Watcher() {
        @Override
        public void match(QueueAdmin.Row row, List<Integer> places) {}

        @Override
        public void left(SpoolId id, String why) {
            left++;
        }

        @Override
        public void progress(long looked, long done) {}
    };
}
