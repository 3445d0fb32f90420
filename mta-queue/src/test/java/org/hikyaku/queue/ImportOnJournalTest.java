package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.Importer;
import org.hikyaku.operate.Operation;
import org.hikyaku.operate.Verb;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** Imports on the real spool: all or nothing, once, as it was, whatever moment the power goes. */
class ImportOnJournalTest {
    private static final int SEEDS = 30;
    private static final int MESSAGES = 120;
    private static final Instant EPOCH = Instant.parse("2020-01-01T00:00:00Z");

    /** An archive in memory. */
    private static final class Archive {
        final Map<String, Importer.Given> messages = new LinkedHashMap<>();
        final Map<String, byte[]> bodies = new LinkedHashMap<>();

        Archive(Instant now) {
            Random random = new Random(7);
            for (int i = 0; i < MESSAGES; i++) {
                byte[] body = new byte[i % 50 == 3 ? 20_000 : 40 + i];
                random.nextBytes(body);
                String sender = "u" + i;
                bodies.put(sender, body);
                messages.put(sender, given(i, body.length, now));
            }
        }

        Importer.Given message(String sender) {
            return Objects.requireNonNull(messages.get(sender));
        }

        byte[] body(String sender) {
            return Objects.requireNonNull(bodies.get(sender));
        }

        private static Importer.Given given(int i, int size, Instant now) {
            List<Recipient> to = List.of(
                    Recipient.of(Address.of("a" + i + "@b.example")),
                    new Recipient(Address.of("b" + i + "@e.example"), Address.of("list@a.example")));
            Diagnosis said = new Diagnosis("4.4.1", "no answer", "mx.b.example", "451 4.4.1 later");
            boolean later = i % 2 == 0;
            Instant due = now.plus(later ? Duration.ofHours(1) : Duration.ofMinutes(-1))
                    .truncatedTo(ChronoUnit.MILLIS);
            return new Importer.Given(
                    new SpoolId(1_000 + i),
                    size,
                    EPOCH.plusSeconds(i),
                    new Envelope(Address.of("u" + i + "@c.example"), to, true, false, i % 5 - 2),
                    new Origin(Origin.Kind.SUBMISSION, "192.0.2.1", "ann", "s" + i),
                    List.of(
                            new RecipientState(RecipientState.Status.DELIVERED, 1, due, said, false),
                            new RecipientState(RecipientState.Status.PENDING, i % 4, due, said, i % 3 == 0)),
                    i % 7 == 0 ? "a check says so; by=x" : "");
        }
    }

    private static OperatorBed open(World world) throws IOException {
        JournalSpool spool = JournalSpool.open(
                world,
                Path.of("/spool"),
                new SpoolSettings(Optional.empty(), 64 << 10, 16 << 10, 0, Duration.ofMillis(5), 64 << 20),
                1 << 20);
        OperatorBed op = new OperatorBed(world, spool, List.of());
        spool.recover(message -> {
                    op.operations.recovered(message);
                    op.bed.queue.message(message);
                })
                .join(Duration.ofMinutes(10));
        return op;
    }

    private static Importer.Outcome take(OperatorBed op, Archive archive, int most) throws IOException {
        try (Importer importer = op.operations.importer("ops", false, op.watcher(row -> {}))) {
            int count = 0;
            for (Map.Entry<String, Importer.Given> each : archive.messages.entrySet()) {
                if (count++ == most) {
                    throw new IOException("the archive breaks off");
                }
                if (importer.message(each.getValue())) {
                    byte[] body = archive.body(each.getKey());
                    for (int at = 0; at < body.length; at += 7_000) {
                        importer.data(Arrays.copyOfRange(body, at, Math.min(body.length, at + 7_000)));
                    }
                    importer.whole();
                }
            }
            return importer.end();
        }
    }

    private static byte[] octets(Content content) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) content.size());
        while (all.hasRemaining()) {
            content.read(all, all.position());
        }
        return all.array();
    }

    private static void same(Archive archive, String sender, StoredMessage found) throws IOException {
        Importer.Given given = archive.message(sender);
        assertThat(octets(found.content())).as(sender).isEqualTo(archive.body(sender));
        assertThat(List.of(found.arrival(), found.envelope(), found.origin(), found.states(), found.held()))
                .as(sender)
                .isEqualTo(List.of(given.arrival(), given.envelope(), given.origin(), given.states(), given.held()));
    }

    private static Map<String, StoredMessage> all(OperatorBed op) {
        Map<String, StoredMessage> found = new LinkedHashMap<>();
        op.operations.list(OperatorBed.by("all or state = trash"), op.watcher(row -> {
            String sender = row.message().envelope().sender().local();
            assertThat(found.put(sender, row.message()))
                    .as("a second %s", sender)
                    .isNull();
        }));
        return found;
    }

    /** What deliverers get within a second, each settled. */
    private static Set<String> delivered(OperatorBed op, Set<String> senders) {
        for (Optional<Claim> claim = op.bed.takeSoon(); claim.isPresent(); claim = op.bed.takeSoon()) {
            assertThat(senders.add(claim.get().message().envelope().sender().local()))
                    .isTrue();
            op.bed.settle(claim.get(), QueueBed.delivered());
        }
        return senders;
    }

    @Test
    void aMessageComesAsItWasAndIsTriedWhenItIsDue() {
        try (SimWorld sim = new SimWorld(1, SimFaults.none())) {
            assertThat(sim.run(world -> {
                        OperatorBed op = open(world);
                        Archive archive = new Archive(world.clock().now());
                        Importer.Outcome outcome = take(op, archive, -1);
                        assertThat(outcome).isEqualTo(new Importer.Outcome(MESSAGES, 0, 0, MESSAGES, 0));
                        Map<String, StoredMessage> found = all(op);
                        assertThat(found.keySet()).isEqualTo(archive.messages.keySet());
                        for (Map.Entry<String, StoredMessage> each : found.entrySet()) {
                            same(archive, each.getKey(), each.getValue());
                        }
                        Set<String> now = delivered(op, new LinkedHashSet<>());
                        assertThat(now).isEqualTo(due(archive, world.clock().now()));
                        assertThat(take(op, archive, -1))
                                .as("nor is taken again what was delivered")
                                .isEqualTo(new Importer.Outcome(0, MESSAGES, 0, 0, 0));
                    }))
                    .isTrue();
        }
    }

    private static Set<String> due(Archive archive, Instant now) {
        Set<String> due = new LinkedHashSet<>();
        archive.messages.forEach((sender, given) -> {
            if (given.held().isEmpty() && !given.states().getLast().due().isAfter(now)) {
                due.add(sender);
            }
        });
        return due;
    }

    @Test
    void anArchiveThatBreaksOffLeavesNothing() {
        try (SimWorld sim = new SimWorld(2, SimFaults.none())) {
            assertThat(sim.run(world -> {
                        OperatorBed op = open(world);
                        Archive archive = new Archive(world.clock().now());
                        assertThatThrownBy(() -> take(op, archive, MESSAGES - 1))
                                .hasMessageContaining("breaks off");
                        assertThat(all(op)).isEmpty();
                        assertThat(take(op, archive, -1).taken()).isEqualTo(MESSAGES);
                    }))
                    .isTrue();
        }
    }

    @Test
    void aCrashLosesNothingAndNothingComesTwice() {
        int broken = 0;
        int went = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Archive archive = new Archive(EPOCH.plusSeconds(3600));
            Set<String> taken = new LinkedHashSet<>();
            boolean[] done = new boolean[1];
            try (SimWorld sim = new SimWorld(seed, SimFaults.none())) {
                sim.disk().settle();
                sim.crashAfter(60 + 170 * seed);
                sim.run(world -> {
                    OperatorBed op = open(world);
                    world.tasks().start("deliverer", () -> {
                        while (true) {
                            Claim claim = op.bed.take();
                            assertThat(taken.add(
                                            claim.message().envelope().sender().local()))
                                    .isTrue();
                            op.bed.settle(claim, QueueBed.delivered());
                        }
                    });
                    take(op, archive, -1);
                    done[0] = true;
                    world.tasks().sleep(Duration.ofSeconds(1));
                    sim.crash();
                });
                broken += done[0] ? 0 : 1;
                went += taken.isEmpty() ? 0 : 1;
                long now = seed;
                assertThat(sim.run(world -> again(open(world), archive, taken, done[0], now)))
                        .as("seed %s", seed)
                        .isTrue();
                assertThat(sim.events().count(Event.TASK_DIED))
                        .as("seed %s", seed)
                        .isZero();
            }
        }
        assertThat(broken).as("%s %s", broken, went).isGreaterThan(SEEDS / 4);
        assertThat(went).isGreaterThan(SEEDS / 10);
    }

    private static void again(OperatorBed op, Archive archive, Set<String> before, boolean done, long seed)
            throws IOException {
        Importer.Outcome outcome = take(op, archive, -1);
        assertThat(outcome.waiting()).isZero();
        if (done || !before.isEmpty()) {
            assertThat(outcome.taken()).as("seed %s: taken before", seed).isZero();
        }
        assertThat(outcome.taken() + outcome.skipped()).isEqualTo(MESSAGES);
        Map<String, StoredMessage> found = all(op);
        for (String sender : archive.messages.keySet()) {
            if (found.containsKey(sender)) {
                same(archive, sender, found.get(sender));
            } else {
                assertThat(before)
                        .as("seed %s: only what was delivered is gone", seed)
                        .contains(sender);
            }
        }
        assertThat(take(op, archive, -1).taken()).isZero();
    }

    @Test
    void whatIsBeingImportedIsLeftAloneByOtherCommands() {
        try (SimWorld sim = new SimWorld(3, SimFaults.none())) {
            assertThat(sim.run(world -> {
                        OperatorBed op = open(world);
                        Archive archive = new Archive(world.clock().now());
                        try (Importer importer = op.operations.importer("ops", false, op.watcher(row -> {}))) {
                            Importer.Given given = archive.message("u0");
                            assertThat(importer.message(given)).isTrue();
                            importer.data(archive.body("u0"));
                            importer.whole();
                            assertThatThrownBy(() -> op.operations.importer("two", false, op.watcher(row -> {})))
                                    .hasMessageContaining("another import");
                            importer.end();
                        }
                        assertThat(op.run(new Verb.Release(), "all").done()).isEqualTo(1);
                    }))
                    .isTrue();
        }
    }

    @Test
    void whatAnExportTookGoesToTheTrashOnlyIfItIsAsItWas() {
        try (SimWorld sim = new SimWorld(4, SimFaults.none())) {
            assertThat(sim.run(world -> {
                        OperatorBed op = open(world);
                        op.bed.sendHeld("a check", "ann@c.example", "x@b.example");
                        op.bed.send("bob@c.example", "y@b.example");
                        op.bed.send("joe@c.example", "z@b.example");
                        long taken = op.run(new Verb.Take(), "all").operation();
                        assertThat(op.bed.takeSoon())
                                .as("nothing goes while it is moved")
                                .isEmpty();
                        assertThat(op.run(new Verb.Redirect(Address.of("n@n.example")), "all")
                                        .done())
                                .isZero();
                        assertThat(op.run(new Verb.Release(), "sender ~ joe").done())
                                .isEqualTo(1);
                        assertThat(op.run(new Verb.Moved(taken), "all").done()).isEqualTo(2);
                        assertThat(op.left).containsExactly("it has changed since");
                        assertThat(op.list("state = trash")).containsExactly("ann", "bob");
                        Operation last = op.operations.operations().getLast();
                        op.run(new Verb.Undo(last.number()), new SpoolId[0]);
                        assertThat(op.only("sender ~ ann").held()).isEqualTo("a check");
                        assertThat(op.only("sender ~ bob").held()).isEmpty();
                    }))
                    .isTrue();
        }
    }
}
