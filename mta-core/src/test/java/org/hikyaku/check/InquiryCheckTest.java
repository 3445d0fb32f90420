package org.hikyaku.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
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
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.LocalDirectory;
import org.junit.jupiter.api.Test;

/** RFC 5321 3.5.1, 3.5.3. */
class InquiryCheckTest {
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mx.example.org
            local { domains = [example.org], postmaster = "alice@example.org" }
            auth.users = /etc/users
            """);
    private static final Set<String> USERS = Set.of("alice@example.org", "bob");

    private final InquiryCheck check;

    InquiryCheckTest() {
        try (SimWorld world = new SimWorld(1)) {
            LocalDirectory directory = LocalDirectory.load(
                            CONFIG.hostname(), CONFIG.local(), USERS::contains, world.disk())
                    .directory();
            check = new InquiryCheck(() -> directory);
        }
    }

    private Verdict ask(String text, boolean expand) {
        return check.answer(
                new Question.Verify(text, expand),
                new SessionFacts(
                        "s",
                        CONFIG,
                        "mx",
                        InetAddress.ofLiteral("203.0.113.5"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    private static Verdict found(String address) {
        return new Verdict.Found(List.of(Address.of(address)));
    }

    @Test
    void usersAreFoundByNameAndByAddress() {
        assertThat(ask("alice@example.org", false)).isEqualTo(found("alice@example.org"));
        assertThat(ask("<alice@example.org>", false)).isEqualTo(found("alice@example.org"));
        assertThat(ask("bob", false)).isEqualTo(found("bob@example.org"));
        assertThat(ask("postmaster", false)).isEqualTo(found("postmaster@example.org"));
    }

    @Test
    void nobodyIsRefusedAndElsewhereIsNotKnown() {
        assertThat(ask("carol", false)).isInstanceOf(Verdict.Reject.class);
        assertThat(ask("<>", false)).isEqualTo(new Verdict.Reject(Replies.NO_SUCH_USER));
        assertThat(ask("x@elsewhere.example", false)).isEqualTo(Verdict.PASS);
    }

    @Test
    void onlyWhatStandsForOthersIsExpanded() {
        assertThat(ask("postmaster", true)).isEqualTo(found("alice@example.org"));
        assertThat(ask("bob", true)).isEqualTo(new Verdict.Reject(Replies.NO_LIST));
    }
}
