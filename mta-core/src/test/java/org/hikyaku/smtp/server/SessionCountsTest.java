package org.hikyaku.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.hikyaku.config.ConfigReader;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.junit.jupiter.api.Test;

/** RFC 5321 7.8: how much one session may have. */
class SessionCountsTest {
    private final SessionCounts counts = new SessionCounts(ConfigReader.fromText("""
            hostname = mx.example.org
            local { domains = [example.org], postmaster = "a@example.org" }
            limits { errors_per_session_max = 2, commands_per_session_max = 10, messages_per_session_max = 1 }
            auth { users = /etc/users, failures_per_session_max = 2 }
            """));

    @Test
    void asManyCommandsAsThereMayBeAreTaken() {
        for (int i = 0; i < 10; i++) {
            assertThat(counts.isCommandTooMany()).isFalse();
        }
        assertThat(counts.isCommandTooMany()).isTrue();
    }

    @Test
    void whatIsRefusedForNowIsNoErrorOfTheClient() {
        counts.refused(Replies.NOT_IMPLEMENTED);
        counts.refused(new Reply(451, "4.3.0", "later"));
        assertThat(counts.errors()).isEqualTo(1);
        assertThat(counts.areErrorsTooMany()).isFalse();

        counts.refused(Replies.NOT_IMPLEMENTED);
        assertThat(counts.areErrorsTooMany()).isTrue();
    }

    @Test
    void theLastOfTheFailedLoginsIsOneTooMany() {
        assertThat(counts.isLoginFailureTooMany()).isFalse();
        assertThat(counts.isLoginFailureTooMany()).isTrue();
    }

    @Test
    void messagesCountWhenTheyAreStored() {
        assertThat(counts.areMessagesTooMany()).isFalse();
        counts.stored();
        assertThat(counts.messages()).isEqualTo(1);
        assertThat(counts.areMessagesTooMany()).isTrue();
    }
}
