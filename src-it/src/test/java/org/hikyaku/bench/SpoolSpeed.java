package org.hikyaku.bench;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
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
import org.hikyaku.world.Events;
import org.hikyaku.world.Net;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * How fast the spool alone is on a real disk: {@code SpoolSpeed DIRECTORY HANDS SECONDS OCTETS}. Each hand stores a
 * message, waits, reads it, finishes it, waits. Then {@code KEEP} messages are kept and the spool is opened again.
 */
public final class SpoolSpeed {
    private static final int KEEP = Integer.getInteger("keep", 100_000);

    private final World world;
    private final Path directory;
    private final byte[] body;

    private SpoolSpeed(World world, Path directory, int octets) {
        this.world = world;
        this.directory = directory;
        this.body = new byte[octets];
        Arrays.fill(body, (byte) 'x');
    }

    public static void main(String[] args) throws IOException {
        Events quiet = (event, values) -> System.out.println(event + " " + Arrays.toString(values));
        World world = new World(
                new RealClock(),
                new RealDisk(),
                nothing(Net.class),
                nothing(Resolver.class),
                new RealTasks(quiet),
                new RealEntropy(),
                quiet);
        SpoolSpeed speed = new SpoolSpeed(world, Path.of(args[0]), Integer.parseInt(args[3]));
        speed.throughput(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        speed.restart();
    }

    private static <T> T nothing(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, given) -> {
            throw new UnsupportedOperationException(method.getName());
        }));
    }

    private JournalSpool open() throws IOException {
        SpoolSettings settings = new SpoolSettings(
                Optional.of(directory), 64 << 20, 64 << 10, 256 << 20, Duration.ofMillis(5), 32 << 20);
        return JournalSpool.open(world, directory, settings, 256 << 20);
    }

    private void throughput(int hands, int seconds) throws IOException {
        JournalSpool spool = open();
        AtomicLong done = new AtomicLong();
        long end = world.clock().nanos() + seconds * 1_000_000_000L;
        long half = end - seconds * 500_000_000L;
        AtomicLong warm = new AtomicLong();
        List<Tasks.Task> tasks = new ArrayList<>();
        for (int i = 0; i < hands; i++) {
            tasks.add(world.tasks().start("hand " + i, () -> {
                while (world.clock().nanos() < end) {
                    SpoolId id = store(spool);
                    read(spool, id);
                    commit(spool, new Change.Entry.Remove(id, "done")).await();
                    done.incrementAndGet();
                    if (world.clock().nanos() < half) {
                        warm.incrementAndGet();
                    }
                }
            }));
        }
        tasks.forEach(task -> task.join(Duration.ofHours(1)));
        System.out.printf(
                "%d hands, %d octets: %d messages/s stored, read and finished (second half)%n",
                hands, body.length, (done.get() - warm.get()) * 2 / seconds);
        spool.close();
    }

    private void restart() throws IOException {
        JournalSpool spool = open();
        AtomicInteger rest = new AtomicInteger(KEEP);
        List<Tasks.Task> tasks = new ArrayList<>();
        long began = world.clock().nanos();
        for (int i = 0; i < 200; i++) {
            tasks.add(world.tasks().start("hand " + i, () -> {
                while (rest.getAndDecrement() > 0) {
                    store(spool);
                }
            }));
        }
        tasks.forEach(task -> task.join(Duration.ofHours(1)));
        System.out.printf("%d stored in %d ms%n", KEEP, (world.clock().nanos() - began) / 1_000_000);
        spool.close();
        System.gc();
        long before = used();
        JournalSpool again = open();
        long told = world.clock().nanos();
        AtomicInteger count = new AtomicInteger();
        again.recover(message -> count.incrementAndGet()).join(Duration.ofHours(1));
        System.out.printf(
                "%d told in %d ms; %d octets of heap a message%n",
                count.get(), (world.clock().nanos() - told) / 1_000_000, (used() - before) / KEEP);
        again.close();
    }

    private static long used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private SpoolId store(JournalSpool spool) {
        Draft draft = spool.draft();
        draft.append(body, 0, body.length);
        Envelope envelope = new Envelope(
                Address.of("sender@a.example"), List.of(Recipient.of(Address.of("to@b.example"))), false, false);
        String told = commit(
                        spool,
                        new Change.Entry.Accept(
                                draft,
                                "Received: from x by y; now\r\n".getBytes(StandardCharsets.US_ASCII),
                                envelope,
                                new Origin(Origin.Kind.SMTP, "192.0.2.1", "", "s1"),
                                draft.opened(),
                                List.of(RecipientState.fresh(draft.opened())),
                                ""))
                .await();
        if (!told.isEmpty()) {
            throw new IllegalStateException(told);
        }
        if (draft.id().value() % 10 == 0) {
            RecipientState later = new RecipientState(
                    RecipientState.Status.PENDING,
                    1,
                    draft.opened(),
                    Diagnosis.ours("4.4.1", "no answer from the host"),
                    false);
            commit(spool, new Change.Entry.Progress(draft.id(), Map.of(0, later)))
                    .await();
        }
        return draft.id();
    }

    private void read(JournalSpool spool, SpoolId id) {
        try {
            if (spool.read(id).isEmpty()) {
                throw new IllegalStateException("what was just stored is not there");
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
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
