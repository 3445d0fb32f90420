package org.hikyaku.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.hikyaku.smtp.ChunkFramer;
import org.hikyaku.smtp.DataFramer;
import org.junit.jupiter.api.Test;

/** A message that leaves is one message, for whoever reads it and however it came (RFC 5321 4.1.1.4, 2.3.8; RFC 3030 3). */
class SmugglingTest {
    /** What some reader, somewhere, takes for a line end. */
    private static final List<String> ENDS = List.of(
            "\r\n",
            "\n",
            "\r",
            "\n\r",
            "\r\r\n",
            "\r\0\n",
            "\0\r\n",
            "\r\n\0",
            "\n\0",
            "\0",
            "\u000b",
            "\f",
            "\u0085",
            "\u00e2\u0080\u00a8");

    /** Nothing that anybody could take for the end of data: line end, dot, line end, NULs between them or not. */
    private static final Pattern END_OF_DATA = Pattern.compile("(?:^|[\r\n])\0*\\.\0*[\r\n]");

    /** Each sequence of line end, dot, line end, with a second transaction behind it. */
    private static List<String> bodies() {
        List<String> bodies = new ArrayList<>();
        for (String before : ENDS) {
            for (String after : ENDS) {
                for (String dot : List.of(".", "..", ".\0", "\0.", " .")) {
                    bodies.add("text" + before + dot + after + "MAIL FROM:<evil@x.example>\r\nDATA\r\nevil\r\n.\r\n");
                    bodies.add(dot + after + "evil" + before);
                }
            }
        }
        return bodies;
    }

    private static String stuffed(String message, Random random) {
        return Streams.latin1(Streams.run(new DotStuffer(), Streams.bytes(message), random, 5));
    }

    /** As any reader has it: what stands before the final dot holds no other end. */
    private static void isOneForAll(String sent) {
        assertThat(sent).endsWith("\r\n.\r\n");
        String text = sent.substring(0, sent.length() - 3);
        assertThat(END_OF_DATA.matcher(text).find()).as(text).isFalse();
        assertThat(text.replace("\r\n", "")).doesNotContain("\r").doesNotContain("\n");
        DataFramer strict = new DataFramer(100_000, 100_000, false, (octets, offset, length) -> {});
        byte[] octets = Streams.bytes(sent);
        assertThat(strict.read(octets, 0, octets.length)).isEqualTo(octets.length);
        assertThat(strict.ended()).isTrue();
        assertThat(strict.isFaulty()).isFalse();
    }

    @Test
    void whateverIsGivenLeavesByDataAsOneMessage() {
        Random random = new Random(9);
        for (String body : bodies()) {
            isOneForAll(stuffed("Subject: x\r\n\r\n" + body, random));
            isOneForAll(stuffed(body, random));
        }
        String letters = "\r\n.\0a";
        for (int round = 0; round < 50_000; round++) {
            StringBuilder text = new StringBuilder("\r\n");
            for (int i = random.nextInt(16); i > 0; i--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            isOneForAll(stuffed(text.toString(), random));
        }
    }

    @Test
    void textOfLinesLeavesAsItWas() {
        Random random = new Random(4);
        String text = ".a\r\n..\r\n.\r\n\r\n.\r\nend\0.\r\n";
        List<Byte> read = new ArrayList<>();
        DataFramer strict = new DataFramer(1000, 1000, false, (octets, offset, length) -> {
            for (int i = offset; i < offset + length; i++) {
                read.add(octets[i]);
            }
        });
        byte[] sent = Streams.bytes(stuffed(text, random));
        strict.read(sent, 0, sent.length);
        StringBuilder back = new StringBuilder();
        read.forEach(b -> back.append((char) (b & 0xff)));
        assertThat(back.toString()).isEqualTo(text);
    }

    /** Taken as binary by BDAT, sent by DATA: the part is encoded, or the message does not leave at all. */
    @Test
    void whatCameAsBinaryLeavesEncodedAndWhole() throws IOException {
        Random random = new Random(2);
        for (Downgrade.Way way : List.of(Downgrade.Way.BINARY_TO_EIGHT, Downgrade.Way.BINARY_TO_SEVEN)) {
            for (String body : bodies()) {
                byte[] stored = taken("MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n\r\n" + body);
                Downgrade.Plan plan = Downgrade.plan(Streams.content(stored), way);
                assertThat(plan).isInstanceOf(Downgrade.Plan.Can.class);
                Transform form = new Downgrade((Downgrade.Plan.Can) plan).then(new DotStuffer());
                String sent = Streams.latin1(Streams.run(form, stored, random, 40));
                isOneForAll(sent);
                boolean plain = !body.replace("\r\n", "").matches("(?s).*[\r\n\0].*");
                assertThat(sent.contains("evil")).as(body).isEqualTo(plain && isSevenBitEnough(body, way));
            }
        }
    }

    private static boolean isSevenBitEnough(String body, Downgrade.Way way) {
        return way == Downgrade.Way.BINARY_TO_EIGHT || body.chars().allMatch(c -> c < 0x80);
    }

    private static byte[] taken(String message) {
        OctetBuffer out = new OctetBuffer(100);
        ChunkFramer framer = new ChunkFramer(100_000, 1000, ChunkFramer.LineEnds.KEEP, out::put);
        byte[] octets = Streams.bytes(message);
        framer.begin(octets.length);
        framer.read(octets, 0, octets.length);
        framer.endMessage();
        assertThat(framer.isFaulty()).isFalse();
        assertThat(out.toArray()).isEqualTo(octets);
        return octets;
    }
}
