package org.hikyaku.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RouteTablesTest {
    private static final Path SENDERS = Path.of("/etc/hikyaku/senders");
    private static final Path HOSTS = Path.of("/etc/hikyaku/hosts");

    private final SimWorld sim = new SimWorld(1);
    private final Config config = ConfigReader.fromText("""
            hostname = mail.example.org
            local { domains = [example.org], postmaster = "anna@example.org" }
            auth.users = users
            delivery.rules = [ { from_files = [senders], sender_hosts = hosts } ]
            """);

    @AfterEach
    void close() {
        sim.close();
    }

    private RouteTables.Loaded load(String senders, String hosts) {
        RouteTables.Loaded[] loaded = new RouteTables.Loaded[1];
        sim.run(world -> {
            write(world.disk(), SENDERS, senders);
            write(world.disk(), HOSTS, hosts);
            write(world.disk(), Path.of("/etc/hikyaku/secret"), "hush\n");
            loaded[0] = RouteTables.load(world.disk(), config);
        });
        return loaded[0];
    }

    private static void write(Disk disk, Path file, String text) throws java.io.IOException {
        disk.makeDirectories(Path.of("/etc/hikyaku"));
        try (Disk.File open = disk.create(file)) {
            open.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    @Test
    void aFileOfAddressesHoldsWhatItsLinesSay() {
        AddressSet set = load("# ours\nanna@example.com\n.example.net\n/.*-bulk@x\\.example/\n<>\n", "")
                .tables()
                .addresses(SENDERS)
                .orElseThrow();
        assertThat(set.holds(Address.of("ANNA@example.com"))).isTrue();
        assertThat(set.holds(Address.of("bob@example.com"))).isFalse();
        assertThat(set.holds(Address.of("a@example.net"))).isTrue();
        assertThat(set.holds(Address.of("a@b.c.example.net"))).isTrue();
        assertThat(set.holds(Address.of("a@fakeexample.net"))).isFalse();
        assertThat(set.holds(Address.of("a-bulk@x.example"))).isTrue();
        assertThat(set.holds(Address.NULL)).isTrue();
    }

    @Test
    void ofATableOfHostsTheNearestLineCounts() {
        HostTable table = load("", """
                        anna@example.com: smtp.example.net:587 tls=verified user=anna password_file=secret
                        example.com: relay.example.net
                        .example: [2001:db8::1]:2525 tls=none
                        """).tables().hosts(HOSTS).orElseThrow();
        HostTable.Found anna = table.find(Address.of("Anna@example.com")).orElseThrow();
        assertThat(anna.host().host()).isEqualTo("smtp.example.net");
        assertThat(anna.host().port()).isEqualTo(587);
        assertThat(anna.host().user()).contains("anna");
        assertThat(anna.host().passwordFile()).contains(Path.of("/etc/hikyaku/secret"));
        assertThat(anna.where()).isEqualTo("/etc/hikyaku/hosts:1");
        assertThat(table.find(Address.of("bob@example.com")).orElseThrow().where())
                .endsWith(":2");
        assertThat(table.find(Address.of("bob@a.b.example"))
                        .orElseThrow()
                        .host()
                        .port())
                .isEqualTo(2525);
        assertThat(table.find(Address.of("bob@elsewhere.test"))).isEmpty();
    }

    @Test
    void eachMistakeIsToldWithFileAndLine() {
        List<String> problems = load("anna@\n", """
                        no colon
                        a@example.com: b c:99999
                        b@example.com: smtp.example.net user=anna
                        c@example.com: smtp.example.net user=anna password_file=secret
                        d@example.com: smtp.example.net tls=verified user=anna password_file=gone
                        e@example.com: smtp.example.net tls=maybe
                        f@example.com: smtp.example.net
                        f@example.com: smtp.example.net
                        """).problems();
        assertThat(problems).hasSize(8);
        assertThat(problems.get(0)).startsWith("/etc/hikyaku/senders:1: `anna@` is no address");
        for (int line = 1; line <= 6; line++) {
            assertThat(problems.get(line)).startsWith("/etc/hikyaku/hosts:" + line + ": ");
        }
        assertThat(problems.get(4)).contains("verified or implicit");
        assertThat(problems.get(7)).isEqualTo("/etc/hikyaku/hosts:8: f@example.com is already at /etc/hikyaku/hosts:7");
    }
}
