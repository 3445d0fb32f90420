package org.hikyaku.town;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
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

    static final String SENDER = "writer@d6.example";
    private static final String NAME = "ops";

    private final Random chance;
    private final TownProgram program;
    private final Freezes freezes;
    private final Runnable hurried;
    private final Map<String, Long> told = new TreeMap<>();
    /** Messages that the last command has left, and told so. */
    private int left;

    /** @param hurried hears that all rests of sites are ended */
    Operator(Random chance, TownProgram program, Freezes freezes, Runnable hurried) {
        this.chance = chance;
        this.program = program;
        this.freezes = freezes;
        this.hurried = hurried;
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
                            "domain = d0.example and age > 2h");
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
        freezes.thaws(Freezes.LOGIN);
        freezes.thaws(SENDER);
        Operations operations = program.assembly().operations();
        operations.accounts().unfreeze(TownProgram.USER);
        operations.accounts().release(TownProgram.USER, NAME, false);
        run(operations, new Verb.Thaw(List.of(SENDER)), "all");
        run(operations, new Verb.Release(), "all or state = trash");
    }

    private Result run(Operations operations, Verb verb, String which) throws IOException {
        Query query = ((Query.Parsed.Good) Query.parse(which)).query();
        boolean hurries = verb instanceof Verb.Retry || verb instanceof Verb.Redirect || verb instanceof Verb.Bounce;
        Runnable ends = hurries ? hurried : () -> {};
        left = 0;
        ends.run();
        try {
            Result result = operations.run(verb, new Choice.By(query), NAME, which, false, watcher);
            if (result.failure().isEmpty() && result.done() > 0) {
                tell(verb.label());
            }
            return result;
        } finally {
            ends.run();
        }
    }

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
