package org.hikyaku.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** RFC 5321 4.1.1.4, 4.5.2, 2.3.8. */
class DataFramerTest {
    private record Result(
            boolean ended,
            int consumed,
            String text,
            long size,
            boolean bare,
            boolean big,
            boolean longLine,
            boolean eight) {}

    private static Result run(String in, boolean fix, int... cuts) {
        return run(in, 10_000, 2000, fix, cuts);
    }

    private static Result run(String in, long sizeMax, int lineMax, boolean fix, int... cuts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DataFramer framer = new DataFramer(sizeMax, lineMax, fix, out::write);
        byte[] octets = in.getBytes(ISO_8859_1);
        int p = 0;
        for (int i = 0; i <= cuts.length && !framer.ended(); i++) {
            int to = i < cuts.length ? cuts[i] : octets.length;
            byte[] part = new byte[to - p];
            System.arraycopy(octets, p, part, 0, part.length);
            p += framer.read(part, 0, part.length);
        }
        String text = framer.isFaulty() ? "" : out.toString(ISO_8859_1);
        return new Result(
                framer.ended(),
                p,
                text,
                framer.size(),
                framer.hasBareLineEnd(),
                framer.isTooBig(),
                framer.hasLineTooLong(),
                framer.hasEightBit());
    }

    @Test
    void endsAtCrLfDotCrLfOnly() {
        Result r = run("a\r\nb\r\n.\r\nMAIL", false);
        assertThat(r.ended()).isTrue();
        assertThat(r.text()).isEqualTo("a\r\nb\r\n");
        assertThat(r.consumed()).isEqualTo("a\r\nb\r\n.\r\n".length());
        assertThat(r.bare()).isFalse();
    }

    @Test
    void theEmptyMessageEndsAtOnce() {
        assertThat(run(".\r\n", false).text()).isEmpty();
        assertThat(run(".\r\n", false).ended()).isTrue();
    }

    @Test
    void takesStuffedDotsOut() {
        assertThat(run("..\r\n...x\r\n.y\r\na.\r\n.\r\n", false).text()).isEqualTo(".\r\n..x\r\ny\r\na.\r\n");
    }

    @Test
    void noLookAlikeEndsTheData() {
        for (String look : new String[] {
            "\n.\n",
            "\n.\r\n",
            "\r\n.\n",
            "\r.\r",
            "\r.\r\n",
            "\r\n.\r",
            "\n\n.\r\n",
            "\r\r.\r\n",
            "\r\n.\r\r\n",
            "\n.\n\r\n"
        }) {
            for (boolean fix : new boolean[] {true, false}) {
                Result r = run("a" + look + "b", fix);
                assertThat(r.ended()).as(look).isFalse();
                assertThat(r.bare()).as(look).isTrue();
            }
        }
        assertThat(run("a\r\n\0.\r\nb", false).ended()).isFalse();
    }

    @Test
    void fixMakesEachBareCrOrLfALineEndInsideTheBody() {
        assertThat(run("a\nb\rc\r\r\nd\n\re\r\n.\r\n", true).text()).isEqualTo("a\r\nb\r\nc\r\n\r\nd\r\n\r\ne\r\n");
        // a line so begun is no line of the protocol
        assertThat(run("a\n.\r\nb\n..c\r\n.\r\n", true).text()).isEqualTo("a\r\n.\r\nb\r\n..c\r\n");
    }

    @Test
    void longLinesPassUnbrokenUpToTheLimit() {
        assertThat(run("x".repeat(2000) + "\r\n.\r\n", false).text()).hasSize(2002);
        assertThat(run("x".repeat(2001) + "\r\n.\r\n", false).longLine()).isTrue();
    }

    @Test
    void tooBigIsReadToItsEnd() {
        Result r = run("12345678\r\n12\r\n.\r\n", 13, 100, false);
        assertThat(r.big()).isTrue();
        assertThat(r.ended()).isTrue();
        assertThat(run("12345678\r\n1\r\n.\r\n", 13, 100, false).big()).isFalse();
    }

    @Test
    void eightBitIsSeenOnlyInTheMessage() {
        assertThat(run("abcdefghij\u00e9\r\n.\r\n", false).eight()).isTrue();
        assertThat(run("abcde\r\n.\r\n\u00e9\u00e9\u00e9", false).eight()).isFalse();
        assertThat(run("ab\u00e9\r\n.\r\n", false).eight()).isTrue();
    }

    /** Property: wherever the octets are cut, the same message, the same faults, the same end. */
    @Test
    void cutsChangeNothing() {
        Random random = new Random(5);
        String letters = "\r\n..a\n\r\u00e9\r\n";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(24);
            for (int i = 0; i < length; i++) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            text.append("abcdefghijk\r\n.\r\nrest");
            boolean fix = random.nextBoolean();
            Result whole = run(text.toString(), 40, 9, fix);
            int cut = random.nextInt(text.length());
            int second = cut + random.nextInt(text.length() - cut);
            assertThat(run(text.toString(), 40, 9, fix, cut, second))
                    .as(text.toString())
                    .isEqualTo(whole);
            int[] each = new int[text.length()];
            for (int i = 0; i < each.length; i++) {
                each[i] = i;
            }
            assertThat(run(text.toString(), 40, 9, fix, each))
                    .as(text.toString())
                    .isEqualTo(whole);
        }
    }
}
