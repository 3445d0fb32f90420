package org.hikyaku.bench;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.real.RealClock;
import org.hikyaku.real.RealDisk;
import org.hikyaku.real.RealEntropy;
import org.hikyaku.real.RealTasks;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.Spool;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.hikyaku.world.Net;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * How a spool behaves with many messages in it: {@code SpoolDepth DIRECTORY MESSAGES [OCTETS]}. Fills {@code DIRECTORY/deep} with
 * deferred messages (kept from a former run when it holds enough), opens it by the checkpoint and without, has all visited, lists,
 * and takes mail beside an empty spool in 7 alternating pairs. Takes {@code MESSAGES * OCTETS * 1.3} of disk.
 */
public final class SpoolDepth {
    private static final int PENDING_MAX = 4_000;
    private static final int HANDS = 100;
    private static final int PAIRS = 7;
    private static final Duration LONG = Duration.ofHours(2);

    private final World world;
    private final Path directory;
    private final int messages;
    private final byte[] body;

    private SpoolDepth(World world, Path directory, int messages, int octets) {
        this.world = world;
        this.directory = directory;
        this.messages = messages;
        this.body = new byte[octets];
        Arrays.fill(body, (byte) 'x');
    }

    public static void main(String[] args) throws IOException {
        Events some = (event, values) -> {
            if (event == Event.SPOOL_OPENED || event == Event.SPOOL_CHECKPOINT || event == Event.TASK_DIED) {
                System.out.println("  " + event + " " + Arrays.toString(values));
            }
        };
        World world = new World(
                new RealClock(),
                new RealDisk(),
                nothing(Net.class),
                nothing(Resolver.class),
                new RealTasks(some),
                new RealEntropy(),
                some);
        int octets = args.length > 2 ? Integer.parseInt(args[2]) : 4_000;
        SpoolDepth depth = new SpoolDepth(world, Path.of(args[0]).toAbsolutePath(), Integer.parseInt(args[1]), octets);
        depth.fill();
        depth.restart("by the checkpoint");
        world.disk().delete(depth.directory.resolve("deep").resolve("checkpoint"));
        depth.restart("without a checkpoint");
        depth.pairs();
    }

    private static <T> T nothing(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, given) -> {
            throw new UnsupportedOperationException(method.getName());
        }));
    }

    private JournalSpool open(String name) throws IOException {
        Path path = directory.resolve(name);
        SpoolSettings settings =
                new SpoolSettings(Optional.of(path), 64 << 20, 64 << 10, 256 << 20, Duration.ofMillis(5), 32 << 20);
        return JournalSpool.open(world, path, settings, 256 << 20);
    }

    private void fill() throws IOException {
        JournalSpool spool = open("deep");
        long began = world.clock().nanos();
        int rest = messages - spool.size();
        Tasks.Permits permits = world.tasks().permits(PENDING_MAX);
        List<SpoolId> made = new ArrayList<>();
        for (int i = 0; i < rest; i++) {
            Draft draft = spool.draft();
            draft.append(body, 0, body.length);
            made.add(draft.id());
            commit(spool, accept(draft), permits);
            if (made.size() == PENDING_MAX) {
                defer(spool, made, permits);
            }
        }
        defer(spool, made, permits);
        for (int i = 0; i < PENDING_MAX; i++) {
            permits.acquire();
        }
        if (rest > 0) {
            System.out.printf("%d stored and deferred twice in %.1f s%n", rest, seconds(began));
        }
        began = world.clock().nanos();
        spool.close();
        System.out.printf("closed in %.2f s%n", seconds(began));
    }

    private void defer(JournalSpool spool, List<SpoolId> made, Tasks.Permits permits) {
        for (int attempt = 1; attempt <= 2; attempt++) {
            for (SpoolId id : made) {
                RecipientState later = new RecipientState(
                        RecipientState.Status.PENDING,
                        attempt,
                        world.clock().now().plusSeconds(86_400),
                        new Diagnosis("4.4.1", "no answer", "mx1.b.example", "421 4.3.2 try again later"),
                        false);
                commit(spool, new Change.Entry.Progress(id, Map.of(0, later)), permits);
            }
        }
        made.clear();
    }

    private void restart(String how) throws IOException {
        long before = used();
        long began = world.clock().nanos();
        JournalSpool spool = open("deep");
        double opened = seconds(began);
        System.out.printf(
                "%s: %d messages, opened in %.2f s, %.1f octets of heap a message%n",
                how, spool.size(), opened, (used() - before) / (double) spool.size());
        began = world.clock().nanos();
        List<SpoolId> first = spool.ids(null, 100);
        System.out.printf("first %d ids in %.3f ms", first.size(), seconds(began) * 1_000);
        began = world.clock().nanos();
        int count = 0;
        for (List<SpoolId> page = spool.ids(null, 200); !page.isEmpty(); page = spool.ids(page.getLast(), 200)) {
            count += page.size();
        }
        System.out.printf("; all %d, page by page, in %.0f ms%n", count, seconds(began) * 1_000);
        AtomicInteger told = new AtomicInteger();
        began = world.clock().nanos();
        Tasks.Task visiting = spool.recover(message -> told.incrementAndGet());
        long stored = world.clock().nanos();
        SpoolId id = store(spool);
        System.out.printf("first message taken %.1f ms after that%n", seconds(stored) * 1_000);
        commit(spool, new Change.Entry.Remove(id, "done")).await();
        visiting.join(LONG);
        System.out.printf("%d visited in %.1f s%n", told.get(), seconds(began));
        began = world.clock().nanos();
        spool.close();
        System.out.printf("closed in %.2f s%n", seconds(began));
    }

    private void pairs() throws IOException {
        JournalSpool deep = open("deep");
        JournalSpool empty = open("empty");
        rate(deep, 5);
        rate(empty, 5);
        double[] ratios = new double[PAIRS];
        for (int i = 0; i < PAIRS; i++) {
            long withMany = rate(deep, 3);
            long withNone = rate(empty, 3);
            ratios[i] = withMany / (double) withNone;
            System.out.printf(
                    "accepted and finished a second: deep %d, empty %d, ratio %.3f%n", withMany, withNone, ratios[i]);
        }
        Arrays.sort(ratios);
        System.out.printf("ratio: min %.3f median %.3f max %.3f%n", ratios[0], ratios[PAIRS / 2], ratios[PAIRS - 1]);
        deep.close();
        empty.close();
    }

    private long rate(JournalSpool spool, int seconds) {
        AtomicLong done = new AtomicLong();
        long end = world.clock().nanos() + seconds * 1_000_000_000L;
        List<Tasks.Task> hands = new ArrayList<>();
        for (int i = 0; i < HANDS; i++) {
            hands.add(world.tasks().start("hand " + i, () -> {
                while (world.clock().nanos() < end) {
                    SpoolId id = store(spool);
                    commit(spool, new Change.Entry.Remove(id, "done")).await();
                    done.incrementAndGet();
                }
            }));
        }
        hands.forEach(hand -> hand.join(LONG));
        return done.get() / seconds;
    }

    private double seconds(long since) {
        return (world.clock().nanos() - since) / 1e9;
    }

    private static long used() {
        System.gc();
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private SpoolId store(JournalSpool spool) {
        Draft draft = spool.draft();
        draft.append(body, 0, body.length);
        String told = commit(spool, accept(draft)).await();
        if (!told.isEmpty()) {
            throw new IllegalStateException(told);
        }
        return draft.id();
    }

    private static Change.Entry.Accept accept(Draft draft) {
        Instant now = draft.opened();
        return new Change.Entry.Accept(
                draft,
                "Received: from x by y; now\r\n".getBytes(StandardCharsets.US_ASCII),
                new Envelope(
                        Address.of("sender@a.example"),
                        List.of(Recipient.of(Address.of("to@b.example"))),
                        false,
                        false),
                new Origin(Origin.Kind.SMTP, "192.0.2.1", "", "s1"),
                now,
                List.of(RecipientState.fresh(now)),
                "");
    }

    private static void commit(JournalSpool spool, Change.Entry entry, Tasks.Permits permits) {
        permits.acquire();
        spool.commit(Change.of(entry), null, new Spool.Done() {
            @Override
            public void stored() {
                permits.release();
            }

            @Override
            public void failed(Spool.SpoolFailure why) {
                System.out.println("failed: " + why);
                permits.release();
            }
        });
    }

    private Tasks.Promise<String> commit(JournalSpool spool, Change.Entry entry) {
        Tasks.Promise<String> told = world.tasks().promise();
        spool.commit(Change.of(entry), null, new Spool.Done() {
            @Override
            public void stored() {
                told.complete("");
            }

            @Override
            public void failed(Spool.SpoolFailure why) {
                told.complete(why.text());
            }
        });
        return told;
    }
}
