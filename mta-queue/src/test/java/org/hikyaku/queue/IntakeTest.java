package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.config.LocalSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.SrsKeys;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IntakeTest {
    private static final Path ALIASES = Path.of("/aliases");
    private static final LocalSettings LOCAL = new LocalSettings(
            List.of(Domain.of("a.example")),
            Optional.of(Address.of("ann@a.example")),
            Optional.of(ALIASES),
            "+",
            Map.of("a.example", Address.of("joe@a.example")),
            LocalSettings.LocalDelivery.MAILDIR,
            Optional.empty(),
            Optional.empty(),
            100);

    private static final String STRANGERS = "203.0.113.0/24";
    private final SimWorld sim = new SimWorld(1);
    private final MemorySpool.Store store = new MemorySpool.Store();

    @AfterEach
    void end() {
        sim.close();
    }

    /** What a test does with a queue. */
    private interface Story {
        void tell(QueueBed bed) throws Exception;
    }

    private void run(String aliases, Story story) {
        sim.run(world -> {
            LocalDirectory directory = directory(world, aliases);
            story.tell(new QueueBed(world, store, directory));
        });
    }

    private static LocalDirectory directory(World world, String aliases) throws Exception {
        byte[] octets = aliases.getBytes(StandardCharsets.UTF_8);
        try (Disk.File file = world.disk().create(ALIASES)) {
            file.write(0, ByteBuffer.wrap(octets));
        }
        return QueueBed.directory(world, LOCAL);
    }

    private List<String> stored(int message) {
        return List.copyOf(store.messages.values()).get(message).envelope().recipients().stream()
                .map(r -> r.address() + " for " + r.original())
                .toList();
    }

    @Test
    void aliasesAreFollowedOnceDoublesGoAndTheOriginalStays() {
        run("team: joe, x@c.example, ann+t\n", bed -> {
            bed.send("s@c.example", "team@a.example", "JOE@a.example", "x@c.example", "X@c.example", "ann+t@a.example");
            assertThat(stored(0))
                    .containsExactly(
                            "joe@a.example for team@a.example",
                            "x@c.example for team@a.example",
                            "ann+t@a.example for team@a.example",
                            "X@c.example for X@c.example");
        });
        assertThat(sim.events().count(Event.MESSAGE_QUEUED)).isEqualTo(1);
    }

    /** RFC 5321 4.5.1. */
    @Test
    void theBarePostmasterIsOurs() {
        run("", bed -> {
            bed.send("s@c.example", "postmaster");
            assertThat(store.messages.firstEntry().getValue().envelope().recipients())
                    .containsExactly(new Recipient(Address.of("ann@a.example"), Address.barePostmaster()));
        });
    }

    @Test
    void theCatchAllAndSubAddressesResolve() {
        run("", bed -> {
            bed.send("s@c.example", "whoever@a.example", "ann+x@a.example");
            assertThat(stored(0))
                    .containsExactly("joe@a.example for whoever@a.example", "ann+x@a.example for ann+x@a.example");
        });
    }

    /** RFC 5321 3.9.2: what fails on a list is told to its owner; one commit takes both messages. */
    @Test
    void aListWithAnOwnerTravelsUnderTheOwnersName() {
        run("list: joe, x@c.example\nowner-list: ann\n", bed -> {
            bed.send("s@c.example", "list@a.example", "y@c.example");
            assertThat(store.changes.getFirst().entries()).hasSize(2);
            List<StoredMessage> both = List.copyOf(store.messages.values());
            assertThat(both)
                    .extracting(m -> m.envelope().sender().toString())
                    .containsExactlyInAnyOrder("owner-list@a.example", "s@c.example");
            assertThat(store.bodies.values())
                    .extracting(b -> new String(b, StandardCharsets.UTF_8))
                    .hasSize(2)
                    .allMatch(text -> text.endsWith("\r\n\r\nhi\r\n"));
        });
        assertThat(sim.events().count(Event.MESSAGE_QUEUED)).isEqualTo(2);
    }

    @Test
    void aNoticeToAListStaysWithoutSender() {
        run("list: joe, x@c.example\nowner-list: ann\n", bed -> {
            bed.send("", "list@a.example");
            assertThat(store.messages.firstEntry().getValue().envelope().sender())
                    .isEqualTo(Address.NULL);
        });
    }

    @Test
    void withoutAPriorityOfItsOwnABounceGoesBehindTheRest() {
        run("", bed -> {
            bed.send("", "joe@a.example");
            bed.send("s@c.example", "joe@a.example");
            assertThat(store.messages.values())
                    .extracting(m -> m.envelope().priority())
                    .containsExactly(-4, 0);
        });
    }

    @Test
    void aHeldMessageIsStoredHeldAndNotLent() {
        run("", bed -> {
            bed.sendHeld("looks odd", "s@c.example", "joe@a.example");
            assertThat(bed.takeSoon()).isEmpty();
            assertThat(store.messages.firstEntry().getValue().held()).isEqualTo("looks odd");
        });
    }

    @Test
    void theMessageIsInTheQueueBeforeTheCallerIsTold() {
        run("", bed -> {
            bed.send("s@c.example", "joe@a.example");
            assertThat(bed.queue.admin().counts().messages()).isEqualTo(1);
            assertThat(store.changes).hasSize(1).first().isInstanceOf(Change.class);
        });
    }

    @Test
    void aRefusedStoreIsToldAndLeavesNothing() {
        run("", bed -> {
            store.refuse = 1;
            List<String> said = new ArrayList<>();
            try {
                bed.send("s@c.example", "joe@a.example");
            } catch (IllegalStateException e) {
                said.add(String.valueOf(e.getMessage()));
            }
            assertThat(said).containsExactly("not stored");
            assertThat(bed.queue.admin().counts().messages()).isZero();
            bed.world.tasks().sleep(Duration.ofSeconds(1));
        });
        assertThat(sim.events().count(Event.MESSAGE_QUEUED)).isZero();
    }

    /** Runs with a whole configuration: SRS, masquerade and an alias. */
    private void runWhole(String trusted, String aliases, Story story) {
        sim.run(world -> {
            Path keys = SrsKeys.file(Path.of("/data/keys"));
            SrsKeys.renew(world, keys, Duration.ofDays(30), Duration.ofDays(21));
            directory(world, aliases);
            Config config = ConfigReader.fromText("""
                    hostname = mx.a.example
                    data_dir = /data
                    local { domains = [a.example], postmaster = "ann@a.example", aliases = /aliases }
                    auth.users = /users
                    relay.trusted_networks = ["%s"]
                    addresses { srs.domain = a.example, masquerade.domains = [a.example] }
                    """.formatted(trusted));
            LocalDirectory.Loaded loaded = LocalDirectory.load(
                    config, Set.of("ann@a.example", "joe@a.example")::contains, world.disk(), world.clock());
            assertThat(loaded.problems()).isEmpty();
            story.tell(new QueueBed(world, store, loaded.directory()));
        });
    }

    private StoredMessage storedFrom(String start) {
        return store.messages.values().stream()
                .filter(m -> m.envelope().sender().toString().startsWith(start))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatIsPassedOnForAStrangerGoesUnderASenderOfOursAndBouncesFindBack() {
        runWhole(STRANGERS, "both: joe, x@c.example\n", bed -> {
            bed.send("s@d.example", "both@a.example", "y@e.example");
            assertThat(store.messages.values()).hasSize(2);
            StoredMessage passed = storedFrom("SRS0=");
            assertThat(passed.envelope().recipients())
                    .extracting(r -> r.address().toString())
                    .containsExactly("x@c.example");
            assertThat(storedFrom("s@d").envelope().recipients())
                    .extracting(r -> r.address().toString())
                    .containsExactly("joe@a.example", "y@e.example");
            bed.send("", passed.envelope().sender().toString());
            assertThat(store.messages.lastEntry().getValue().envelope().recipients())
                    .extracting(r -> r.address().toString())
                    .containsExactly("s@d.example");
        });
    }

    @Test
    void ourOwnSendersAndOnesPassedOnToOurselvesStay() {
        runWhole(STRANGERS, "away: x@c.example\nhere: joe\n", bed -> {
            bed.send("ann@a.example", "away@a.example");
            bed.send("s@d.example", "here@a.example");
            bed.send("", "away@a.example");
            assertThat(store.messages.values())
                    .extracting(m -> m.envelope().sender().toString())
                    .containsExactly("ann@a.example", "s@d.example", "");
        });
    }

    @Test
    void whatComesBackToTheAddressThatPassedItOnGoesNoFurther() {
        runWhole(STRANGERS, "away: x@c.example\nann@a.example: \\ann, x@c.example\n", bed -> {
            bed.send("s@d.example", "away@a.example");
            String passed = new String(List.copyOf(store.bodies.values()).getLast(), StandardCharsets.UTF_8);
            assertThat(passed).startsWith("Delivered-To: away@a.example\r\n");
            Envelope back = new Envelope(
                    Address.of("s@d.example"),
                    List.of(Recipient.of(Address.of("AWAY@a.example")), Recipient.of(Address.of("ann@a.example"))),
                    false,
                    false);
            bed.send("", back, passed.substring(0, passed.indexOf("\n") + 1));
            assertThat(store.messages.values()).hasSize(3);
            assertThat(storedFrom("s@d").envelope().recipients())
                    .extracting(r -> r.address().toString())
                    .containsExactly("AWAY@a.example", "ann@a.example");
            assertThat(store.messages.lastEntry().getValue().envelope().recipients())
                    .extracting(r -> r.address().toString())
                    .containsExactly("x@c.example");
        });
    }

    @Test
    void hostsNamesStayInStrangersMail() {
        runWhole(STRANGERS, "", bed -> {
            bed.send("joe@pc.a.example", "x@c.example");
            assertThat(storedFrom("joe@").envelope().sender()).isEqualTo(Address.of("joe@pc.a.example"));
        });
    }

    @Test
    void hostsNamesGoFromTheSendersOfOurMail() {
        runWhole("192.0.2.0/24", "", bed -> {
            bed.send("joe@pc.a.example", "x@c.example");
            assertThat(storedFrom("joe@").envelope().sender()).isEqualTo(Address.of("joe@a.example"));
        });
    }

    @Test
    void theHeaderOfOurMailIsRewrittenAndThatOfStrangersIsNot() {
        runWhole(STRANGERS, "", bed -> {
            for (String user : new String[] {"joe@a.example", ""}) {
                Draft draft = bed.intake.draft(user, "192.0.2.7");
                byte[] text = "From: joe@pc.a.example\r\nTo: x@c.example\r\n\r\nFrom: joe@pc.a.example"
                        .getBytes(StandardCharsets.US_ASCII);
                draft.append(text, 0, text.length);
                Tasks.Promise<Boolean> done = bed.world.tasks().promise();
                bed.intake.take(
                        new Intake.Incoming(
                                draft,
                                new byte[0],
                                new Envelope(
                                        Address.of("joe@pc.a.example"),
                                        List.of(Recipient.of(Address.of("x@c.example"))),
                                        false,
                                        false),
                                new Origin(Origin.Kind.SMTP, "192.0.2.7", user, "s1"),
                                "",
                                ""),
                        bed.world.net().loop(),
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
                assertThat(done.await()).isTrue();
            }
            assertThat(store.bodies.values())
                    .extracting(body -> new String(body, StandardCharsets.US_ASCII))
                    .containsExactly(
                            "From: joe@a.example\r\nTo: x@c.example\r\n\r\nFrom: joe@pc.a.example",
                            "From: joe@pc.a.example\r\nTo: x@c.example\r\n\r\nFrom: joe@pc.a.example");
        });
    }
}
