package org.hikyaku.route;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.hikyaku.config.HeaderPattern;
import org.hikyaku.mail.Content;
import org.jspecify.annotations.Nullable;

/**
 * The header of a message for rules that ask for one of its fields: read from the spool when the first such rule is reached, so that
 * mail without such rules costs nothing, and new rules hold for old mail. Of one attempt; not for two tasks at once.
 *
 * <p><i>Failure:</i> {@link IOException} when the spool cannot give it; beyond {@link #MOST} octets there are no fields.
 */
public final class Head {
    private static final int MOST = 256 * 1024;
    private static final int PART = 16 * 1024;

    private final @Nullable Content content;
    private @Nullable List<Field> fields;

    private record Field(String name, String value) {}

    private Head(@Nullable Content content, @Nullable List<Field> fields) {
        this.content = content;
        this.fields = fields;
    }

    public static Head of(Content content) {
        return new Head(content, null);
    }

    /** One that is not to be read here. */
    public static Head unread() {
        return new Head(null, null);
    }

    /** As it is written. */
    public static Head ofText(String header) {
        return new Head(null, parsed(header));
    }

    /** Whether it can be asked. */
    boolean isKnown() {
        return content != null || fields != null;
    }

    /** Whether there is such a field. */
    boolean has(HeaderPattern wanted) throws IOException {
        return fields().stream().anyMatch(field -> wanted.fits(field.name, field.value));
    }

    private List<Field> fields() throws IOException {
        List<Field> known = fields;
        Content from = content;
        if (known == null) {
            known = from == null ? List.of() : parsed(text(from));
            fields = known;
        }
        return known;
    }

    private static String text(Content content) throws IOException {
        StringBuilder text = new StringBuilder();
        ByteBuffer part = ByteBuffer.allocate(PART);
        long most = Math.min(MOST, content.size());
        int end = -1;
        for (long at = 0; at < most && end < 0; ) {
            part.clear();
            int got = content.read(part, at);
            at += got;
            int looked = Math.max(0, text.length() - 3);
            text.append(new String(part.array(), 0, got, StandardCharsets.ISO_8859_1));
            end = text.indexOf("\r\n\r\n", looked);
        }
        String header = text.substring(0, end < 0 ? text.length() : end);
        return new String(header.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** What is no field ends it. */
    private static List<Field> parsed(String header) {
        List<Field> out = new ArrayList<>();
        String name = "";
        StringBuilder value = new StringBuilder();
        for (String line : header.split("\r?\n", -1)) {
            int colon = line.indexOf(':');
            if (line.startsWith(" ") || line.startsWith("\t")) {
                value.append(' ').append(line.strip());
                continue;
            }
            end(name, value, out);
            name = "";
            if (colon <= 0) {
                break;
            }
            name = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            value.append(line.substring(colon + 1).strip());
        }
        end(name, value, out);
        return out;
    }

    /** What was folded counts once: a value is made when it is whole. */
    private static void end(String name, StringBuilder value, List<Field> out) {
        if (!name.isEmpty()) {
            out.add(new Field(name, value.toString().strip()));
        }
        value.setLength(0);
    }
}
