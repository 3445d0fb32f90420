package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.check.OutboundCheck;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.policy.OutboundCounts;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.StoredMessage;
import org.junit.jupiter.api.Test;

class SentByUsersTest {
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mx.a.example
            local { domains = [a.example], postmaster = "ann@a.example" }
            auth.users = /users
            outbound.anomaly { rejected_recipients = 5, rejected_share = 0.5 }
            """);

    private static final Content EMPTY = new Content() {
        @Override
        public long size() {
            return 0;
        }

        @Override
        public int read(ByteBuffer target, long position) {
            return 0;
        }
    };

    private static StoredMessage by(Origin.Kind kind, String user, List<Recipient> recipients) {
        return new StoredMessage(
                new SpoolId(1),
                Instant.EPOCH,
                new Envelope(Address.of("ann@a.example"), recipients, false, false),
                new Origin(kind, "", user, ""),
                List.of(),
                "",
                EMPTY);
    }

    private static List<String> suspected(StoredMessage message) {
        List<String> suspected = new ArrayList<>();
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                OutboundCounts counts = new OutboundCounts();
                OutboundCheck check = new OutboundCheck(world, counts, (user, why) -> suspected.add(user));
                SentByUsers sent = new SentByUsers(world, counts, check);
                message.envelope().recipients().forEach(to -> sent.refused(message, to, CONFIG));
            });
        }
        return suspected;
    }

    private static List<Recipient> recipients(String original) {
        List<Recipient> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Address member = Address.of("m" + i + "@b.example");
            all.add(original.isEmpty() ? Recipient.of(member) : new Recipient(member, Address.of(original)));
        }
        return all;
    }

    @Test
    void whoPostsToAListIsNotHeldForItsMembers() {
        assertThat(suspected(by(Origin.Kind.SUBMISSION, "ann@a.example", recipients("list@a.example"))))
                .isEmpty();
        assertThat(suspected(by(Origin.Kind.SUBMISSION, "ann@a.example", recipients(""))))
                .contains("ann@a.example");
    }

    @Test
    void mailOfNobodyHoldsNobody() {
        assertThat(suspected(by(Origin.Kind.SMTP, "", recipients("")))).isEmpty();
        assertThat(suspected(by(Origin.Kind.LOCAL, "ann", recipients("")))).contains("ann");
    }
}
