package org.hikyaku.hostmail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Random;
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
        assertThat(run(text)).doesNotContain("boss").contains("\n\nno field\nResent-From: x");
        assertThat(run("Sender: boss@b.example\n: none\nResent-From: x\n\nb\n")).doesNotContain("boss");
        assertThat(run("Sender: boss@b.example\nx-Resent-From: x\n\nb\n")).doesNotContain("boss");
    }

    /** Whatever the lines: what is left out of a message that is sent again, or of one that is not, is what its reader takes it for. */
    @Test
    void whatIsSentAgainIsSoForBothReaders() {
        String[] lines = {
            "From: a@b.example",
            ":x:y",
            "resent-x",
            "Resent-From: y@b.example",
            " resent-a: b",
            "resent- : x",
            "RESENT-Date : x",
            "\u000bResent-To: z@b.example",
            "\u2003resent-x: y",
            "no field",
            ": none",
            "X-Resent-From: x",
            "res ent-x: y",
            "resent:x",
            "resent-sender",
            "\tb",
            " ",
            "a b: c"
        };
        Random random = new Random(1);
        int[] resent = {0, 0};
        for (int i = 0; i < 5_000; i++) {
            StringBuilder text = new StringBuilder("Sender: boss@b.example\n");
            for (int count = random.nextInt(5); count > 0; count--) {
                text.append(lines[random.nextInt(lines.length)]).append('\n');
            }
            text.append("\nResent-From: body@b.example\n");
            WrittenHeader written = new WrittenHeader(Domain.of("example.org"));
            written.read(text.toString().getBytes(UTF_8), 0);
            resent[written.isResent() ? 1 : 0]++;
            assertThat(run(text.toString()).contains("boss"))
                    .as(text.toString())
                    .isEqualTo(written.isResent());
        }
        assertThat(Math.min(resent[0], resent[1])).isGreaterThan(500);
    }

    @Test
    void aHeaderWithoutAnEndIsGatheredToTheLimitOnly() {
        String text = "A: b\nSender: x\n" + "C: d\n".repeat(1000);
        assertThat(run("bob", 100, 64, text)).isEqualTo(text.replace("Sender: x\n", ""));
        assertThat(run("A: b\nSender: x")).isEqualTo("A: b\n");
        assertThat(run("")).isEmpty();
    }
}
