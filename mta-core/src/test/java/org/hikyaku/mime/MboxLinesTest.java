package org.hikyaku.mime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MboxLinesTest {
    private static String quoted(String text, int piece) {
        OctetBuffer out = new OctetBuffer(64);
        MboxLines lines = new MboxLines();
        byte[] octets = text.getBytes(ISO_8859_1);
        for (int at = 0; at < octets.length; at += piece) {
            lines.feed(octets, at, Math.min(piece, octets.length - at), out);
        }
        lines.finish(out);
        return new String(out.toArray(), ISO_8859_1);
    }

    @Test
    void everyLineThatCouldBeginAMessageGetsOneMoreSignWhateverThePieces() {
        String text = "From a\n\nFrom b\n>From c\n>>From d\nFro\nFrom\nFrom: e\n >From f\nx From g\n>\n>x\nFFrom h\n>F";
        String wanted =
                ">From a\n\n>From b\n>>From c\n>>>From d\nFro\nFrom\nFrom: e\n >From f\nx From g\n>\n>x\nFFrom h\n>F\n\n";
        for (int piece = 1; piece < 30; piece++) {
            assertThat(quoted(text, piece)).as("pieces of " + piece).isEqualTo(wanted);
        }
    }

    @Test
    void anEmptyLineStandsBehindTheMessage() {
        assertThat(quoted("a: b\n\nbody\n", 5)).isEqualTo("a: b\n\nbody\n\n");
        assertThat(quoted("a: b\n\nbody", 5)).isEqualTo("a: b\n\nbody\n\n");
        assertThat(quoted("", 5)).isEqualTo("\n");
        assertThat(quoted("x\nFrom", 5)).isEqualTo("x\nFrom\n\n");
    }
}
