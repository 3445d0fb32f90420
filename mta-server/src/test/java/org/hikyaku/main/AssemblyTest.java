package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.route.Asked;
import org.hikyaku.route.Head;
import org.hikyaku.route.Mail;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.junit.jupiter.api.Test;

/** The whole program in a simulated outside. */
class AssemblyTest {
    private static final String BASE = """
            hostname = mx.example.org
            data_dir = /data
            local { domains = [example.org], postmaster = "anna@elsewhere.example" }
            spool.reserve = %s
            listeners { submission.endpoints = [], submissions.endpoints = [] }
            """;

    private static Config config(String reserve) {
        return ConfigReader.fromText(BASE.formatted(reserve));
    }

    @Test
    void aReloadReachesTheSpool() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                try {
                    Assembly assembly =
                            Assembly.start(world, config("1MiB"), Hooks.simulated(UnaryOperator.identity()));
                    assertThat(assembly.spool().hasRoom(1)).isTrue();
                    List<String> problems = assembly.reload(config("1024GiB"));
                    assertThat(problems).isEmpty();
                    assertThat(assembly.spool().hasRoom(1)).isFalse();
                    assembly.stop();
                } catch (StartFailure e) {
                    throw new AssertionError(String.join("; ", e.problems()), e);
                }
            });
        }
    }

    /** The files that rules name are put in force with them, or neither is. */
    @Test
    void aReloadReachesTheRulesOfRoutesAndTheirFiles() {
        Asked asked = new Asked(
                new Mail(1, Address.NULL, "", "", "mx", 1, Head.ofText("")), Address.of("r@y.example"), false);
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                try {
                    Assembly assembly =
                            Assembly.start(world, config("1MiB"), Hooks.simulated(UnaryOperator.identity()));
                    assertThat(assembly.route(asked).way()).isEqualTo("mx y.example");
                    write(world.disk(), "y.example: 192.0.2.1:26\n");
                    Config rules = ConfigReader.fromText(BASE.formatted("1MiB") + """
                            delivery.rules = [ { listeners = [mx], recipient_hosts = /etc/hosts-of-mail } ]
                            """);
                    assertThat(assembly.reload(rules)).isEmpty();
                    assertThat(assembly.route(asked).way()).isEqualTo("hosts 192.0.2.1:26 (opportunistic)");
                    assertThat(assembly.route(asked).where()).startsWith("/etc/hosts-of-mail:1 by ");
                    write(world.disk(), "y.example\n");
                    assertThat(assembly.reload(rules))
                            .singleElement()
                            .asString()
                            .startsWith("/etc/hosts-of-mail:1: ");
                    assertThat(assembly.route(asked).way()).isEqualTo("hosts 192.0.2.1:26 (opportunistic)");
                    assembly.stop();
                } catch (StartFailure e) {
                    throw new AssertionError(String.join("; ", e.problems()), e);
                }
            });
        }
    }

    private static void write(Disk disk, String text) throws IOException {
        Path table = Path.of("/etc/hosts-of-mail");
        disk.makeDirectories(Path.of("/etc"));
        if (disk.exists(table)) {
            disk.delete(table);
        }
        try (Disk.File file = disk.create(table)) {
            file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }
    }
}
