package org.hikyaku.hostmail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.mail.HeaderScan;
import org.hikyaku.mail.HostUser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether it is said of a message who sent it. */
class HostFieldsTest {
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mail.example.org
            local { domains = [example.org], postmaster = "anna@example.org" }
            listeners { submission.endpoints = [], submissions.endpoints = [] }
            """);
    private static final Domain OURS = Domain.of("example.org");

    private static List<String> added(String user, String text) {
        HostSender who = new HostSender(new HostUser(user, 1001), CONFIG, OURS);
        byte[] octets = text.replace("\n", "\r\n").getBytes(UTF_8);
        WrittenHeader header = new WrittenHeader(OURS);
        header.read(octets, 0);
        HeaderScan scan = new HeaderScan(10_000);
        scan.feed(octets, 0, octets.length);
        HeaderFacts facts = scan.facts();
        return HostFields.added(
                header, who, facts.from(), Address.NULL, who.own(), "", address -> address, Instant.EPOCH);
    }

    @Test
    void whoWroteItHimselfNeedsNoSender() {
        assertThat(added("bob", "From: Bob <Bob+x@example.org>\n\nb\n")).isEmpty();
        assertThat(added("bob", "Resent-From: bob@example.org\nResent-Date: x\nFrom: a@b.example\n\nb\n"))
                .isEmpty();
    }

    /** RFC 5322 3.6.2: of several authors it must be said; and what comes first is what is shown. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "From: boss@example.org, bob@example.org\n\nb\n",
                "From: bob@example.org, boss@example.org\n\nb\n",
                "From: boss@example.org\nFrom: bob@example.org\n\nb\n",
                "From: boss\n\nb\n",
                "From:\n\nb\n"
            })
    void whoIsNotTheOnlyAuthorIsTheSender(String text) {
        assertThat(added("bob", text)).containsExactly("Sender: bob@example.org");
        assertThat(added("root", text)).isEmpty(); // sendmail.any_sender
    }

    /** RFC 5322 3.6.6. */
    @Test
    void soItIsForWhatIsSentAgain() {
        assertThat(added(
                        "bob",
                        "Resent-Date: x\nResent-From: boss@example.org, bob@example.org\nFrom: a@b.example\n\nb"))
                .containsExactly("Resent-Sender: bob@example.org");
    }
}
