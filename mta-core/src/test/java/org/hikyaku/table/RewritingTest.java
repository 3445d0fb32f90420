package org.hikyaku.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.junit.jupiter.api.Test;

class RewritingTest {
    private final AliasDisk disk = new AliasDisk().with("/senders", "").with("/recipients", "");
    private final List<String> problems = new ArrayList<>();

    private Rewriting rewriting() {
        Config config = ConfigReader.fromText("""
                hostname = mx.example
                local { domains = [a.example, lists.a.example], postmaster = "joe@a.example" }
                auth.users = /users
                relay.trusted_networks = ["192.0.2.0/24", "2001:db8::/32"]
                addresses {
                  sender_canonical = [/senders]
                  recipient_canonical = [/recipients]
                  masquerade { domains = [a.example], except_hosts = [lab.a.example], except_users = [Root] }
                }
                """);
        return Rewriting.load(config, disk, problems);
    }

    private static String sender(Rewriting rewriting, String address) {
        return rewriting.sender(Address.of(address), Steps.NONE).toString();
    }

    private static String recipient(Rewriting rewriting, String address, boolean ours) {
        return rewriting
                .recipient(Address.of(address), Address.of("s@c.example"), ours, Steps.NONE)
                .toString();
    }

    @Test
    void ourMailIsOfUsersAndOfTrustedNetworks() {
        Rewriting r = rewriting();
        assertThat(r.isOurs("ann@a.example", "203.0.113.9")).isTrue();
        assertThat(r.isOurs("", "192.0.2.7")).isTrue();
        assertThat(r.isOurs("", "2001:db8::7")).isTrue();
        assertThat(r.isOurs("", "203.0.113.9")).isFalse();
        assertThat(r.isOurs("", "")).isFalse();
    }

    @Test
    void hostsNamesAreLeftOutWithExceptions() {
        Rewriting r = rewriting();
        assertThat(sender(r, "ann@pc1.a.example")).isEqualTo("ann@a.example");
        assertThat(sender(r, "root@pc1.a.example")).isEqualTo("root@pc1.a.example");
        assertThat(sender(r, "ann@x.lab.a.example")).isEqualTo("ann@x.lab.a.example");
        assertThat(sender(r, "ann@lists.a.example")).isEqualTo("ann@lists.a.example");
        assertThat(sender(r, "ann@nota.example")).isEqualTo("ann@nota.example");
        assertThat(r.sender(Address.NULL, Steps.NONE)).isEqualTo(Address.NULL);
    }

    @Test
    void aSenderIsCalledAsTheTableSaysOnceAndThenMasqueraded() {
        disk.with(
                "/senders",
                "ann@a.example: Ann.Lee@a.example\nAnn.Lee@a.example: other@a.example\n"
                        + "/(.*)@(pc2)\\.b\\.example/: $1@$2.a.example\n");
        Rewriting r = rewriting();
        assertThat(sender(r, "ann@a.example")).isEqualTo("Ann.Lee@a.example");
        assertThat(sender(r, "bob@pc2.b.example")).isEqualTo("bob@pc2.b.example"); // b.example is not ours to make up
        disk.with("/senders", "@pc2.b.example: @pc2.a.example\n");
        assertThat(sender(rewriting(), "bob@pc2.b.example")).isEqualTo("bob@a.example");
    }

    @Test
    void recipientsElsewhereAreCalledOtherwiseInOurMailOnly() {
        disk.with("/recipients", "old@c.example: new@c.example\nann.lee@a.example: ann@a.example\n");
        Rewriting r = rewriting();
        assertThat(recipient(r, "old@c.example", true)).isEqualTo("new@c.example");
        assertThat(recipient(r, "old@c.example", false)).isEqualTo("old@c.example");
        assertThat(recipient(r, "Ann.Lee@a.example", false)).isEqualTo("ann@a.example");
        assertThat(problems).isEmpty();
    }

    /** RFC 5321 3.6.1: no relay opens by a canonical name. */
    @Test
    void ourAddressesAreNeverCalledByANameElsewhere() {
        disk.with(
                "/recipients",
                "ann@a.example: ann@c.example\n/b(.*)@a.example/: b@c.example\n@lists.a.example: @c.example\n");
        Rewriting r = rewriting();
        for (boolean ours : List.of(true, false)) {
            assertThat(recipient(r, "ann@a.example", ours)).isEqualTo("ann@a.example");
            assertThat(recipient(r, "bob@a.example", ours)).isEqualTo("bob@a.example");
            assertThat(recipient(r, "x@lists.a.example", ours)).isEqualTo("x@lists.a.example");
        }
        assertThat(problems)
                .containsExactly(
                        "/recipients:1: ann@a.example is ours and would go elsewhere; what is passed on stands in a table of"
                                + " addresses.virtual",
                        "/recipients:3: @lists.a.example is ours and would go elsewhere; what is passed on stands in a table"
                                + " of addresses.virtual");
    }

    @Test
    void oneBecomesOne() {
        disk.with("/senders", "ann@a.example: x@a.example, y@a.example\nbob@a.example: name\n");
        rewriting();
        assertThat(problems)
                .containsExactly(
                        "/senders:1: one address becomes one here; several go into a table of addresses.virtual",
                        "/senders:2: `name` is no address and no @domain");
    }
}
