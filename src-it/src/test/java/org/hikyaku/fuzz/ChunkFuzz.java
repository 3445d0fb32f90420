package org.hikyaku.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.List;
import org.hikyaku.smtp.ChunkFramer;
import org.hikyaku.smtp.ChunkFramer.LineEnds;

/** The octets behind BDATs: whatever the sizes of chunks and pieces, the same message, and of no chunk an octet more. */
final class ChunkFuzz {
    private static final int SIZE_MAX = 4096;
    private static final int LINE_MAX = 200;

    private ChunkFuzz() {}

    static void run(byte[] octets) throws Exception {
        for (LineEnds ends : LineEnds.values()) {
            run(octets, ends);
        }
    }

    private static void run(byte[] octets, LineEnds ends) throws Exception {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        ChunkFramer one = new ChunkFramer(SIZE_MAX, LINE_MAX, ends, whole::write);
        one.begin(octets.length);
        assertThat(one.read(octets, 0, octets.length)).isEqualTo(octets.length);
        assertThat(one.ended()).isTrue();
        one.endMessage();

        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        ChunkFramer other = new ChunkFramer(SIZE_MAX, LINE_MAX, ends, pieces::write);
        Cuts.each(octets, (array, from, to) -> {
            int middle = (from + to) >>> 1;
            chunk(other, array, from, middle, to);
            chunk(other, array, middle, to, array.length);
        });
        other.endMessage();
        assertThat(facts(other)).isEqualTo(facts(one));
        if (!one.isFaulty()) {
            assertThat(pieces.toByteArray()).isEqualTo(whole.toByteArray());
            check(octets, whole.toByteArray(), ends);
        }
    }

    /** A chunk of {@code array[from..end)}; the octets up to {@code more} are there too. */
    private static void chunk(ChunkFramer framer, byte[] array, int from, int end, int more) {
        framer.begin(end - from);
        assertThat(framer.read(array, from, more)).isEqualTo(end);
        assertThat(framer.ended()).isTrue();
    }

    private static void check(byte[] octets, byte[] taken, LineEnds ends) {
        String text = new String(taken, ISO_8859_1);
        if (ends == LineEnds.KEEP) {
            // a message that begins with an empty line has no header
            String lines = "\r\n" + text;
            int body = lines.indexOf("\r\n\r\n");
            assertThat(taken).isEqualTo(octets);
            assertThat((body < 0 ? lines : lines.substring(0, body)).replace("\r\n", ""))
                    .doesNotContain("\r", "\n");
        } else {
            assertThat(text.replace("\r\n", "")).doesNotContain("\r", "\n");
        }
        if (ends == LineEnds.REFUSE) {
            assertThat(taken).startsWith(octets);
        }
    }

    private static List<Object> facts(ChunkFramer framer) {
        return List.of(
                framer.size(), framer.isTooBig(), framer.hasLineTooLong(), framer.hasBareFault(), framer.hasEightBit());
    }
}
