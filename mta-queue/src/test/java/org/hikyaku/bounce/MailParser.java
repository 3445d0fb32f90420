package org.hikyaku.bounce;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a message or a part strictly: what a careful reader could stumble over throws. Octets are ISO 8859-1 letters. */
final class MailParser {
    private static final Pattern FIELD = Pattern.compile("([\\x21-\\x39\\x3b-\\x7e]+):(.*)");

    /** One entity. */
    record Entity(Map<String, String> header, String body) {
        String get(String name) {
            return Objects.requireNonNull(header.get(name.toLowerCase(Locale.ROOT)), "no " + name);
        }

        @Nullable
        String find(String name) {
            return header.get(name.toLowerCase(Locale.ROOT));
        }

        String type() {
            return get("Content-Type").replaceFirst(";.*", "");
        }

        /** The body with its transfer encoding undone. */
        byte[] decoded() {
            return switch (get("Content-Transfer-Encoding")) {
                case "7bit", "8bit" -> body.getBytes(StandardCharsets.ISO_8859_1);
                case "base64" -> Base64.getMimeDecoder().decode(body);
                case "quoted-printable" -> quotedPrintable(body);
                default -> throw new IllegalArgumentException(get("Content-Transfer-Encoding"));
            };
        }

        String text() {
            return new String(decoded(), StandardCharsets.UTF_8);
        }

        /** The parts of a multipart. */
        List<Entity> parts() {
            Matcher m = Pattern.compile("boundary=\"([^\"]{1,70})\"").matcher(get("Content-Type"));
            require(m.find(), "no boundary");
            String[] pieces = ("\r\n" + body).split(Pattern.quote("\r\n--" + m.group(1)), -1);
            require(pieces[0].isBlank(), "a preamble");
            require(pieces[pieces.length - 1].equals("--\r\n"), "no end");
            List<Entity> parts = new ArrayList<>();
            for (int i = 1; i < pieces.length - 1; i++) {
                require(pieces[i].startsWith("\r\n"), "text after a boundary");
                parts.add(read(pieces[i].substring(2).getBytes(StandardCharsets.ISO_8859_1)));
            }
            return parts;
        }
    }

    private MailParser() {}

    static Entity read(byte[] octets) {
        String text = new String(octets, StandardCharsets.ISO_8859_1);
        require(!text.replace("\r\n", "").matches("(?s).*[\\r\\n\\x00].*"), "a bare CR or LF, or a NUL");
        int end = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n") + 2;
        require(end >= 0 && end != 1, "no end of header");
        Entity entity = new Entity(fields(text.substring(0, end)), text.substring(end + 2));
        String encoding = entity.find("Content-Transfer-Encoding");
        if (encoding != null && !encoding.equals("8bit")) {
            require(entity.body().chars().allMatch(c -> c < 0x80), "8 bit under " + encoding);
        }
        return entity;
    }

    /** Fields until the end; each once; unfolded; names in lower case. */
    static Map<String, String> fields(String header) {
        Map<String, String> fields = new LinkedHashMap<>();
        String name = "";
        for (String line : header.split("\r\n", 0)) {
            require(line.getBytes(StandardCharsets.ISO_8859_1).length <= 998, "a line of " + line.length());
            if (line.startsWith(" ") || line.startsWith("\t")) {
                require(!line.isBlank() && !name.isEmpty(), "a blank continuation");
                fields.merge(name, line, (a, b) -> a + b);
            } else {
                Matcher m = FIELD.matcher(line);
                require(m.matches(), "no field: " + line);
                name = m.group(1).toLowerCase(Locale.ROOT);
                require(fields.put(name, m.group(2).strip()) == null, "twice: " + name);
            }
        }
        return fields;
    }

    /** The groups of fields of a delivery-status. */
    static List<Map<String, String>> groups(byte[] status) {
        List<Map<String, String>> groups = new ArrayList<>();
        for (String group : new String(status, StandardCharsets.UTF_8).strip().split("\r\n\r\n", 0)) {
            groups.add(fields(group));
        }
        return groups;
    }

    private static byte[] quotedPrintable(String body) {
        StringBuilder out = new StringBuilder();
        for (String line : body.split("\r\n", -1)) {
            require(line.length() <= 76, "an encoded line of " + line.length());
            require(!line.endsWith(" ") && !line.endsWith("\t"), "a blank at the end");
            boolean soft = line.endsWith("=");
            Matcher m = Pattern.compile("=([0-9A-F]{2})").matcher(soft ? line.substring(0, line.length() - 1) : line);
            out.append(m.replaceAll(
                    r -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(r.group(1), 16)))));
            out.append(soft ? "" : "\r\n");
        }
        return out.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what);
        }
    }
}
