package org.hikyaku.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.hikyaku.smtp.ChunkFramer.LineEnds;
import org.junit.jupiter.api.Test;

/** RFC 3030 2, 3; RFC 5321 2.3.8. */
class ChunkFramerTest {
    private record Result(String text, long size, boolean bare, boolean big, boolean longLine, boolean eight) {}

    /** The message of these chunks, each with octets behind it that are not its own, cut into pieces by {@code random}. */
    private static Result run(LineEnds ends, long sizeMax, Random random, String... chunks) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ChunkFramer framer = new ChunkFramer(sizeMax, 20, ends, out::write);
        for (String chunk : chunks) {
            framer.begin(chunk.length());
            byte[] octets = (chunk + "BDAT 9\r\n").getBytes(ISO_8859_1);
            int p = 0;
            while (!framer.ended()) {
                int count = Math.min(octets.length - p, 1 + random.nextInt(octets.length));
                byte[] piece = new byte[count + 3];
                System.arraycopy(octets, p, piece, 2, count);
                int read = framer.read(piece, 2, 2 + count) - 2;
                assertThat(read).isEqualTo(Math.min(count, chunk.length() - p));
                p += read;
            }
            assertThat(p).isEqualTo(chunk.length());
        }
        framer.endMessage();
        String text = framer.isFaulty() ? "" : out.toString(ISO_8859_1);
        return new Result(
                text,
                framer.size(),
                framer.hasBareFault(),
                framer.isTooBig(),
                framer.hasLineTooLong(),
                framer.hasEightBit());
    }

    private static Result run(LineEnds ends, String... chunks) {
        return run(ends, 1000, new Random(3), chunks);
    }

    @Test
    void nothingInTheCountedOctetsIsAnEnd() {
        for (LineEnds ends : LineEnds.values()) {
            assertThat(run(ends, "a: b\r\n\r\n.\r\n..\r\nQUIT\r\n", ".\r\n").text())
                    .isEqualTo("a: b\r\n\r\n.\r\n..\r\nQUIT\r\n.\r\n");
            assertThat(run(ends, "", "").text()).isEmpty();
        }
    }

    @Test
    void aLineEndMayBeCutByAChunksEnd() {
        assertThat(run(LineEnds.REFUSE, "a\r", "\nb\r", "", "\n")).isEqualTo(run(LineEnds.REFUSE, "a\r\nb\r\n"));
        assertThat(run(LineEnds.REFUSE, "a\r", "b\r\n").bare()).isTrue();
        assertThat(run(LineEnds.REFUSE, "a\r\nb\r").bare()).isTrue();
        assertThat(run(LineEnds.REFUSE, "a\n").bare()).isTrue();
        assertThat(run(LineEnds.REFUSE, "no line end").text()).isEqualTo("no line end");
    }

    @Test
    void fixMendsAsForData() {
        assertThat(run(LineEnds.FIX, "a\nb\r", "c\r", "\nd\r").text()).isEqualTo("a\r\nb\r\nc\r\nd\r\n");
        assertThat(run(LineEnds.FIX, "a\n.\r\n").text()).isEqualTo("a\r\n.\r\n");
    }

    @Test
    void keepKeepsEveryOctetBehindTheHeader() { // RFC 3030 3
        String body = "a\nb\rc\r\r\n\n.\n\0\u00ff\r" + "x".repeat(50);
        Result result = run(LineEnds.KEEP, "Subject: x\r\n\r\n" + body);
        assertThat(result.text()).isEqualTo("Subject: x\r\n\r\n" + body);
        assertThat(result.eight()).isTrue();
        assertThat(result.longLine()).isFalse();
    }

    @Test
    void keepWantsAHeaderOfLines() {
        for (String bad : List.of("a: b\n\r\n", "a: b\r\nc: d\ne: f\r\n\r\n", "a: b\r", "a: b\rc\r\n\r\n", "\n")) {
            assertThat(run(LineEnds.KEEP, bad).bare()).as(bad).isTrue();
        }
        assertThat(run(LineEnds.KEEP, "\r\n\n\r").bare()).isFalse();
        assertThat(run(LineEnds.KEEP, "a: b\r\n\r", "\n\n").bare()).isFalse();
    }

    @Test
    void limitsHoldAcrossChunks() {
        for (LineEnds ends : LineEnds.values()) {
            assertThat(run(ends, 9, new Random(1), "12345\r\n", "89").big()).isFalse();
            assertThat(run(ends, 9, new Random(1), "12345\r\n", "890").big()).isTrue();
        }
        assertThat(run(LineEnds.REFUSE, "x".repeat(15), "y".repeat(6)).longLine())
                .isTrue();
        assertThat(run(LineEnds.REFUSE, "x".repeat(15), "y".repeat(5) + "\r\n").longLine())
                .isFalse();
    }

    /** Property: however a message is divided into chunks and cut on its way, it is the same with the same faults. */
    @Test
    void divisionsAndCutsChangeNothing() {
        Random random = new Random(5);
        String letters = "\r\n..a\n\r\u00e9\r\n\0:";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(30); i > 0; i--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            LineEnds ends = List.of(LineEnds.values()).get(random.nextInt(3));
            Result whole = run(ends, 25, random, text.toString());
            List<String> chunks = new ArrayList<>();
            for (int at = 0; at < text.length(); ) {
                int to = at + random.nextInt(text.length() - at + 1);
                chunks.add(text.substring(at, to));
                at = to;
            }
            assertThat(run(ends, 25, random, chunks.toArray(new String[0])))
                    .as(text.toString())
                    .isEqualTo(whole);
        }
    }
}
