package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.hikyaku.mail.Domain;
import org.hikyaku.route.Hop;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

class MaildirAgentTest implements DeliveryAgentContract {
    private static final Path ROOT = Path.of("/data/mail");

    private static MaildirAgent agent(World world) {
        LocalDirectory directory = LocalDirectory.load(
                        Domain.of("me.example"),
                        Errand.CONFIG.local(),
                        Set.of("b@b.example", "c@b.example", "../x@b.example")::contains,
                        world.disk())
                .directory();
        return new MaildirAgent(world, () -> directory);
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
        MaildirAgent agent = agent(sim.world());
        return new Place() {
            @Override
            public DeliveryAgent agent() {
                return agent;
            }

            @Override
            public List<Hop> hops() {
                return List.of();
            }

            @Override
            public List<String> bodies(String recipient) {
                List<String> bodies = new ArrayList<>();
                sim.run(world -> files(world, "b.example", recipient.replaceFirst("@.*", ""))
                        .forEach(text -> bodies.add(text.replaceFirst("(?s)^.*?\n\n", ""))));
                return bodies;
            }
        };
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
        assertThat(Maildirs.fileName("../x")).isEqualTo("%2E.%2Fx");
        assertThat(Maildirs.fileName(".")).isEqualTo("%2E");
        assertThat(Maildirs.fileName("a.b%c\u0000")).isEqualTo("a.b%25c%00");
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
                MaildirAgent agent = agent(sim.world());
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
            SimFaults faults = SimFaults.none();
            for (SimFault fault : List.of(
                    SimFault.FORCE_FAILED,
                    SimFault.DIRECTORY_FORCE_FAILED,
                    SimFault.WRITE_FAILED,
                    SimFault.DISK_FULL,
                    SimFault.NAME_FAILED)) {
                faults = faults.with(fault, 0.05);
            }
            try (SimWorld sim = new SimWorld(seed, faults)) {
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
}
