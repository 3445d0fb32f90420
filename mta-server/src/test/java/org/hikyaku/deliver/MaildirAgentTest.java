package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Domain;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.Users;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

class MaildirAgentTest implements DeliveryAgentContract {
    private static final Path ROOT = Path.of("/data/mail");

    private static MailboxAgent agent(World world) {
        LocalDirectory directory = MailboxPlace.directory(world, "b@b.example", "c@b.example", "../x@b.example");
        return MailboxAgent.maildir(world, () -> directory, Users::none);
    }

    /** The files of a mailbox's {@code new}, in no order that means anything. */
    private static List<String> files(World world, String domain, String user) {
        try {
            Path mailbox = ROOT.resolve(domain).resolve(user).resolve("new");
            List<String> texts = new ArrayList<>();
            if (world.disk().exists(mailbox)) {
                for (String name : world.disk().list(mailbox)) {
                    texts.add(new String(
                            world.disk().readAll(mailbox.resolve(name), 1 << 20), StandardCharsets.ISO_8859_1));
                }
            }
            return texts;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public Place place(SimWorld sim) {
        return new MailboxPlace(sim, MaildirAgentTest::agent, (world, user) -> files(world, "b.example", user));
    }

    private static Delivery delivery(String... recipients) {
        return Errand.delivery(Errand.message(Errand.content(Errand.TEXT), false, false, recipients), Errand.CONFIG);
    }

    @Test
    void returnPathReplacesTheOldOneAndDeliveredToKeepsTheSubAddress() { // RFC 5321 4.4
        try (SimWorld sim = new SimWorld(1)) {
            Outcomes outcomes = Errand.deliver(sim, agent(sim.world()), delivery("b+tag@b.example"));
            assertThat(Errand.words(outcomes)).containsExactly("delivered");
            sim.run(
                    world -> assertThat(files(world, "b.example", "b"))
                            .containsExactly(
                                    "Return-Path: <a@x.example>\nDelivered-To: b+tag@b.example\nSubject: hello\n\n.dot\nbody\n"));
        }
    }

    /** RFC 3030 3: a file of lines keeps every bit of a binary part in base64, and of one that may not be touched as it came. */
    @Test
    void binaryPartsAreEncodedAndSignedOnesLeftAsTheyAre() {
        String part = "MIME-Version: 1.0\r\nContent-Type: image/png\r\n\r\n\u0089\n\r\n\r";
        String signed = "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n\r\na\nb\r\n--s--\r\n";
        try (SimWorld sim = new SimWorld(1)) {
            for (String text : List.of(part, signed)) {
                Delivery one = Errand.delivery(Errand.binary(text, "b@b.example"), Errand.CONFIG);
                assertThat(Errand.words(Errand.deliver(sim, agent(sim.world()), one)))
                        .containsExactly("delivered");
            }
            sim.run(world -> assertThat(files(world, "b.example", "b"))
                    .containsExactlyInAnyOrder(
                            "Return-Path: <a@x.example>\nDelivered-To: b@b.example\nMIME-Version: 1.0\n"
                                    + "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niQoNCg0=\n",
                            "Return-Path: <a@x.example>\r\nDelivered-To: b@b.example\r\n" + signed));
        }
    }

    @Test
    void noNameLeadsOutOfTheRoot() {
        assertThat(Folders.fileName("../x")).isEqualTo("%2E.%2Fx");
        assertThat(Folders.fileName(".")).isEqualTo("%2E");
        assertThat(Folders.fileName("a.b%c\u0000")).isEqualTo("a.b%25c%00");
        try (SimWorld sim = new SimWorld(1)) {
            Outcomes outcomes = Errand.deliver(sim, agent(sim.world()), delivery("\"../x\"@b.example"));
            assertThat(Errand.words(outcomes)).containsExactly("delivered");
            sim.run(world -> assertThat(files(world, "b.example", "%2E.%2Fx")).hasSize(1));
        }
    }

    @Test
    void whatWasDeliveredSurvivesThePowerLossThatFollows() {
        for (long seed = 0; seed < 40; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                Outcomes first = Errand.deliver(sim, agent(sim.world()), delivery("b@b.example", "c@b.example"));
                assertThat(Errand.words(first)).containsOnly("delivered");
                sim.crash();
                sim.run(world -> {
                    assertThat(files(world, "b.example", "b")).hasSize(1);
                    assertThat(files(world, "b.example", "c")).hasSize(1);
                });
            }
        }
    }

    @Test
    void aMailboxThatAnotherTaskHasMadeIsForcedTooBeforeDelivered() {
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                MailboxAgent agent = agent(sim.world());
                List<String> done = new ArrayList<>();
                sim.run(world -> {
                    for (int i = 0; i < 3; i++) {
                        world.tasks()
                                .start(
                                        "delivery",
                                        () -> done.addAll(Errand.words(agent.deliver(delivery("b@b.example")))));
                    }
                });
                sim.runUntil(() -> !done.isEmpty(), Duration.ofMinutes(1));
                int delivered = done.size();
                sim.crash();
                sim.run(world -> assertThat(files(world, "b.example", "b")).hasSizeGreaterThanOrEqualTo(delivered));
            }
        }
    }

    @Test
    void whateverTheDiskRefusesIsToldAndWhatIsDeliveredIsThere() {
        int refused = 0;
        for (long seed = 0; seed < 150; seed++) {
            try (SimWorld sim = new SimWorld(seed, MailboxPlace.refusals())) {
                List<String> words = Errand.words(Errand.deliver(sim, agent(sim.world()), delivery("b@b.example")));
                sim.calm();
                if (words.getFirst().equals("delivered")) {
                    sim.crash();
                    sim.run(world -> assertThat(files(world, "b.example", "b")).hasSize(1));
                } else {
                    assertThat(words.getFirst()).matches("retry 4\\.3\\.[01]");
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThan(10);
    }

    @Test
    void whatIsNotDeliveredIsNotSeenOrIsTold() {
        long told = 0;
        for (long seed = 0; seed < 20; seed++) {
            SimFaults faults =
                    SimFaults.none().with(SimFault.DIRECTORY_FORCE_FAILED, 0.2).with(SimFault.NAME_FAILED, 0.2);
            try (SimWorld sim = new SimWorld(seed, faults)) {
                MailboxAgent agent = agent(sim.world());
                long delivered = 0;
                for (int i = 0; i < 40; i++) {
                    List<String> words = Errand.words(Errand.deliver(sim, agent, delivery("b@b.example")));
                    delivered += words.contains("delivered") ? 1 : 0;
                }
                sim.calm();
                long left = sim.events().count(Event.MAILBOX_COPY_LEFT);
                long seen = delivered + left;
                sim.run(world ->
                        assertThat(visible(world)).as("seed " + sim.seed()).hasSize((int) seen));
                told += left;
            }
        }
        assertThat(told).as("neither forced nor taken back").isPositive();
    }

    /** What readers see, of a mailbox that may not have been made. */
    private static List<String> visible(World world) throws IOException {
        Path folder = ROOT.resolve("b.example/b/new");
        return world.disk().exists(folder) ? world.disk().list(folder) : List.of();
    }

    @Test
    void aFileHalfWrittenIsDeletedWhenTheMessageCannotBeReadOn() {
        try (SimWorld sim = new SimWorld(1)) {
            Delivery broken = Errand.delivery(
                    Errand.message(Errand.broken(400_000, 100_000), false, false, "b@b.example"), Errand.CONFIG);
            assertThat(Errand.words(Errand.deliver(sim, agent(sim.world()), broken)))
                    .containsExactly("retry 4.3.0");
            sim.run(world -> assertThat(world.disk().list(ROOT.resolve("b.example/b/tmp")))
                    .isEmpty());
        }
    }

    private static List<String> words(SimWorld sim, MailboxAgent agent, String settings, String body) {
        Content content = Errand.content("Subject: s\r\n\r\n" + body + "\r\n");
        return Errand.words(Errand.deliver(
                sim,
                agent,
                Errand.delivery(Errand.message(content, false, false, "b@b.example"), Errand.config(settings))));
    }

    @Test
    void aMailboxOverItsQuotaTakesNothingUntilAReaderMakesRoom() {
        for (String way : List.of("defer", "refuse")) {
            try (SimWorld sim = new SimWorld(1)) {
                MailboxAgent agent = agent(sim.world());
                String settings = "agents.quota = 1000B\nagents.over_quota = " + way;
                String over = way.equals("defer") ? "retry 4.2.2" : "failed 5.2.2";
                assertThat(words(sim, agent, settings, "x".repeat(500))).containsExactly("delivered");
                assertThat(words(sim, agent, settings, "y".repeat(500))).containsExactly(over);
                assertThat(words(sim, agent, settings, "z".repeat(200))).containsExactly("delivered");
                Path box = ROOT.resolve("b.example/b");
                sim.run(world -> {
                    assertThat(world.disk().list(box.resolve("tmp"))).isEmpty();
                    String first = world.disk().list(box.resolve("new")).getFirst();
                    world.disk()
                            .rename(
                                    box.resolve("new").resolve(first),
                                    box.resolve("cur").resolve(first + ":2,S"));
                });
                assertThat(words(sim, agent, settings, "y".repeat(500))).containsExactly(over); // read, not gone
                sim.run(world -> world.disk()
                        .delete(box.resolve("cur")
                                .resolve(world.disk().list(box.resolve("cur")).getFirst())));
                assertThat(words(sim, agent, settings, "y".repeat(500))).containsExactly("delivered");
            }
        }
    }

    @Test
    void foldersAndFilesWithoutASizeInTheirNamesCountToo() {
        try (SimWorld sim = new SimWorld(1)) {
            Path sent = ROOT.resolve("b.example/b/.Sent/cur");
            sim.run(world -> {
                world.disk().makeDirectories(sent);
                try (Disk.File file = world.disk().create(sent.resolve("1.x.y:2,S"))) {
                    file.write(0, ByteBuffer.wrap(new byte[900]));
                }
            });
            assertThat(words(sim, agent(sim.world()), "agents.quota = 1000B", "x".repeat(100)))
                    .containsExactly("retry 4.2.2");
            assertThat(words(sim, agent(sim.world()), "agents.quota = 1200B", "x".repeat(100)))
                    .containsExactly("delivered");
        }
    }

    @Test
    void manyAtOnceNeverFillAMailboxBeyondItsQuota() {
        for (long seed = 0; seed < 30; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                MailboxAgent agent = agent(sim.world());
                Delivery one = Errand.delivery(
                        Errand.message(Errand.content(Errand.TEXT), false, false, "b@b.example"),
                        Errand.config("agents.quota = 300B"));
                List<String> words = new ArrayList<>();
                sim.run(world -> {
                    for (int i = 0; i < 8; i++) {
                        world.tasks().start("delivery", () -> words.addAll(Errand.words(agent.deliver(one))));
                    }
                });
                sim.runUntil(() -> words.size() == 8, Duration.ofMinutes(2));
                sim.run(world -> assertThat(files(world, "b.example", "b")).hasSize(3));
                assertThat(words).hasSize(8).containsOnly("delivered", "retry 4.2.2");
            }
        }
    }

    @Test
    void theQuotaOfTheUsersFileIsBeforeThatOfTheSettings() {
        try (SimWorld sim = new SimWorld(1)) {
            AtomicReference<MailboxAgent> agent = new AtomicReference<>();
            sim.run(world -> {
                world.disk().makeDirectories(Path.of("/etc"));
                try (Disk.File file = world.disk().create(Path.of("/etc/users"))) {
                    file.write(
                            0,
                            ByteBuffer.wrap(("b@b.example:{SCRAM-SHA-256}4096,MDEyMzQ1Njc4OWFiY2RlZg==,"
                                            + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
                                            + "::::::userdb_quota_rule=*:storage=10k\n")
                                    .getBytes(StandardCharsets.US_ASCII)));
                }
                Users.Loaded users = Users.load(world.disk(), Path.of("/etc/users"));
                assertThat(users.problems()).isEmpty();
                LocalDirectory directory = LocalDirectory.load(
                                Domain.of("me.example"), Errand.CONFIG.local(), users.users()::has, world.disk())
                        .directory();
                agent.set(MailboxAgent.maildir(world, () -> directory, users::users));
            });
            assertThat(words(sim, agent.get(), "agents.quota = 1B", "x".repeat(9000)))
                    .containsExactly("delivered");
            assertThat(words(sim, agent.get(), "agents.quota = 0B", "x".repeat(2000)))
                    .containsExactly("retry 4.2.2");
        }
    }
}
