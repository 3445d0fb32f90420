package org.hikyaku.mime;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.hikyaku.mime.Downgrade.Step;
import org.jspecify.annotations.Nullable;

/** Writes a message as its plan says; what the plan leaves as it is comes out octet for octet. */
final class Rewriter implements MimeWalker.Visitor {
    private static final byte[] CRLF = {'\r', '\n'};

    private final List<Step> steps;
    private Sink out = (octets, offset, length) -> {};
    private @Nullable QuotedPrintable quoted;
    private @Nullable Base64Lines base64;
    /** The last leaf was encoded and its last line has no end yet. */
    private boolean lineOpen;

    Rewriter(List<Step> steps) {
        this.steps = steps;
    }

    void to(Sink sink) {
        out = sink;
    }

    /** An encoded body at the very end of the message gets its line end. */
    void messageEnd() {
        if (lineOpen) {
            out.put(CRLF);
        }
    }

    @Override
    public void header(Entity entity, byte[] header) {
        BodyEncoding encoding = steps.get(entity.number()).encoding;
        lineOpen = false;
        quoted = encoding == BodyEncoding.QUOTED_PRINTABLE ? new QuotedPrintable() : null;
        base64 = encoding == BodyEncoding.BASE64 ? new Base64Lines() : null;
        out.put(encoding == BodyEncoding.AS_IS ? header : relabelled(entity, header, encoding));
    }

    @Override
    public void body(Entity entity, byte[] octets, int offset, int length) {
        if (quoted != null) {
            quoted.put(octets, offset, length, out);
            lineOpen |= length > 0;
        } else if (base64 != null) {
            base64.put(octets, offset, length, out);
            lineOpen |= length > 0;
        } else {
            out.put(octets, offset, length);
        }
    }

    @Override
    public void lineEnd(Entity entity) {
        if (quoted != null) {
            quoted.lineEnd(out);
            lineOpen = false;
        } else if (base64 != null) {
            base64.put(CRLF, 0, 2, out);
            lineOpen = true;
        } else {
            out.put(CRLF);
        }
    }

    @Override
    public void leafEnd(Entity entity) {
        if (quoted != null) {
            quoted.finish(out);
        }
        if (base64 != null) {
            base64.finish(out);
        }
        quoted = null;
        base64 = null;
    }

    @Override
    public void boundary(boolean crlfBefore, byte[] line) {
        if (crlfBefore) {
            out.put(CRLF);
        }
        lineOpen = false;
        out.put(line);
    }

    /** The header with its new Content-Transfer-Encoding; a message that was not MIME becomes so (RFC 1428 3). */
    private static byte[] relabelled(Entity entity, byte[] header, BodyEncoding encoding) {
        String text = new String(header, StandardCharsets.ISO_8859_1);
        StringBuilder fields = new StringBuilder(text.length() + 120);
        int at = 0;
        while (at < text.length() && !text.startsWith("\r\n", at)) {
            int end = Entity.fieldEnd(text, at);
            String field = text.substring(at, end);
            int colon = field.indexOf(':');
            String name = colon < 0 ? "" : field.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            if (!name.equals("content-transfer-encoding")) {
                fields.append(field);
            }
            at = end;
        }
        if (!fields.isEmpty() && !fields.toString().endsWith("\r\n")) {
            fields.append("\r\n");
        }
        if (entity.number() == 0 && !entity.hasVersion()) {
            fields.append("MIME-Version: 1.0\r\n");
        }
        if (entity.number() == 0 && !entity.hasType()) {
            fields.append("Content-Type: text/plain; charset=unknown-8bit\r\n");
        }
        fields.append("Content-Transfer-Encoding: ").append(encoding.label()).append("\r\n");
        return (fields + (at < text.length() ? text.substring(at) : "\r\n")).getBytes(StandardCharsets.ISO_8859_1);
    }
}
