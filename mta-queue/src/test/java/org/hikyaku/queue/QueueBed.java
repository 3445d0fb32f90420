package org.hikyaku.queue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.config.LocalSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.Spool;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/** A queue in a simulated process, over a store that outlives it. */
final class QueueBed {
    static final Config CONFIG = ConfigReader.fromText("""
            hostname = mx.a.example
            local.domains = [a.example]
            local.postmaster = "ann@a.example"
            auth.users = users
            delivery.recipients_per_transaction_max = 50
            senders.quick { who = ["@quick.example"], notify_after = 15m, expire_after = 1d }
            """);
    private static final Origin ORIGIN = new Origin(Origin.Kind.SMTP, "192.0.2.7", "", "s1");

    final World world;
    final QueueManager queue;
    final Intake intake;
    final Spool spool;
    /** Whose mail is held as it comes; nobody's at first. */
    Intake.Gate gate = (sender, origin) -> "";

    QueueBed(World world, MemorySpool.Store store) {
        this(world, store, directory(world, CONFIG.local()));
    }

    QueueBed(World world, MemorySpool.Store store, LocalDirectory directory) {
        this(
                world,
                new MemorySpool(world, store),
                directory,
                q -> store.messages.values().forEach(q::message));
    }

    /** Over any spool; {@code recover} tells the queue of what is in it. */
    QueueBed(World world, Spool spool, LocalDirectory directory, Consumer<QueueManager> recover) {
        this.world = world;
        this.spool = spool;
        this.queue = new QueueManager(world, spool, () -> CONFIG, () -> directory);
        this.intake = new Intake(world, spool, () -> directory, queue, (s, o) -> gate.hold(s, o));
        recover.accept(queue);
        queue.start();
    }

    static LocalDirectory directory(World world, LocalSettings local) {
        return LocalDirectory.load(
                        CONFIG.hostname(), local, Set.of("ann@a.example", "joe@a.example")::contains, world.disk())
                .directory();
    }

    SpoolId send(String from, String... to) {
        return sendHeld("", from, to);
    }

    /** Takes a message and waits until it is stored. */
    SpoolId sendHeld(String hold, String from, String... to) {
        List<Recipient> recipients = List.of(to).stream()
                .map(t -> Recipient.of(t.equals("postmaster") ? Address.barePostmaster() : Address.of(t)))
                .toList();
        Address sender = from.isEmpty() ? Address.NULL : Address.of(from);
        return send(hold, new Envelope(sender, recipients, false, false));
    }

    /** Takes a message with this envelope and waits until it is stored. */
    SpoolId send(String hold, Envelope envelope) {
        return send(hold, envelope, "");
    }

    /** What came from there. */
    SpoolId send(Origin origin, String from, String to) {
        return send(
                "", new Envelope(Address.of(from), List.of(Recipient.of(Address.of(to))), false, false), "", origin);
    }

    /** With more fields in its header, CRLF each. */
    SpoolId send(String hold, Envelope envelope, String fields) {
        return send(hold, envelope, fields, ORIGIN);
    }

    SpoolId send(String hold, Envelope envelope, String fields, Origin origin) {
        Draft draft = spool.draft();
        byte[] body =
                (fields + "Subject: hi\r\nMessage-ID: <1@a.example>\r\n\r\nhi\r\n").getBytes(StandardCharsets.US_ASCII);
        draft.append(body, 0, body.length);
        Tasks.Promise<Boolean> done = world.tasks().promise();
        intake.take(
                new Intake.Incoming(draft, new byte[0], envelope, origin, hold, ""),
                world.net().loop(),
                new Spool.Done() {
                    @Override
                    public void stored() {
                        done.complete(true);
                    }

                    @Override
                    public void failed(Spool.SpoolFailure why) {
                        done.complete(false);
                    }
                });
        if (!done.await()) {
            throw new IllegalStateException("not stored");
        }
        return draft.id();
    }

    /** Ends a hold, and waits until that is stored. */
    void release(SpoolId id) {
        Tasks.Promise<QueueAdmin.Answer> told = world.tasks().promise();
        queue.admin().hold(id, "", told::complete);
        told.await();
    }

    Claim take() {
        return queue.take().orElseThrow();
    }

    void settle(Claim claim, Outcome outcome) {
        settle(claim, outcome, Lesson.NOTHING);
    }

    void settle(Claim claim, Outcome outcome, Lesson beyond) {
        queue.settle(claim, claim.places().stream().map(p -> outcome).toList(), beyond);
    }

    /** A claim if one is there within a second. */
    Optional<Claim> takeSoon() {
        Tasks.Promise<Optional<Claim>> taken = world.tasks().promise();
        Tasks.Task task = world.tasks().start("taker", () -> taken.complete(queue.take()));
        Optional<Claim> claim = taken.await(Duration.ofSeconds(1)).flatMap(c -> c);
        if (claim.isEmpty()) {
            task.cancel();
            task.join(Duration.ofSeconds(1));
        }
        return claim;
    }

    static Outcome delivered() {
        return new Outcome.Delivered("mx", "mx.b.example", "", "250 ok", Outcome.Word.RELAYED);
    }

    static Outcome retry() {
        return new Outcome.Retry("mx", new Diagnosis("4.4.1", "no answer", "mx.b.example", ""));
    }

    static Outcome failed() {
        return new Outcome.Failed("mx", new Diagnosis("5.1.1", "", "mx.b.example", "550 5.1.1 nobody"));
    }
}
