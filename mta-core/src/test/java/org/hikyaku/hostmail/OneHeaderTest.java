package org.hikyaku.hostmail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.mail.HeaderScan;
import org.hikyaku.mail.HostUser;
import org.junit.jupiter.api.Test;

/**
 * Where a header ends is one thing to {@link HeaderScan}, {@link WrittenHeader} and {@link WithoutForged}, and to whoever reads the
 * message, who may well go on behind a line that is no field: what comes out has an empty line before it.
 */
class OneHeaderTest {
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mail.example.org
            local { domains = [example.org], postmaster = "anna@example.org" }
            listeners { submission.endpoints = [], submissions.endpoints = [] }
            """);
    private static final Domain OURS = Domain.of("example.org");
    private static final HostSender BOB = new HostSender(new HostUser("bob", 1001), CONFIG, OURS);
    private static final String[] LINES = {
        "From: bob@example.org",
        "From: boss@example.org",
        "FROM : boss@example.org",
        "Sender: boss@example.org",
        "Sender : boss@example.org",
        "Bcc: x@y.example",
        "Resent-To: x@y.example",
        "Resent-From: bob@example.org",
        "Resent-From: boss@example.org",
        "resent-sender : boss@example.org",
        "Resent-Date: x",
        "Subject: s",
        " folded: x",
        "\tx",
        " ",
        "",
        "a b: c",
        "Sender x: y",
        "no field",
        ": none",
        "\u000bSender: boss@example.org",
        "\u2003From: boss@example.org",
        "Sender",
        "resent-x",
        "Senderx: y"
    };

    /** As it is stored: with what is put before it. */
    private record Sent(String text, boolean resent, List<String> added) {}

    private static byte[] without(byte[] all, int piece) {
        WithoutForged transform = new WithoutForged(BOB, 100_000);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < all.length; at += piece) {
            transform.feed(all, at, Math.min(piece, all.length - at), out::write);
        }
        transform.finish(out::write);
        return out.toByteArray();
    }

    private static WrittenHeader read(byte[] octets) {
        WrittenHeader header = new WrittenHeader(OURS);
        header.read(octets, 0);
        return header;
    }

    private static HeaderFacts scan(byte[] octets) {
        HeaderScan scan = new HeaderScan(100_000);
        scan.feed(octets, 0, octets.length);
        return scan.facts();
    }

    /** Over the socket: the scan is of what came, the check reads as much as that of what is stored. */
    private static Sent bySocket(byte[] came, int piece) {
        HeaderFacts facts = scan(came);
        byte[] stored = without(came, piece);
        byte[] start = Arrays.copyOf(stored, (int) Math.min(stored.length, facts.octets()));
        return sent(read(start), facts, stored);
    }

    /** By the drop directory: the fields are read of what was left, the scan is of what is stored. */
    private static Sent byDirectory(byte[] came, int piece) {
        byte[] stored = without(came, piece);
        return sent(read(came), scan(stored), stored);
    }

    private static Sent sent(WrittenHeader header, HeaderFacts facts, byte[] stored) {
        List<String> added = HostFields.added(
                header, BOB, facts.from(), Address.NULL, BOB.own(), "", address -> address, Instant.EPOCH);
        StringBuilder text = new StringBuilder("Received: x\r\n");
        added.forEach(line -> text.append(line).append("\r\n"));
        text.append(facts.bodyAtOnce() ? "\r\n" : "").append(new String(stored, UTF_8));
        return new Sent(text.toString(), header.isResent(), added);
    }

    /** Values of a field, as one finds them who reads on to the empty line whatever stands there. */
    private static List<String> values(String text, String name) {
        List<String> values = new ArrayList<>();
        for (String line : text.split("\r\n", -1)) {
            if (line.isEmpty()) {
                break;
            }
            int colon = line.indexOf(':');
            if (colon > 0
                    && line.substring(0, colon).strip().toLowerCase(Locale.ROOT).equals(name)) {
                values.add(line.substring(colon + 1).strip());
            }
        }
        return values;
    }

    @Test
    void whateverIsWrittenNobodyIsTakenForAnother() {
        Random random = new Random(7);
        int forged = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int count = random.nextInt(8); count > 0; count--) {
                text.append(LINES[random.nextInt(LINES.length)]).append("\r\n");
            }
            byte[] came = text.toString().getBytes(UTF_8);
            int piece = 1 + random.nextInt(20);
            for (Sent sent : List.of(bySocket(came, piece), byDirectory(came, piece))) {
                String why = text + "became\n" + sent.text();
                List<String> from = values(sent.text(), "from");
                if (sent.resent()) {
                    List<String> resentFrom = values(sent.text(), "resent-from");
                    assertThat(values(sent.text(), "resent-sender")).as(why).isSubsetOf("bob@example.org");
                    assertThat(resentFrom).as(why).isNotEmpty();
                } else {
                    boolean his = from.equals(List.of("bob@example.org"));
                    List<String> sender = values(sent.text(), "sender");
                    assertThat(sender).as(why).hasSizeLessThan(2).isSubsetOf("bob@example.org");
                    assertThat(his || !sender.isEmpty()).as(why).isTrue();
                    assertThat(values(sent.text(), "resent-to")).as(why).isEmpty();
                    forged += his ? 0 : 1;
                }
            }
        }
        assertThat(forged).isGreaterThan(1000);
    }

    /** Else who reads what is left would not know why Sender stayed. */
    @Test
    void aFieldThatIsLeftOutSaysNotThatItIsSentAgain() {
        for (String left : List.of("Resent-Sender: x@y.example\r\n", "RESENT-Bcc : x@y.example\r\n")) {
            String text = "From: bob@example.org\r\nSender: boss@example.org\r\n" + left + "\r\nb\r\n";
            assertThat(bySocket(text.getBytes(UTF_8), 5).text())
                    .isEqualTo("Received: x\r\nFrom: bob@example.org\r\n\r\nb\r\n");
        }
    }

    @Test
    void whatIsBehindALineThatIsNoFieldIsTheBody() {
        String header = "From: bob@example.org\r\n";
        String body = "a b: c\r\nSender: boss@example.org\r\nResent-To: x@y.example\r\n\r\nb\r\n";
        assertThat(new String(without((header + body).getBytes(UTF_8), 3), UTF_8))
                .isEqualTo(header + "\r\n" + body);
        assertThat(new String(without(body.getBytes(UTF_8), 3), UTF_8))
                .as("an empty line comes with what is put before")
                .isEqualTo(body);
        assertThat(new String(without(("Bcc: x\r\n" + body).getBytes(UTF_8), 3), UTF_8))
                .isEqualTo("\r\n" + body);
    }
}
