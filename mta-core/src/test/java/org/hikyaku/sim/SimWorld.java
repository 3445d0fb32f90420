package org.hikyaku.sim;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * An outside made from a seed. One seed is one history, exactly, in any JVM; {@link #historyHash} tells histories apart.
 *
 * <p>The host under test has the address 192.0.2.1; further ones are made by {@link #remote}. The test drives from
 * outside: {@link #run} runs one body as a task of the host under test until it ends, others run meanwhile. Worlds share
 * nothing and may run side by side. To be closed: that ends what still waits.
 *
 * <p><i>Failure:</i> {@link SimFailure} for a deadlock, a livelock, an error that leaves a task, any exception that
 * leaves an event of a loop.
 */
public final class SimWorld implements AutoCloseable {
    private final long seed;
    private final SimHistory history = new SimHistory();
    private final SimRandom random;
    private final SimScheduler scheduler;
    private final SimClock clock;
    private final SimTally tally = new SimTally();
    private final SimFaults faults;
    private final SimLuck luck;
    private final SimZones zones = new SimZones();
    private final SimFabric fabric = new SimFabric();
    private final List<SimHost> hosts = new ArrayList<>();
    private boolean powerLoss = true;

    /** What runs in a task. */
    public interface Body {
        void run(World world) throws Exception;
    }

    /** A kind outside. */
    public SimWorld(long seed) {
        this(seed, SimFaults.none());
    }

    public SimWorld(long seed, SimFaults faults) {
        this.seed = seed;
        this.faults = faults;
        this.random = new SimRandom(SimRandom.mix(seed));
        this.scheduler = new SimScheduler(random.fork("scheduler"), history);
        this.clock = new SimClock(scheduler);
        this.luck = new SimLuck(random.fork("luck"), faults, tally, history, scheduler);
        SimHost first = new SimHost(this, "mta", addresses("192.0.2.1", "2001:db8::1"), luck, random.fork("mta"));
        hosts.add(first);
        fabric.add(first);
    }

    /** A further machine, which lives on when the one under test crashes. Its disk never fails. */
    public SimHost remote(String name, String... addresses) {
        SimLuck kind = new SimLuck(random.fork(name), SimFaults.none(), tally, history, scheduler);
        SimHost host = new SimHost(this, name, addresses(addresses), kind, random.fork(name));
        hosts.add(host);
        fabric.add(host);
        return host;
    }

    /** From now on nothing answers at {@code literal}, whoever has the address: connecting takes as long as the caller waits. */
    public void blackHole(String literal) {
        fabric.swallow(InetAddress.ofLiteral(literal));
    }

    /** From now on connecting to {@code literal} takes so much longer. */
    public void farAway(String literal, Duration longer) {
        fabric.move(InetAddress.ofLiteral(literal), longer.toNanos());
    }

    private static Set<InetAddress> addresses(String... texts) {
        Set<InetAddress> all = new LinkedHashSet<>();
        for (String text : texts) {
            all.add(InetAddress.ofLiteral(text));
        }
        all.add(InetAddress.ofLiteral("127.0.0.1"));
        all.add(InetAddress.ofLiteral("::1"));
        return all;
    }

    /** The host under test. */
    public SimHost host() {
        return hosts.getFirst();
    }

    /** The World of the host under test, as it is now: a crash makes a new one. */
    public World world() {
        return host().world();
    }

    public SimDisk disk() {
        return host().disk();
    }

    public SimEvents events() {
        return host().events();
    }

    public SimClock clock() {
        return clock;
    }

    public SimZones zones() {
        return zones;
    }

    public SimTally tally() {
        return tally;
    }

    public long seed() {
        return seed;
    }

    /** World calls so far. */
    public long calls() {
        return scheduler.calls();
    }

    /** Equal for equal histories. */
    public long historyHash() {
        return SimRandom.mix(history.hash() ^ scheduler.now());
    }

    /** Has every step told to {@code lines}. */
    public void trace(Consumer<String> lines) {
        history.trace(lines);
    }

    // --- driving, from outside of all tasks ---

    /**
     * Runs {@code body} as a task of the host under test until it has ended; others run meanwhile and stay.
     *
     * @return false when the process crashed instead; {@link #world} is then the next one
     */
    public boolean run(Body body) {
        return run(host(), body);
    }

    /** As {@link #run(Body)}, on another host. */
    public boolean run(SimHost host, Body body) {
        Main main = new Main(body, host.world());
        SimTask task = scheduler.start(host.process(), "main", main);
        boolean crashed = drive(() -> task.done, SimScheduler.NEVER);
        main.rethrow();
        return !crashed;
    }

    /** Lets the world run for a while of its own time; false when the process crashed in it. */
    public boolean runFor(Duration time) {
        return !drive(() -> false, scheduler.deadline(time));
    }

    /** Lets the world run until {@code condition}; false when it did not come within {@code limit}, or at a crash. */
    public boolean runUntil(BooleanSupplier condition, Duration limit) {
        return !drive(condition, scheduler.deadline(limit)) && condition.getAsBoolean();
    }

    private boolean drive(BooleanSupplier until, long limit) {
        SimHost victim = hosts.getFirst();
        try {
            if (!scheduler.drive(until, limit)) {
                return false;
            }
            victim.crash(powerLoss);
            return true;
        } catch (SimFailure failure) {
            throw new SimFailure("seed " + seed + ": " + failure.getMessage(), failure);
        }
    }

    /**
     * The host under test loses power: now, when called from outside; at this call, when called in a task. All tasks
     * unwind, what was not forced is lost, kept or torn, and {@link #world} is that of a new process.
     */
    public void crash() {
        crashAs(true);
    }

    /** As {@link #crash}, but only the process dies (kill -9): the disk keeps all that was written. */
    public void kill() {
        crashAs(false);
    }

    private void crashAs(boolean power) {
        powerLoss = power;
        if (scheduler.isRunning()) {
            scheduler.crash(host().process());
        } else {
            host().crash(power);
        }
    }

    /** Has the host under test lose power after {@code worldCalls} more world calls of anybody. */
    public void crashAfter(long worldCalls) {
        powerLoss = true;
        scheduler.crashAfter(host().process(), worldCalls);
    }

    /** Has the host lose power while, for the {@code nth} time, a file's beginning that was written over is forced. */
    public void crashInOverwrite(int nth) {
        powerLoss = true;
        host().disk().crashInOverwrite(nth);
    }

    /** As {@link #crashAfter}, but only the process dies. */
    public void killAfter(long worldCalls) {
        powerLoss = false;
        scheduler.crashAfter(host().process(), worldCalls);
    }

    /** Takes back a crash that was arranged and has not come yet. */
    public void crashNever() {
        scheduler.crashNever();
    }

    /** How many world calls one run may take before it counts as a livelock; 3 million at first. */
    public void callsOfRunMax(long most) {
        scheduler.callsOfRunMax(most);
    }

    /** From now on no fault strikes: for the end of a history, where everything must come out well. */
    public void calm() {
        luck.faults(SimFaults.none());
    }

    /** Back to the faults it was made with. */
    public void storm() {
        luck.faults(faults);
    }

    /** Ends everything that still waits. */
    @Override
    public void close() {
        for (SimHost host : hosts) {
            scheduler.unwind(host.process());
        }
        scheduler.close();
    }

    SimScheduler scheduler() {
        return scheduler;
    }

    SimFabric fabric() {
        return fabric;
    }

    SimLuck luck() {
        return luck;
    }

    /** The body of {@link #run}, which keeps what it threw. */
    private static final class Main implements Runnable {
        private final Body body;
        private final World world;
        private @Nullable Throwable thrown;

        Main(Body body, World world) {
            this.body = body;
            this.world = world;
        }

        @Override
        public void run() {
            try {
                body.run(world);
            } catch (SimCrash crash) {
                throw crash;
            } catch (Throwable any) {
                thrown = any;
            }
        }

        private void rethrow() {
            switch (thrown) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new SimFailure("the body failed", thrown);
            }
        }
    }
}
