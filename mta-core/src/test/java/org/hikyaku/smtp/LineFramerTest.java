package org.hikyaku.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineFramerTest {
    private static List<String> run(String in, int limit, int step) {
        LineFramer framer = new LineFramer(limit);
        byte[] octets = in.getBytes(ISO_8859_1);
        List<String> out = new ArrayList<>();
        for (int from = 0; from < octets.length; from += step) {
            int to = Math.min(octets.length, from + step);
            int p = from;
            while (p < to) {
                LineFramer.Found found = framer.read(octets, p, to);
                p = framer.position();
                if (found == LineFramer.Found.LINE) {
                    out.add(new String(framer.array(), framer.start(), framer.end() - framer.start(), ISO_8859_1));
                } else if (found != LineFramer.Found.MORE) {
                    out.add(found.name());
                }
            }
        }
        return out;
    }

    /** RFC 5321 2.3.8: lines end with CR LF and nothing else. */
    @Test
    void endsAtCrLfOnly() {
        String in = "NOOP\r\n\r\na\nb\r\nc\rd\r\ne\0\r\nx\r\r\nQUIT\r\n";
        List<String> wanted = List.of("NOOP", "", "BROKEN", "BROKEN", "BROKEN", "BROKEN", "QUIT");
        for (int step = 1; step <= in.length(); step++) {
            assertThat(run(in, 100, step)).isEqualTo(wanted);
        }
    }

    @Test
    void tooLongComesOnceAndTheNextLineIsRead() {
        String in = "x".repeat(50) + "\r\nNOOP\r\n" + "y".repeat(8) + "\r\n" + "z".repeat(9) + "\r\n";
        for (int step = 1; step <= in.length(); step++) {
            assertThat(run(in, 10, step)).containsExactly("TOO_LONG", "NOOP", "yyyyyyyy", "TOO_LONG");
        }
    }
}
