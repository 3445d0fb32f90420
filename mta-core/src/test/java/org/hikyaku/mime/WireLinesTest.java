package org.hikyaku.mime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WireLinesTest {
    private static String wire(String text, int piece, WireLines lines) {
        OctetBuffer out = new OctetBuffer(64);
        byte[] octets = text.getBytes(ISO_8859_1);
        for (int at = 0; at < octets.length; at += piece) {
            lines.feed(octets, at, Math.min(piece, octets.length - at), out);
        }
        lines.finish(out);
        return new String(out.toArray(), ISO_8859_1);
    }

    @Test
    void everyLineEndIsMadeCrlfWhateverThePieces() {
        for (int piece = 1; piece < 12; piece++) {
            assertThat(wire("a\nb\r\nc\rd\n\n\r\r\nlast", piece, new WireLines()))
                    .isEqualTo("a\r\nb\r\nc\r\nd\r\n\r\n\r\n\r\nlast\r\n");
            assertThat(wire("a\n", piece, new WireLines())).isEqualTo("a\r\n");
            assertThat(wire("", piece, new WireLines())).isEmpty();
        }
    }

    @Test
    void theLongestLineAndOctetsOver127AreSeen() {
        WireLines lines = new WireLines();
        wire("abc\nabcde\r\nab", 2, lines);
        assertThat(lines.longest()).isEqualTo(5);
        assertThat(lines.hasEightBit()).isFalse();
        wire("\u00e9", 1, lines);
        assertThat(lines.hasEightBit()).isTrue();
    }
}
