package org.hikyaku.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.hikyaku.mail.Content;
import org.hikyaku.mime.DotStuffer;
import org.hikyaku.mime.Downgrade;
import org.hikyaku.mime.DropHeaders;
import org.hikyaku.mime.LocalLines;
import org.hikyaku.mime.Transform;
import org.hikyaku.smtp.DataFramer;

/** Messages as they leave: 7 bit where that was planned, as long as was reckoned, and never two for one. */
final class MimeFuzz {
    private MimeFuzz() {}

    private record Octets(byte[] octets) implements Content {
        @Override
        public long size() {
            return octets.length;
        }

        @Override
        public int read(ByteBuffer target, long position) {
            int count = Math.min(target.remaining(), octets.length - (int) position);
            target.put(octets, (int) position, count);
            return count;
        }
    }

    static void run(byte[] octets) throws Exception {
        same(octets, LocalLines::new);
        same(octets, () -> new DropHeaders(List.of("return-path", "bcc", "content-type")));
        one(same(octets, DotStuffer::new));
        if (Downgrade.plan(new Octets(octets), Downgrade.Way.EIGHT_TO_SEVEN) instanceof Downgrade.Plan.Can can) {
            byte[] seven = same(octets, () -> new Downgrade(can));
            assertThat(can.size()).isEqualTo(seven.length);
            assertThat(new String(seven, ISO_8859_1).chars().allMatch(c -> c < 0x80))
                    .isTrue();
            Downgrade.Plan again = Downgrade.plan(new Octets(seven), Downgrade.Way.EIGHT_TO_SEVEN);
            assertThat(again)
                    .isInstanceOfSatisfying(
                            Downgrade.Plan.Can.class,
                            plan -> assertThat(plan.size()).isEqualTo(seven.length));
            assertThat(same(octets, () -> new Downgrade(can).then(new DotStuffer())))
                    .isEqualTo(same(seven, DotStuffer::new));
        }
    }

    /** The output, which is the same however the message is cut. */
    private static byte[] same(byte[] octets, Supplier<Transform> made) throws Exception {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        Transform one = made.get();
        one.feed(octets, 0, octets.length, whole::write);
        one.finish(whole::write);
        ByteArrayOutputStream cut = new ByteArrayOutputStream();
        Transform other = made.get();
        Cuts.each(octets, (array, from, to) -> other.feed(array, from, to - from, cut::write));
        other.finish(cut::write);
        assertThat(cut.toByteArray()).isEqualTo(whole.toByteArray());
        return whole.toByteArray();
    }

    /** The end of data stands at the end and nowhere before. */
    private static void one(byte[] stuffed) {
        DataFramer framer = new DataFramer(Integer.MAX_VALUE, Integer.MAX_VALUE, false, (array, offset, length) -> {});
        assertThat(framer.read(stuffed, 0, stuffed.length)).isEqualTo(stuffed.length);
        assertThat(framer.ended()).isTrue();
    }
}
