package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.queue.Intake;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.route.Router;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.Spool;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.world.Event;
import org.hikyaku.world.Resolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With the real queue and spool: only a message that was just stored is in memory. */
class DirectDeliveriesTest {
    private static final Config CONFIG = Errand.config("delivery.connection_idle = 5m\nlog.level = debug");

    private final SimWorld sim = new SimWorld(12);
    private final Connections connections = new Connections();
    private final FakeMx mx = Errand.mx(sim, "198.51.100.1");
    private final AtomicInteger stored = new AtomicInteger();
    private final AtomicReference<JournalSpool> spool = new AtomicReference<>();
    private final AtomicReference<Intake> intake = new AtomicReference<>();

    @BeforeEach
    void start() {
        sim.zones().mx("y.example", 10, "mx.y.example").address("mx.y.example", "198.51.100.1");
        sim.run(world -> {
            LocalDirectory directory = LocalDirectory.load(
                            Domain.of("me.example"), CONFIG.local(), Set.of("b@b.example")::contains, world.disk())
                    .directory();
            JournalSpool open = JournalSpool.open(world, Path.of("/data/spool"), CONFIG.spool(), 1 << 24);
            QueueManager queue = new QueueManager(world, open, () -> CONFIG, () -> directory);
            spool.set(open);
            intake.set(new Intake(world, open, () -> directory, queue));
            Router router = new Router(world, CONFIG);
            new Deliverer(world, queue, router, new SmtpAgent(world, connections), Map.of(), () -> CONFIG).start();
            queue.start();
        });
    }

    @AfterEach
    void close() {
        sim.close();
    }

    private void send(String text, String... recipients) {
        sim.run(world -> {
            List<Recipient> to =
                    Stream.of(recipients).map(Address::of).map(Recipient::of).toList();
            Draft draft = spool.get().draft();
            byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
            draft.append(octets, 0, octets.length);
            boolean eightBit = text.chars().anyMatch(c -> c > 127);
            Envelope envelope = new Envelope(Address.NULL, to, eightBit, false);
            Intake.Incoming incoming = new Intake.Incoming(draft, new byte[0], envelope, Origin.ownNotice(), "", "");
            intake.get().take(incoming, null, new Spool.Done() {
                @Override
                public void stored() {
                    stored.incrementAndGet();
                }

                @Override
                public void failed(Spool.SpoolFailure why) {
                    throw new AssertionError(why.text());
                }
            });
        });
        sim.runFor(Duration.ofSeconds(5));
    }

    private void deaf() {
        sim.zones().remove("y.example").fail("y.example", Resolver.Cause.SERVFAIL);
    }

    private long done() {
        return sim.events().count(Event.MESSAGE_DONE);
    }

    @Test
    void theNextMessageOfTheSiteGoesByTheOpenConnectionWithoutALookUp() {
        send(Errand.TEXT, "c@y.example");
        deaf(); // a task would ask and put the message off
        send(Errand.TEXT, "d@y.example", "e@y.example");
        assertThat(mx.sessions).hasSize(1);
        assertThat(mx.mails).hasSize(2);
        assertThat(mx.mails.getLast().recipients()).containsExactly("<d@y.example>", "<e@y.example>");
        assertThat(done()).isEqualTo(2);
        assertThat(connections.idle()).isEqualTo(1);
    }

    @Test
    void afterAMinuteTheWayIsFoundAnew() {
        send(Errand.TEXT, "c@y.example");
        deaf();
        sim.runFor(Duration.ofMinutes(1));
        send(Errand.TEXT, "d@y.example");
        assertThat(mx.mails).hasSize(1);
        assertThat(sim.events().count(Event.RECIPIENT_DEFERRED)).isEqualTo(1);
        sim.zones().mend("y.example").mx("y.example", 10, "mx.y.example");
        sim.runFor(Duration.ofHours(1));
        assertThat(mx.mails).hasSize(2);
    }

    @Test
    void aDomainThatWasNotAskedForYetGoesByATask() {
        sim.zones().mx("z.example", 10, "mx.y.example");
        send(Errand.TEXT, "c@y.example");
        send(Errand.TEXT, "d@z.example");
        assertThat(mx.mails).hasSize(2);
        assertThat(done()).isEqualTo(2);
    }

    @Test
    void aRecipientThatIsRefusedOnTheLoopIsSettledByATask() {
        send(Errand.TEXT, "c@y.example");
        AtomicInteger refusals = new AtomicInteger();
        mx.script =
                (session, line) -> line.startsWith("RCPT") && line.contains("d@y") && refusals.getAndIncrement() == 0
                        ? "450 4.7.1 greylisted"
                        : line.startsWith("RCPT") && line.contains("f@y") ? "550 5.1.1 unknown" : null;
        send(Errand.TEXT, "d@y.example", "e@y.example", "f@y.example");
        assertThat(mx.mails.getLast().recipients()).containsExactly("<e@y.example>");
        assertThat(sim.events().count(Event.RECIPIENT_DEFERRED)).isEqualTo(1);
        assertThat(sim.events().count(Event.RECIPIENT_FAILED)).isEqualTo(1);
        sim.runFor(Duration.ofHours(1));
        assertThat(mx.mails).hasSize(3);
        assertThat(mx.mails.getLast().recipients()).containsExactly("<d@y.example>");
        assertThat(done()).isEqualTo(2);
    }

    @Test
    void aConnectionThatDiedWhileItWaitedCostsNothingButANewOne() {
        send(Errand.TEXT, "c@y.example");
        mx.script =
                (session, line) -> line.startsWith("MAIL") && session == mx.sessions.getFirst() ? FakeMx.RESET : null;
        send(Errand.TEXT, "d@y.example");
        assertThat(mx.sessions).hasSize(2);
        assertThat(mx.mails).hasSize(2);
        assertThat(sim.events().count(Event.ATTEMPT_FAILED)).isZero();
    }

    @Test
    void aConnectionThatIsLostAfterTheDotIsAFailedAttempt() {
        send(Errand.TEXT, "c@y.example");
        AtomicInteger losses = new AtomicInteger();
        mx.script = (session, line) -> line.equals(".") && losses.getAndIncrement() == 0 ? FakeMx.RESET : null;
        send(Errand.TEXT, "d@y.example");
        assertThat(sim.events().count(Event.RECIPIENT_DEFERRED)).isEqualTo(1);
        sim.runFor(Duration.ofHours(1));
        assertThat(done()).isEqualTo(2);
    }

    @Test
    void whatMustBeConvertedAndWhatIsLongGoByATask() {
        mx.offer = List.of("PIPELINING");
        send(Errand.TEXT, "c@y.example");
        send(
                "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
                        + "Content-Transfer-Encoding: 8bit\r\n\r\nsch\u00f6n\r\n",
                "d@y.example");
        send("Subject: long\r\n\r\n" + "0123456789\r\n".repeat(30_000), "e@y.example");
        assertThat(mx.mails).hasSize(3);
        assertThat(mx.mails.get(1).text()).contains("sch=F6n");
        assertThat(mx.mails.get(2).text()).hasSizeGreaterThan(360_000);
        assertThat(mx.sessions).hasSize(1);
    }

    @Test
    void manyAtOnceAreAllDeliveredOnce() throws IOException {
        send(Errand.TEXT, "c@y.example");
        for (int i = 0; i < 300; i++) {
            send(Errand.TEXT, "c" + i + "@y.example");
        }
        assertThat(mx.mails).hasSize(301);
        assertThat(mx.mails.stream().map(mail -> mail.recipients().getFirst())).doesNotHaveDuplicates();
        assertThat(mx.sessions).hasSizeBetween(3, 4); // 100 messages each
        assertThat(done()).isEqualTo(301);
    }

    @Test
    void idleConnectionsEndAndWaitForNothing() {
        send(Errand.TEXT, "c@y.example");
        sim.runFor(Duration.ofMinutes(6));
        assertThat(connections.idle()).isZero();
        send(Errand.TEXT, "d@y.example");
        assertThat(mx.sessions).hasSize(2);
        assertThat(mx.mails).hasSize(2);
    }
}
