package org.hikyaku.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.world.Disk;
import org.junit.jupiter.api.Test;

/** Who is known depends on who writes: by the name that he will have when the message comes in. */
class RecipientCheckTest {
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mx.example.org
            local { domains = [example.org], postmaster = "joe@example.org" }
            auth.users = /users
            relay.trusted_networks = ["192.0.2.0/24"]
            addresses { virtual = [/virtual], sender_canonical = [/senders] }
            """);

    private static void write(Disk disk, String name, String text) {
        try (Disk.File file = disk.create(Path.of(name))) {
            file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Verdict ask(LocalDirectory directory, String sender, String client, String user) {
        SessionFacts facts = new SessionFacts(
                "s1",
                CONFIG,
                "mx",
                InetAddress.ofLiteral(client),
                Optional.empty(),
                Optional.empty(),
                Optional.of(user).filter(name -> !name.isEmpty()));
        return new RecipientCheck(() -> directory)
                .answer(new Question.Recipient(Address.of(sender), Address.of("all@example.org")), facts);
    }

    @Test
    void sectionsForSendersGoByWhatTheSenderWillBeCalled() {
        try (SimWorld sim = new SimWorld(1)) {
            write(sim.disk(), "/virtual", "[from boss@example.org]\nall@example.org: joe\n");
            write(sim.disk(), "/senders", "chef@example.org: boss@example.org\nboss@example.org: chef@example.org\n");
            sim.run(world -> {
                LocalDirectory.Loaded loaded =
                        LocalDirectory.load(CONFIG, Set.of("joe@example.org")::contains, world.disk(), world.clock());
                assertThat(loaded.problems()).isEqualTo(List.of());
                LocalDirectory here = loaded.directory();
                assertThat(ask(here, "boss@example.org", "203.0.113.9", "")).isEqualTo(Verdict.PASS);
                assertThat(ask(here, "chef@example.org", "203.0.113.9", "")).isInstanceOf(Verdict.Reject.class);
                for (String user : List.of("joe@example.org", "")) { // or from a network of ours
                    String client = user.isEmpty() ? "192.0.2.7" : "203.0.113.9";
                    assertThat(ask(here, "chef@example.org", client, user)).isEqualTo(Verdict.PASS);
                    assertThat(ask(here, "boss@example.org", client, user)).isInstanceOf(Verdict.Reject.class);
                }
            });
        }
    }
}
