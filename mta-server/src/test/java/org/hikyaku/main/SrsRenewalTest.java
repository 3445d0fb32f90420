package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.queue.Explainer;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** The keys of SRS are renewed while the server runs. */
class SrsRenewalTest {
    private static final Path KEYS = Path.of("/data/keys/srs-keys");
    private static final Address SENDER = Address.of("s@there.example");
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mail.example.org
            data_dir = /data
            local { domains = [example.org], postmaster = "anna@example.org", aliases = /aliases }
            agents.of { "anna@example.org" = maildir }
            addresses.srs { domain = example.org, key_life = 2d, valid_for = 2d }
            spool.reserve = 1MiB
            listeners { submission.endpoints = [], submissions.endpoints = [] }
            """);

    private static void write(World world, String name, String text) {
        try (Disk.File file = world.disk().create(Path.of(name))) {
            file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Assembly start(World world) {
        try {
            return Assembly.start(world, CONFIG, Hooks.simulated(UnaryOperator.identity()));
        } catch (StartFailure e) {
            throw new AssertionError(String.join("; ", e.problems()), e);
        }
    }

    private static String forwarder(Assembly assembly) {
        List<Explainer.Line> lines =
                assembly.explainer().explain(new Explainer.Case(Address.of("out@example.org"), SENDER, "", ""));
        return ((Explainer.Line.End) lines.getLast()).sender();
    }

    private static List<String> keys(SimWorld sim) throws IOException {
        return new String(sim.disk().readAll(KEYS, 1 << 16), StandardCharsets.US_ASCII)
                .lines()
                .toList();
    }

    @Test
    void aKeyThatIsOldEnoughGivesWayToAnotherWithoutAReload() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            AtomicReference<Assembly> running = new AtomicReference<>();
            sim.run(world -> {
                write(world, "/aliases", "out: x@elsewhere.example\n");
                running.set(start(world));
            });
            assertThat(keys(sim)).hasSize(1);
            sim.runFor(Duration.ofDays(2));
            assertThat(keys(sim)).hasSize(1);
            sim.runFor(Duration.ofDays(1).plusHours(2));
            assertThat(keys(sim)).hasSize(2);
            sim.run(world -> {
                LocalDirectory fresh = LocalDirectory.load(CONFIG, name -> false, world.disk(), world.clock())
                        .directory();
                assertThat(forwarder(running.get()))
                        .as("signed by the newest key")
                        .isEqualTo(fresh.forwarder(SENDER).orElseThrow().toString());
            });
            sim.runFor(Duration.ofDays(30));
            assertThat(keys(sim)).as("old ones go").hasSizeBetween(2, 3);
        }
    }

    @Test
    void aFileThatCannotBeReadIsToldAndItsKeysStayInForce() throws IOException {
        try (SimWorld sim = new SimWorld(2)) {
            AtomicReference<Assembly> running = new AtomicReference<>();
            sim.run(world -> {
                write(world, "/aliases", "out: x@elsewhere.example\n");
                running.set(start(world));
                String before = forwarder(running.get());
                try {
                    world.disk().delete(KEYS);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                write(world, KEYS.toString(), "rubbish\n");
                world.tasks().sleep(Duration.ofHours(3));
                assertThat(forwarder(running.get())).isEqualTo(before);
            });
            assertThat(sim.events().count(Event.SRS_KEYS_KEPT)).isBetween(2L, 3L);
            assertThat(keys(sim)).containsExactly("rubbish");
        }
    }
}
