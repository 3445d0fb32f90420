package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.sim.SimDisk;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** What a header of host mail says of its author is the same by drop directory and socket, with names completed and rewritten. */
class HostHeaderTest {
    private static final Path SOCKET = Path.of("/run/hikyaku-submit/smtp");
    private static final Path DROP = Path.of("/drop");
    private static final Path BOX = Path.of("/var/lib/hikyaku/mail/example.org/anna/new");
    private static final int BOB = 1001;
    private static final String SETTINGS = """
            hostname = mail.example.org
            data_dir = /var/lib/hikyaku
            local { domains = [example.org], postmaster = "anna@example.org" }
            agents.of { "anna@example.org" = maildir, "bob@example.org" = maildir }
            sendmail.drop_directory = /drop
            listeners {
              mx.endpoints = [], submission.endpoints = [], submissions.endpoints = []
              host.endpoints = ["unix:/run/hikyaku-submit/smtp"]
            }
            """;
    private static final Config CONFIG = ConfigReader.fromText(SETTINGS);
    private static final Config REWRITTEN =
            ConfigReader.fromText(SETTINGS + "addresses { sender_canonical = [/senders] }\n");
    private static final String FORGED_BEHIND_MANY =
            "To: anna" + ",a,b,c,d,e,f,g,h".repeat(20) + "\r\nFrom: ceo@example.org\r\n";

    private interface Way {
        void send(SimWorld sim, String text) throws IOException;
    }

    private static void start(World world, Config config) {
        try {
            Assembly.start(world, config, Hooks.simulated(UnaryOperator.identity()));
        } catch (StartFailure e) {
            throw new AssertionError(String.join("; ", e.problems()), e);
        }
    }

    private static void leave(SimWorld sim, String text) throws IOException {
        write(sim.disk(), DROP.resolve("m1"), "hikyaku-drop 1\nto anna\n\n" + text);
        sim.disk().own(DROP.resolve("m1"), BOB);
        sim.disk().settle();
    }

    private static void write(SimDisk disk, Path path, String text) throws IOException {
        try (Disk.File file = disk.create(path)) {
            file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            file.force();
        }
    }

    private static void say(SimWorld sim, String text) {
        sim.host().calls(OptionalInt.of(BOB));
        new Script()
                .on("220 ", "EHLO localhost")
                .on("250 ", "MAIL FROM:<bob@example.org>")
                .on("250 2.1.0", "RCPT TO:<anna@example.org>")
                .on("250 2.1.5", "DATA")
                .on("354 ", text + "\r\n.")
                .on("250 ", "QUIT")
                .connect(sim.world(), new Endpoint.Unix(SOCKET));
    }

    /** The header as anna has it, unfolded. */
    private static String header(Config config, String text, Way way) throws IOException {
        try (SimWorld sim = new SimWorld(1, SimFaults.none())) {
            sim.host().user(BOB, Optional.of("bob"));
            sim.disk().makeDirectories(DROP);
            write(sim.disk(), Path.of("/senders"), "bob@example.org: Bob.Smith@example.org\n");
            sim.disk().settle();
            sim.run(world -> start(world, config));
            way.send(sim, text + "\r\nbody");
            sim.runFor(Duration.ofSeconds(30));
            List<String> names = sim.disk().list(BOX);
            assertThat(names).hasSize(1);
            String all = new String(sim.disk().readAll(BOX.resolve(names.getFirst()), 1 << 20), StandardCharsets.UTF_8);
            return "\n" + all.substring(0, all.indexOf("\n\n") + 1).replaceAll("\n[ \t]+", " ");
        }
    }

    private static List<String> fields(String header, String pattern) {
        return header.lines().filter(line -> line.matches(pattern)).toList();
    }

    private static void becomes(Config config, String text, String... fields) throws IOException {
        List<Way> ways = List.of(HostHeaderTest::leave, HostHeaderTest::say);
        for (Way way : ways) {
            String header = header(config, text, way);
            assertThat(fields(header, "(?i)(Resent-)?(From|Sender):.*"))
                    .as(header)
                    .containsExactlyInAnyOrder(fields);
        }
    }

    @Test
    void aNameWithoutADomainIsHisAddressWhereverItStands() throws IOException {
        becomes(CONFIG, "From: bob\r\n", "From: bob@example.org");
        becomes(CONFIG, "To: root\r\nFrom: bob\r\n", "From: bob@example.org");
        becomes(CONFIG, "To: root\r\nFrom: Bob <bob>\r\n", "From: Bob <bob@example.org>");
        becomes(
                CONFIG,
                "Resent-To: anna\r\nResent-From: bob\r\n",
                "Resent-From: bob@example.org",
                "From: bob@example.org");
    }

    @Test
    void whatIsNotHisIsFoundBehindNamesThatBecameLonger() throws IOException {
        becomes(CONFIG, FORGED_BEHIND_MANY, "From: ceo@example.org", "Sender: bob@example.org");
        becomes(CONFIG, "To: anna,a,b\r\nFrom: ceo\r\n", "From: ceo@example.org", "Sender: bob@example.org");
        becomes(
                CONFIG,
                "From: bob\r\n" + FORGED_BEHIND_MANY,
                "From: bob@example.org",
                "From: ceo@example.org",
                "Sender: bob@example.org");
        becomes(
                CONFIG,
                "From: bob\r\nTo: a,b,c,d,e\r\nResent-From: ceo@example.org\r\nResent-Date: x\r\n",
                "From: bob@example.org",
                "Resent-From: ceo@example.org",
                "Resent-Sender: bob@example.org");
    }

    /** RFC 5322 3.6.2: nor is a Sender added that says the same as From. */
    @Test
    void whatIsRewrittenIsStillHis() throws IOException {
        for (String from : List.of("bob", "bob@example.org", "Bob.Smith@example.org")) {
            becomes(REWRITTEN, "To: a,b\r\nFrom: " + from + "\r\n", "From: Bob.Smith@example.org");
        }
        becomes(REWRITTEN, FORGED_BEHIND_MANY, "From: ceo@example.org", "Sender: Bob.Smith@example.org");
    }
}
