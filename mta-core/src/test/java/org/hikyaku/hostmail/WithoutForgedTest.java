package org.hikyaku.hostmail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.HostUser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WithoutForgedTest {
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mail.example.org
            local { domains = [example.org], postmaster = "anna@example.org" }
            listeners { submission.endpoints = [], submissions.endpoints = [] }
            """);

    private static String run(String user, int piece, int limit, String text) {
        HostSender who = new HostSender(new HostUser(user, 1001), CONFIG, Domain.of("example.org"));
        WithoutForged transform = new WithoutForged(who, limit);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] all = text.replace("\n", "\r\n").getBytes(UTF_8);
        for (int at = 0; at < all.length; at += piece) {
            transform.feed(all, at, Math.min(piece, all.length - at), out::write);
        }
        transform.finish(out::write);
        return out.toString(UTF_8).replace("\r\n", "\n");
    }

    private static String run(String text) {
        return run("bob", 3, 1000, text);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000})
    void whoMayNotSayHeIsAnotherSaysNothing(int piece) {
        String text = "Bcc: x@y.example,\n z@y.example\nFrom: a@b.example\nSender: a@b.example\n\nSender: c\nBcc: d\n";
        assertThat(run("bob", piece, 1000, text)).isEqualTo("From: a@b.example\n\nSender: c\nBcc: d\n");
        assertThat(run("root", piece, 1000, text))
                .isEqualTo("From: a@b.example\nSender: a@b.example\n\nSender: c\nBcc: d\n");
    }

    /** RFC 5322 3.6.6: the fields of the message as it was first sent stay what they were. */
    @Test
    void ofAMessageThatIsSentAgainTheNewSenderIsNotBelieved() {
        assertThat(run("Sender: a@b.example\nRESENT-From: b@b.example\nResent-Sender: c@b.example\n\nx\n"))
                .isEqualTo("Sender: a@b.example\nRESENT-From: b@b.example\n\nx\n");
    }

    /** Else a field behind it would have the forged one stay. */
    @Test
    void aLineThatIsNoFieldEndsTheHeaderAsItDoesForItsReader() {
        String text = "From: a@b.example\nSender: boss@b.example\nno field\nResent-From: x\n\nb\n";
        WrittenHeader written = new WrittenHeader(Domain.of("example.org"));
        written.read(text.getBytes(UTF_8), 0);
        assertThat(written.isResent()).isFalse();
        assertThat(run(text)).doesNotContain("boss").contains("Resent-From: x");
        assertThat(run("Sender: boss@b.example\n: none\nResent-From: x\n\nb\n")).doesNotContain("boss");
        assertThat(run(" Resent-From: x\nSender: boss@b.example\nx-Resent-From: x\n\nb\n"))
                .doesNotContain("boss");
    }

    @Test
    void aHeaderWithoutAnEndIsGatheredToTheLimitOnly() {
        String text = "A: b\nSender: x\n" + "C: d\n".repeat(1000);
        assertThat(run("bob", 100, 64, text)).isEqualTo(text.replace("Sender: x\n", ""));
        assertThat(run("A: b\nSender: x")).isEqualTo("A: b\n");
        assertThat(run("")).isEmpty();
    }
}
