package org.hikyaku.town;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.mail.Address;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Resolver.Cause;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * One seed: a server, ten destinations whose tempers change, ten sessions with fifty letters and more, crashes in three
 * of four seeds, two days. Then the storm ends, what is left is delivered or expires, and the ledger judges.
 */
final class Town implements AutoCloseable {
    static final int DESTINATIONS = 10;
    /** The one that the route of sealed.example leads to, too. */
    private static final int SEALED = 3;

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

    private static final Pattern MESSAGE_ID = Pattern.compile("(\\d+)@town\\.example");

    private static final boolean TRACED = Long.getLong("seed") != null;

    private final long seed;
    private final Random chance;
    private final SimWorld sim;
    private final SimHost clientHost;
    private final Ledger ledger = new Ledger();
    private final Ways ways = new Ways(ledger);
    private final Freezes freezes = new Freezes(ledger);
    private final RemoteMta.Judges judges = new RemoteMta.Judges(ledger, ways, freezes);
    private final List<RemoteMta> destinations = new ArrayList<>();
    /** Smart hosts that rules name. */
    private final List<RemoteMta> named = new ArrayList<>();

    private final List<RemoteMta> alwaysBad = new ArrayList<>();
    private @Nullable RemoteMta gate;
    private final Set<Integer> droppedBounces = new LinkedHashSet<>();
    private final Map<String, Long> rows = new TreeMap<>();
    private final Map<Integer, Long> crashStates = new TreeMap<>();
    private final TownProgram program;
    private final Operator operator;
    /** Much mail in small segments, and a power cut while a segment is begun: its header takes more than one sector. */
    private final boolean crowded;

    private boolean stormy;
    private int letters;
    private int sessionsOpen;

    Town(long seed, Plant plant) {
        this.seed = seed;
        this.chance = new Random(seed * 7919 + 17);
        this.sim = new SimWorld(
                seed, seed % 5 == 0 ? SimFaults.hostile().with(SimFault.READ_FAILED, 0.003) : SimFaults.hostile());
        this.clientHost = sim.remote("client", "203.0.113.5");
        this.crowded = seed % 8 == 5;
        this.program = new TownProgram(plant, crowded);
        this.operator = new Operator(chance, program, freezes, this::hurried, ledger::wrong);
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
        List<String> wrong = ledger.judge(droppedBounces);
        return new Report(
                seed,
                wrong,
                sim.historyHash(),
                ledger.toString(),
                sim.tally().counts(),
                rows,
                crashStates,
                eventCounts(),
                operator.told(),
                sim.events().lines());
    }

    private Map<Event, Long> eventCounts() {
        Map<Event, Long> out = new EnumMap<>(Event.class);
        for (Event event : Event.values()) {
            out.put(event, sim.events().count(event));
        }
        return out;
    }

    @Override
    public void close() {
        sim.close();
    }

    // --- the town ---

    private void build() {
        sim.events().listen(this::heard);
        sim.calm();
        sim.run(program::prepare);
        sim.storm();
        for (int i = 0; i < DESTINATIONS; i++) {
            destinations.add(destination(i));
        }
        sim.zones()
                .nullMx("null.example")
                .empty("nothing.example")
                .mx("loop.example", 10, "lo.loop.example")
                .address("lo.loop.example", "127.0.0.1");
        sim.zones()
                .fail("servfail.example", Cause.SERVFAIL)
                .fail("bogus.example", Cause.BOGUS)
                .fail("slow.example", Cause.TIMEOUT)
                .fail("broken.example", Cause.BROKEN);
        sim.zones().mx("us.example", 5, "mx.town.example").mx("dry.example", 10, "nowhere.dry.example");
        sim.zones().mx("gone.example", 10, "mx.gone.example").address("mx.gone.example", "198.51.100.99");
        sim.remote("gone", "198.51.100.98");
        gate();
        routed();
        start();
    }

    /** A smart host with a login, for the domain gate.example. */
    private void gate() {
        SimHost host = sim.remote("gate", "198.51.100.60");
        RemoteMta smartHost = new RemoteMta("gate.example", host, judges, true);
        gate = smartHost;
        sim.run(
                host,
                world -> world.net()
                        .listen(new Endpoint.Tcp(InetAddress.ofLiteral("198.51.100.60"), 587), 50, smartHost::session));
        sim.zones().address("gate.example", "198.51.100.60");
        smartHost.become(Temper.GATE_OPEN);
    }

    /** What only rules of routes know: hosts, a pool of addresses, a domain whose mail is held. */
    private void routed() {
        Ways.POOL.keySet().forEach(sim.host()::alsoAt);
        named.add(smartHost(Ways.SIGNED_FIRST, "198.51.100.61"));
        named.add(smartHost(Ways.SIGNED_THEN, "198.51.100.62"));
        named.add(smartHost(Ways.FALLBACK, "198.51.100.63"));
        sim.zones().mx("ruled.example", 10, "mx.d4.example");
    }

    private RemoteMta smartHost(String name, String address) {
        SimHost host = sim.remote(name, address);
        RemoteMta mta = new RemoteMta(name, host, judges, true);
        sim.run(
                host,
                world -> world.net().listen(new Endpoint.Tcp(InetAddress.ofLiteral(address), 25), 50, mta::session));
        return mta;
    }

    /** Which letter became which message, and whose bounce was given up. */
    private void heard(Event event, @Nullable Object[] values) {
        if (TRACED) {
            System.out.println(
                    event.label() + " " + Arrays.toString(values)); // no look at the clock: it is a world call
        }
        if (event == Event.MESSAGE_QUEUED && values[5] != null) {
            Matcher m = MESSAGE_ID.matcher(values[5].toString());
            if (m.find()) {
                ledger.named(String.valueOf(values[0]), Integer.parseInt(m.group(1)));
                freezes.accepted(Integer.parseInt(m.group(1)));
            }
        } else if (event == Event.RECIPIENT_DELIVERED
                && List.of("maildir", "discard").contains(values[2])) {
            ledger.letterOf(String.valueOf(values[0])).ifPresent(n -> stays(n, String.valueOf(values[1])));
        } else if (event == Event.ATTEMPT_FAILED) {
            rows.merge(String.valueOf(values[3]), 1L, Long::sum);
        } else if (event == Event.MAILBOX_COPY_LEFT) {
            ledger.numberOf(String.valueOf(values[0])).ifPresent(n -> ledger.uncertain(n, String.valueOf(values[1])));
        } else if (event == Event.SPOOL_FORCE_FAILED && "new".equals(values[0])) {
            ledger.cannotUndo(true);
        } else if (event == Event.SPOOL_RECOVERED && "a new segment was begun".equals(values[1])) {
            ledger.cannotUndo(false);
        } else if (event == Event.SPOOL_CRASH_STATE) {
            crashStates.merge(Integer.parseInt(String.valueOf(values[0])), 1L, Long::sum);
        } else if (event == Event.BOUNCE_QUEUED || event == Event.NOTICE_QUEUED) {
            ledger.numberOf(String.valueOf(values[1])).ifPresent(n -> ledger.notice(String.valueOf(values[0]), n));
        } else if (event == Event.BOUNCE_DROPPED) {
            ledger.numberOf(String.valueOf(values[0])).ifPresentOrElse(droppedBounces::add, ledger::strayBounceDropped);
        } else {
            operated(event, values);
        }
    }

    /** What is told of what the operator, or a rule, does with messages. */
    private void operated(Event event, @Nullable Object[] values) {
        switch (event) {
            case MESSAGE_TRASHED -> ledger.trash().into(String.valueOf(values[0]));
            case MESSAGE_RELEASED -> ledger.trash().back(String.valueOf(values[0]));
            case MESSAGE_REMOVED ->
                ledger.trash().emptied(String.valueOf(values[0]), sim.clock().stamp());
            case RECIPIENT_FAILED -> ledger.trash().failed(String.valueOf(values[0]), String.valueOf(values[1]));
            case MESSAGE_HELD -> {
                ledger.trash().back(String.valueOf(values[0]));
                if ("rule".equals(values[1])) {
                    ledger.numberOf(String.valueOf(values[0])).ifPresent(ways::held);
                }
            }
            default -> {}
        }
    }

    /** A copy of a letter is in a mailbox here, or discarded. */
    private void stays(int letter, String recipient) {
        freezes.left(letter, sim.clock().stamp());
        ledger.trash().left(letter, sim.clock().stamp());
        if (recipient.endsWith(Ledger.DISCARDED)) {
            ledger.delivered(letter, recipient);
        }
    }

    private void hurried() {
        destinations.forEach(RemoteMta::hurried);
        named.forEach(RemoteMta::hurried);
        theGate().hurried();
    }

    private RemoteMta destination(int i) {
        String address = "198.51.100." + (10 + i);
        SimHost host = sim.remote("d" + i, address);
        RemoteMta mta = new RemoteMta("mx.d" + i + ".example", host, judges, i == SEALED);
        sim.run(
                host,
                world -> world.net().listen(new Endpoint.Tcp(InetAddress.ofLiteral(address), 25), 50, mta::session));
        sim.zones().mx("d" + i + ".example", 10, "mx.d" + i + ".example").address("mx.d" + i + ".example", address);
        if (i < 2) {
            alwaysBad.add(mta);
        }
        return mta;
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
            crashStates.merge(18, 1L, Long::sum); // cut short by a crash or by a fault, begun again
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
        List<Address> recipients = new ArrayList<>();
        if (chance.nextInt(8) == 0) {
            int d = chance.nextInt(DESTINATIONS);
            recipients.add(Address.of("first@d" + d + ".example"));
            recipients.add(Address.of("second@d" + d + ".example"));
        }
        for (int i = 0; i <= chance.nextInt(3); i++) {
            Address recipient = recipient();
            if (!recipients.contains(recipient)) {
                recipients.add(recipient);
            }
        }
        Address sender = login ? Address.of(TownProgram.USER) : sender();
        Address bounced = Address.of("reader0@d0.example");
        boolean freezable = login || sender.equals(Address.of(Operator.SENDER));
        if (freezable && chance.nextInt(3) == 0 && !recipients.contains(bounced)) {
            recipients.add(bounced); // the operator gives him up while the others are frozen
        }
        int size = chance.nextInt(8) == 0
                ? 20_000 + chance.nextInt(40_000)
                : crowded ? 12_000 + chance.nextInt(3_500) : chance.nextInt(3_000);
        Letter letter = new Letter(++letters, sender, recipients, size, kind());
        ledger.written(letter);
        ways.written(letter);
        freezes.written(letter, login);
        return letter;
    }

    private Letter.Kind kind() {
        return switch (chance.nextInt(12)) {
            case 0, 1 -> Letter.Kind.EIGHT_BIT;
            case 2 -> Letter.Kind.SIGNED;
            case 3 -> Letter.Kind.INTERNATIONAL;
            default -> Letter.Kind.PLAIN;
        };
    }

    private Address sender() {
        return switch (chance.nextInt(10)) {
            case 0 -> Address.NULL;
            case 1, 2, 3 -> Address.of("writer@d" + (2 + chance.nextInt(DESTINATIONS - 2)) + ".example");
            default -> Address.of("alice@town.example");
        };
    }

    private Address recipient() {
        return switch (chance.nextInt(28)) {
            case 0 -> Address.of("x@null.example");
            case 1 ->
                Address.of(List.of("x@nothing.example", "x@kept.example", "x@closed.example")
                        .get(chance.nextInt(3)));
            case 2 -> Address.of("x@no-such-domain.example");
            case 3 ->
                Address.of("x@"
                        + List.of("loop.example", "us.example", "dry.example").get(chance.nextInt(3)));
            case 4 ->
                Address.of("x@"
                        + List.of("servfail.example", "bogus.example", "slow.example", "broken.example")
                                .get(chance.nextInt(4)));
            case 5 -> Address.of("unknown@d" + (4 + chance.nextInt(2)) + ".example");
            case 9, 13 -> Address.of("x@gate.example");
            case 15 -> Address.of("x@sealed.example");
            case 10 -> Address.of(chance.nextInt(3) == 0 ? "x@discard.example" : "x@ruled.example");
            case 12 -> Address.of(chance.nextBoolean() ? "x@gone.example" : "x@keyless.example");
            case 14 -> Address.of(TownProgram.LEAVER);
            case 6, 7, 8 ->
                Address.of(List.of("alice@town.example", "bob@town.example", "bob+tag@town.example")
                        .get(chance.nextInt(3)));
            default -> Address.of("reader" + chance.nextInt(3) + "@d" + chance.nextInt(DESTINATIONS) + ".example");
        };
    }

    // --- time ---

    private void storm() {
        stormy = seed % 4 != 0;
        int crashes = seed % 4 == 0 ? 0 : 1 + chance.nextInt(3);
        long changes = Duration.ofDays(2).dividedBy(CHANGE_EVERY);
        for (long i = 0; i < changes; i++) {
            destinations.forEach(each -> each.become(draw()));
            named.forEach(each -> each.become(draw()));
            theGate().become(Temper.gates().get(chance.nextInt(Temper.gates().size())));
            alwaysBad.forEach(each -> each.become(chance.nextBoolean() ? Temper.MUTE : Temper.FULL));
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

    private Temper draw() {
        return chance.nextInt(3) == 0
                ? Temper.FAIR
                : Temper.destinations().get(chance.nextInt(Temper.destinations().size()));
    }

    private RemoteMta theGate() {
        return Objects.requireNonNull(gate);
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
        destinations.forEach(each -> each.become(Temper.FAIR));
        named.forEach(each -> each.become(Temper.FAIR));
        theGate().become(Temper.GATE_OPEN);
        alwaysBad.forEach(each -> each.become(Temper.MUTE));
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
