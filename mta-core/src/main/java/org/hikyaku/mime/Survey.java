package org.hikyaku.mime;

import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mime.Downgrade.Step;
import org.hikyaku.mime.Downgrade.Why;
import org.jspecify.annotations.Nullable;

/** Decides, entity by entity, how a message is sent the {@link Downgrade.Way way} it must, or why it cannot be. */
final class Survey implements MimeWalker.Visitor {
    /** RFC 2045 2.7, 2.8: octets of a line without its CR LF. */
    private static final int LINE_MAX = 998;

    /** Why not, as soon as it is known; a header weighs more than a seal, since its code is another. */
    @Nullable
    Why cannot;

    private final Downgrade.Way way;
    private final List<BodyEncoding> encodings = new ArrayList<>();
    private long octets;
    private long quoted;
    private long line;
    /** The body holds what does not pass. */
    private boolean barred;

    Survey(Downgrade.Way way) {
        this.way = way;
    }

    List<Step> steps() {
        return encodings.stream().map(Step::new).toList();
    }

    @Override
    public void header(Entity entity, byte[] header) {
        if (way.toSevenBit && count8Bit(header, 0, header.length) > 0) {
            cannot = Why.HEADER;
        } else if (way.fromBinary && !isLines(header) && cannot == null) {
            cannot = Why.STRUCTURE;
        }
        encodings.add(label(entity.encoding()));
        octets = 0;
        quoted = 0;
        line = 0;
        barred = false;
    }

    /** RFC 2045 6.2: 8bit and binary are no labels for what passes where they do not. */
    private BodyEncoding label(String encoding) {
        boolean binary = encoding.equals("binary");
        if (way.toSevenBit && (binary || encoding.equals("8bit"))) {
            return BodyEncoding.LABEL_7BIT;
        }
        return binary && !way.toSevenBit ? BodyEncoding.LABEL_8BIT : BodyEncoding.AS_IS;
    }

    @Override
    public void body(Entity entity, byte[] b, int offset, int length) {
        int high = count8Bit(b, offset, length);
        boolean odd = false;
        octets += length;
        line += length;
        quoted += high;
        for (int i = offset; i < offset + length; i++) {
            if (b[i] == '=' || (b[i] >= 0 && b[i] < ' ')) {
                quoted++;
            }
            odd |= b[i] == 0 || b[i] == '\r' || b[i] == '\n';
        }
        if ((way.toSevenBit && high > 0) || (way.fromBinary && (odd || line > LINE_MAX))) {
            barred = true;
            if (!entity.mayBeEncoded() && cannot == null) {
                cannot = entity.sealed() ? Why.SEALED : Why.STRUCTURE;
            }
        }
    }

    @Override
    public void lineEnd(Entity entity) {
        octets += 2;
        line = 0;
    }

    @Override
    public void leafEnd(Entity entity) {
        if (barred && entity.mayBeEncoded()) {
            // quoted-printable adds two octets for each that is encoded, base64 a third and its line ends
            boolean shorter = quoted * 2 <= octets * 37 / 100;
            encodings.set(
                    entity.number(), shorter && entity.isText() ? BodyEncoding.QUOTED_PRINTABLE : BodyEncoding.BASE64);
        }
    }

    @Override
    public void boundary(boolean crlfBefore, byte[] boundary) {
        line = 0;
        if (way.fromBinary && !isLines(boundary) && cannot == null) {
            cannot = Why.STRUCTURE; // "--b CR CR LF": a boundary for some
        }
    }

    static int count8Bit(byte[] b, int offset, int length) {
        int count = 0;
        for (int i = offset; i < offset + length; i++) {
            count += (b[i] >> 7) & 1;
        }
        return count;
    }

    /** Whether CR and LF come only together, no NUL comes, and no line is too long. */
    private static boolean isLines(byte[] b) {
        int lineStart = 0;
        for (int i = 0; i < b.length; i++) {
            boolean bareCr = b[i] == '\r' && (i + 1 == b.length || b[i + 1] != '\n');
            boolean bareLf = b[i] == '\n' && (i == 0 || b[i - 1] != '\r');
            lineStart = b[i] == '\n' ? i + 1 : lineStart;
            if (bareCr || bareLf || b[i] == 0 || i - lineStart > LINE_MAX) {
                return false;
            }
        }
        return true;
    }
}
