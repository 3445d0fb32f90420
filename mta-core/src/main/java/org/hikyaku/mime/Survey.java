package org.hikyaku.mime;

import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mime.Downgrade7Bit.Step;
import org.hikyaku.mime.Downgrade7Bit.Why;
import org.jspecify.annotations.Nullable;

/** Decides, entity by entity, how a message is sent in 7 bit, or why it cannot be. */
final class Survey implements MimeWalker.Visitor {
    /** Why not, as soon as it is known; a header weighs more than a seal, since its code is another. */
    @Nullable
    Why cannot;

    private final List<BodyEncoding> encodings = new ArrayList<>();
    private long octets;
    private long over127;
    private long quoted;

    List<Step> steps() {
        return encodings.stream().map(Step::new).toList();
    }

    @Override
    public void header(Entity entity, byte[] header) {
        if (count8Bit(header, 0, header.length) > 0) {
            cannot = Why.HEADER;
        }
        boolean container = entity.kind() != Entity.Kind.LEAF;
        boolean labelled = entity.encoding().equals("8bit") || entity.encoding().equals("binary");
        encodings.add(container && labelled ? BodyEncoding.LABEL_7BIT : BodyEncoding.AS_IS);
        octets = 0;
        over127 = 0;
        quoted = 0;
    }

    @Override
    public void body(Entity entity, byte[] b, int offset, int length) {
        int high = count8Bit(b, offset, length);
        octets += length;
        over127 += high;
        quoted += high;
        for (int i = offset; i < offset + length; i++) {
            if (b[i] == '=' || (b[i] >= 0 && b[i] < ' ')) {
                quoted++;
            }
        }
        if (high > 0 && !entity.mayBeEncoded() && cannot == null) {
            cannot = entity.sealed() ? Why.SEALED : Why.STRUCTURE;
        }
    }

    @Override
    public void lineEnd(Entity entity) {
        octets += 2;
    }

    @Override
    public void leafEnd(Entity entity) {
        if (over127 > 0 && entity.mayBeEncoded()) {
            // quoted-printable adds two octets for each that is encoded, base64 a third and its line ends
            boolean shorter = quoted * 2 <= octets * 37 / 100;
            encodings.set(
                    entity.number(), shorter && entity.isText() ? BodyEncoding.QUOTED_PRINTABLE : BodyEncoding.BASE64);
        }
    }

    @Override
    public void boundary(boolean crlfBefore, byte[] line) {}

    static int count8Bit(byte[] b, int offset, int length) {
        int count = 0;
        for (int i = offset; i < offset + length; i++) {
            count += (b[i] >> 7) & 1;
        }
        return count;
    }
}
