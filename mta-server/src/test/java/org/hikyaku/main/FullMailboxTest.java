package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.junit.jupiter.api.Test;

/** RFC 5321 4.2.3, RFC 3463 3.3: who has no room is told so at RCPT, as far as that is known. */
class FullMailboxTest {

    private static void start(SimWorld sim, String agent, String overQuota) {
        sim.run(world -> {
            try (Disk.File file = world.disk().create(Path.of("/aliases"))) {
                file.write(0, ByteBuffer.wrap("info: anna\n".getBytes(StandardCharsets.US_ASCII)));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            try {
                Assembly.start(
                        world,
                        ConfigReader.fromText("""
            hostname = mail.example.org
            data_dir = /data
            local { domains = [example.org], postmaster = "anna@example.org", delivery = %s, aliases = /aliases }
            agents { quota = 5KiB, over_quota = %s, mbox_root = /data/mbox
              of { "anna@example.org" = %1$s, "bob@example.org" = %1$s, "carl@example.org" = discard } }
            spool.reserve = 1MiB
            listeners { mx.endpoints = ["192.0.2.1:25"], submission.endpoints = [], submissions.endpoints = [] }
            """.formatted(agent, overQuota)),
                        Hooks.simulated(UnaryOperator.identity()));
            } catch (StartFailure e) {
                throw new AssertionError(String.join("; ", e.problems()), e);
            }
        });
    }

    /** What RCPT is answered, of a message that is declared to have so many octets. */
    private static String rcpt(SimWorld sim, String to, int size) {
        List<String> heard = new ArrayList<>();
        sim.run(world -> {
            Script script = new Script()
                    .on("220 ", "EHLO c.example")
                    .on("250 ", "MAIL FROM:<s@c.example> SIZE=" + size)
                    .on("250 ", "RCPT TO:<" + to + ">")
                    .connect(world, "192.0.2.1", 25);
            world.tasks().sleep(Duration.ofSeconds(3));
            heard.addAll(script.heard());
        });
        return heard.getLast();
    }

    private static void send(SimWorld sim, String to, int octets) {
        String body = "Subject: s\r\n\r\n" + "x".repeat(70).concat("\r\n").repeat(octets / 72);
        sim.run(world -> {
            Script script = new Script()
                    .on("220 ", "EHLO c.example")
                    .on("250 ", "MAIL FROM:<s@c.example>")
                    .on("250 ", "RCPT TO:<" + to + ">")
                    .on("250 ", "BDAT " + body.length() + " LAST\r\n" + body.substring(0, body.length() - 2))
                    .connect(world, "192.0.2.1", 25);
            world.tasks().sleep(Duration.ofSeconds(5));
            assertThat(script.heard().getLast()).startsWith("250 ");
        });
    }

    @Test
    void mailForAFullMailboxIsRefusedAtRcptWithSizeCounted() {
        for (String agent : new String[] {"maildir", "mbox"}) {
            try (SimWorld sim = new SimWorld(1)) {
                start(sim, agent, "defer");
                assertThat(rcpt(sim, "anna@example.org", 0)).startsWith("250 ");
                assertThat(rcpt(sim, "carl@example.org", 6000))
                        .as("nothing is kept there")
                        .startsWith("250 ");
                send(sim, "anna@example.org", 4000);
                assertThat(rcpt(sim, "anna@example.org", 0)).as(agent).startsWith("250 ");
                for (String name : new String[] {"anna@example.org", "Anna+x@example.org", "info@example.org"}) {
                    assertThat(rcpt(sim, name, 2000))
                            .as(agent + name)
                            .isEqualTo("452 4.2.2 Mailbox full, try again later");
                }
                send(sim, "anna@example.org", 360);
                assertThat(rcpt(sim, "anna@example.org", 500)).startsWith("452 4.2.2 ");
                assertThat(rcpt(sim, "bob@example.org", 2000)).startsWith("250 ");
            }
        }
    }

    @Test
    void byTheSettingForGoodUntilThereIsRoomAgain() throws Exception {
        try (SimWorld sim = new SimWorld(2)) {
            start(sim, "maildir", "refuse");
            send(sim, "anna@example.org", 4900);
            assertThat(rcpt(sim, "anna@example.org", 900)).isEqualTo("552 5.2.2 Mailbox full");
            Path box = Path.of("/data/mail/example.org/anna/new");
            for (String name : sim.disk().list(box)) {
                sim.disk().delete(box.resolve(name));
            }
            sim.runFor(Duration.ofSeconds(10));
            assertThat(rcpt(sim, "anna@example.org", 900)).startsWith("250 ");
        }
    }
}
