package org.hikyaku.town;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * One seed: a server, ten destinations whose tempers change, ten sessions with fifty letters and more, crashes in three
 * of four seeds, two days. Then the storm ends, what is left is delivered or expires, and the ledger judges.
 */
final class Town implements AutoCloseable {
    private static final int SESSIONS = 10;
    private static final int LETTERS_PER_SESSION = 7;
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration CHANGE_EVERY = Duration.ofHours(3);
    private static final Duration RELEASED_EVERY = Duration.ofHours(6);
    /** Longer shows nothing more, and costs most of a seed: the server looks for room every second. */
    private static final Duration FULL_FOR = Duration.ofMinutes(30);

    private static final int RESTARTS_MAX = 1000;
    private static final long SMALL_DISK = 4 << 20;
    private static final long LARGE_DISK = 1L << 40;

    private final long seed;
    private final Random chance;
    private final SimWorld sim;
    private final SimHost clientHost;
    private final Ledger ledger = new Ledger();
    private final Ways ways = new Ways(ledger);
    private final Freezes freezes = new Freezes(ledger);
    private final Neighbours neighbours;
    private final Witness witness;
    private final Letters letters;
    private final TownProgram program;
    private final Operator operator;
    /** Much mail in small segments, and a power cut while a segment is begun: its header takes more than one sector. */
    private final boolean crowded;

    private boolean stormy;
    private int sessionsOpen;

    Town(long seed, Plant plant) {
        this.seed = seed;
        this.chance = new Random(seed * 7919 + 17);
        this.sim = new SimWorld(
                seed, seed % 5 == 0 ? SimFaults.hostile().with(SimFault.READ_FAILED, 0.003) : SimFaults.hostile());
        this.clientHost = sim.remote("client", "203.0.113.5");
        this.crowded = seed % 8 == 5;
        this.neighbours = new Neighbours(sim, new RemoteMta.Judges(ledger, ways, freezes));
        this.witness = new Witness(sim, ledger, ways, freezes);
        this.letters = new Letters(chance, crowded);
        this.program = new TownProgram(plant, crowded);
        this.operator = new Operator(chance, program, freezes, neighbours::hurried, ledger::wrong);
    }

    /** What a seed showed. */
    record Report(
            long seed,
            List<String> wrong,
            long hash,
            String summary,
            Map<SimFault, Long> faults,
            Map<String, Long> rows,
            Map<Integer, Long> crashStates,
            Map<Event, Long> events,
            Map<String, Long> commands,
            List<String> lines) {}

    Report live() {
        try {
            build();
            openSessions();
            storm();
            calmDown();
        } catch (RuntimeException | Error e) {
            ledger.wrong("the history broke off: " + e);
        }
        List<String> wrong = ledger.judge(witness.droppedBounces());
        return new Report(
                seed,
                wrong,
                sim.historyHash(),
                ledger.toString(),
                sim.tally().counts(),
                witness.rows(),
                witness.crashStates(),
                witness.events(),
                operator.told(),
                sim.events().lines());
    }

    @Override
    public void close() {
        sim.close();
    }

    // --- the town ---

    private void build() {
        sim.events().listen(witness::heard);
        sim.calm();
        sim.run(program::prepare);
        sim.storm();
        neighbours.settle();
        start();
    }

    /** Starts the server; a start that fails by a fault is tried again, as a service manager does. */
    private void start() {
        if (stormy && chance.nextInt(3) == 0) {
            sim.crashAfter(1 + chance.nextInt(150)); // in the middle of the start, or right after it
        }
        for (int i = 0; i < RESTARTS_MAX; i++) {
            if (sim.run(program::start) && program.isRunning()) {
                return;
            }
            witness.startCutShort();
            sim.kill();
            sim.disk().capacity(LARGE_DISK); // its operator looks, and makes room
            sim.runFor(Duration.ofSeconds(5));
        }
        throw new IllegalStateException("the server does not start: " + program.lastFailure());
    }

    // --- letters ---

    private void openSessions() {
        for (int i = 0; i < SESSIONS; i++) {
            Duration when = Duration.ofMinutes(1 + chance.nextInt(crowded ? 2 * 60 : 20 * 60));
            boolean login = chance.nextInt(4) == 0;
            Sender.Manner manner =
                    new Sender.Manner(chance.nextBoolean(), login, "alice@town.example", TownProgram.PASSWORD);
            List<Letter> some = new ArrayList<>();
            for (int n = 0; n < LETTERS_PER_SESSION; n++) {
                some.add(letter(login));
            }
            sessionsOpen++;
            sim.run(
                    clientHost,
                    world -> world.tasks().start("session", () -> {
                        world.tasks().sleep(when);
                        world.net()
                                .connect(
                                        new Endpoint.Tcp(InetAddress.ofLiteral("192.0.2.1"), login ? 587 : 25),
                                        Optional.empty(),
                                        Duration.ofSeconds(60),
                                        new Sender(some, manner, ledger, () -> sessionsOpen--));
                    }));
        }
    }

    private Letter letter(boolean login) {
        Letter letter = letters.next(login);
        ledger.written(letter);
        ways.written(letter);
        freezes.written(letter, login);
        return letter;
    }

    // --- time ---

    private void storm() {
        stormy = seed % 4 != 0;
        int crashes = seed % 4 == 0 ? 0 : 1 + chance.nextInt(3);
        long changes = Duration.ofDays(2).dividedBy(CHANGE_EVERY);
        for (long i = 0; i < changes; i++) {
            neighbours.change(chance);
            if (crowded && i < 8) {
                sim.crashInOverwrite(1 + chance.nextInt(i == 0 ? 30 : 4));
            } else if (crashes > 0 && chance.nextInt(3) == 0) {
                crashes--;
                sim.crashAfter(1 + chance.nextInt(3_000));
            }
            passWindow();
            if (i == changes / 2) {
                reload();
            }
        }
        if (crashes > 0) {
            sim.crash();
            ledger.crashed();
            start();
        }
    }

    /** In one window of two the disk is full for half an hour, for the mailboxes and for the spool. */
    private void passWindow() {
        Duration before = Duration.ofMinutes(
                chance.nextInt((int) CHANGE_EVERY.minus(FULL_FOR).toMinutes()));
        boolean fills = chance.nextBoolean();
        sim.disk().capacity(LARGE_DISK);
        passTime(before);
        sim.disk().capacity(fills ? SMALL_DISK : LARGE_DISK);
        operate();
        passTime(FULL_FOR);
        sim.disk().capacity(LARGE_DISK);
        passTime(CHANGE_EVERY.minus(before).minus(FULL_FOR));
    }

    private void operate() {
        if (chance.nextBoolean() && !sim.run(operator::act)) {
            ledger.crashed();
            start();
        }
    }

    /** A user goes; what waits for him comes back. What is signed goes another way. */
    private void reload() {
        sim.disk().capacity(LARGE_DISK);
        sim.calm();
        ways.changing();
        if (!sim.run(program::reload)) {
            ledger.crashed(); // a crash was due at just this moment
            start();
            sim.run(program::reload);
        }
        ways.changed(sim.clock().now());
        sim.storm();
    }

    private void passTime(Duration time) {
        var until = sim.clock().now().plus(time);
        while (sim.clock().now().isBefore(until)) {
            if (!sim.runFor(Duration.between(sim.clock().now(), until))) {
                ledger.crashed();
                start();
            }
        }
    }

    private void calmDown() {
        stormy = false;
        sim.crashNever(); // one that was still to come would cut short the look at the end
        sim.disk().capacity(LARGE_DISK);
        neighbours.calm();
        sim.calm();
        sim.run(operator::end);
        boolean empty = false;
        for (Duration passed = Duration.ZERO; !empty && passed.compareTo(DAY.multipliedBy(4)) < 0; ) {
            empty = sim.runUntil(() -> sessionsOpen == 0 && program.isFinished(), RELEASED_EVERY);
            passed = passed.plus(RELEASED_EVERY);
            if (!empty) {
                sim.run(world -> operator.release());
            }
        }
        if (!empty) {
            ledger.wrong("something waits for ever: " + sessionsOpen + " sessions open, " + program.unfinished()
                    + " messages unfinished");
            sim.run(world -> program.describeUnfinished().forEach(ledger::wrong));
        }
        sim.run(world -> program.stop());
        Set<String> left = sim.host().tasks();
        if (!left.isEmpty()) {
            ledger.wrong("tasks leak after the stop: " + left);
        }
        start(); // what was settled must not come again
        if (!sim.runFor(Duration.ofHours(6)) || !sim.run(this::readMailboxes)) {
            ledger.wrong("a crash after the storm: the mailboxes were not read");
        }
        if (sim.events().count(Event.TASK_DIED) + sim.events().count(Event.SESSION_BROKEN) > 0) {
            ledger.wrong("a task died or a session broke: " + last(Event.TASK_DIED) + last(Event.SESSION_BROKEN));
        }
    }

    private String last(Event event) {
        return sim.events().lines().stream()
                .filter(line -> line.startsWith(event.label()))
                .reduce("", (a, b) -> b);
    }

    private void readMailboxes(World world) throws IOException {
        Path root = Path.of("/data/mail/town.example");
        for (String user : List.of("alice", "bob", "carol", "postmaster")) {
            for (String sub : List.of("new", "cur")) {
                Path folder = root.resolve(user).resolve(sub);
                if (!world.disk().exists(folder)) {
                    continue;
                }
                for (String name : world.disk().list(folder)) {
                    String text = new String(
                                    world.disk().readAll(folder.resolve(name), 10_000_000), StandardCharsets.UTF_8)
                            .replace("\n", "\r\n"); // a mailbox file has the line ends of the host
                    ledger.arrived(text, List.of(deliveredTo(text, user)));
                }
            }
        }
    }

    /** The address at RCPT, sub-address kept. */
    private static String deliveredTo(String text, String user) {
        int at = text.indexOf("Delivered-To: ");
        return at < 0 ? user + "@town.example" : text.substring(at + 14, text.indexOf('\r', at));
    }
}
