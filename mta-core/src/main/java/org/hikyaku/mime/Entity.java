package org.hikyaku.mime;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the header of one MIME entity (the message itself, a part, a message inside a part) says of its body (RFC 2045 5,
 * 6; RFC 2046).
 *
 * @param number place in the order of appearance, 0 for the message
 * @param type lower case, {@code text/plain}
 * @param encoding Content-Transfer-Encoding, lower case, {@code 7bit} when there is none
 * @param boundary of a multipart that can be walked, else null
 * @param sealed the body must reach the reader octet for octet: signed or encrypted (RFC 1847)
 */
record Entity(
        int number,
        Kind kind,
        String type,
        String encoding,
        @Nullable String boundary,
        boolean sealed,
        boolean hasType,
        boolean hasVersion) {
    /** What the body is made of. */
    enum Kind {
        /** Parts between boundary lines. */
        MULTIPART,
        /** One message with a header of its own. */
        MESSAGE,
        LEAF
    }

    /** RFC 2046 5.1.1. */
    private static final int BOUNDARY_MAX = 70;

    /** Reads a header block; {@code defaultType} as the parent says (RFC 2046 5.1.5). */
    static Entity read(byte[] header, int number, String defaultType, boolean mayDescend) {
        String text = new String(header, StandardCharsets.ISO_8859_1);
        String typeField = field(text, "content-type");
        String encodingField = field(text, "content-transfer-encoding");
        String type = typeField == null ? defaultType : mediaType(typeField);
        String encoding = encodingField == null ? "7bit" : token(encodingField, 0);
        boolean sealed = type.equals("multipart/signed") || type.equals("multipart/encrypted");
        boolean plainOctets = encoding.equals("7bit") || encoding.equals("8bit") || encoding.equals("binary");
        String boundary = typeField == null ? null : parameter(typeField, "boundary");
        Kind kind = Kind.LEAF;
        if (mayDescend && !sealed && plainOctets) {
            if (type.startsWith("multipart/") && boundary != null) {
                kind = Kind.MULTIPART;
            } else if (type.equals("message/rfc822")) {
                kind = Kind.MESSAGE;
            }
        }
        String usable = kind == Kind.MULTIPART ? boundary : null;
        return new Entity(
                number, kind, type, encoding, usable, sealed, typeField != null, field(text, "mime-version") != null);
    }

    /** Whether the body is text or data that may be put in another encoding (RFC 2045 6.4, RFC 6532 3.7). */
    boolean mayBeEncoded() {
        boolean composite =
                type.startsWith("multipart/") || (type.startsWith("message/") && !type.startsWith("message/global"));
        boolean plain = encoding.equals("7bit") || encoding.equals("8bit") || encoding.equals("binary");
        return kind == Kind.LEAF && !sealed && !composite && plain;
    }

    boolean isText() {
        return type.startsWith("text/");
    }

    /** The type of children that do not say. */
    String childType() {
        return type.equals("multipart/digest") ? "message/rfc822" : "text/plain";
    }

    /** The first field of that name (lower case), unfolded, without its name; null when there is none. */
    private static @Nullable String field(String header, String name) {
        int at = 0;
        while (at < header.length()) {
            int end = fieldEnd(header, at);
            int colon = header.indexOf(':', at);
            if (colon > at
                    && colon < end
                    && header.substring(at, colon)
                            .strip()
                            .toLowerCase(Locale.ROOT)
                            .equals(name)) {
                return header.substring(colon + 1, end).replace("\r\n", "");
            }
            at = end;
        }
        return null;
    }

    /** Where the field that begins at {@code at} ends, continuation lines included. */
    static int fieldEnd(String header, int at) {
        int end = at;
        do {
            int lineEnd = header.indexOf("\r\n", end);
            end = lineEnd < 0 ? header.length() : lineEnd + 2;
        } while (end < header.length() && (header.charAt(end) == ' ' || header.charAt(end) == '\t'));
        return end;
    }

    private static String mediaType(String value) {
        int slash = value.indexOf('/');
        int semicolon = value.indexOf(';');
        if (slash < 0 || (semicolon >= 0 && semicolon < slash)) {
            return "text/plain";
        }
        return token(value, 0) + "/" + token(value, slash + 1);
    }

    /** The token at or after {@code from}, lower case; comments and spaces before it are skipped. */
    private static String token(String value, int from) {
        int i = skipSpace(value, from);
        int start = i;
        while (i < value.length() && " \t;/()\"".indexOf(value.charAt(i)) < 0) {
            i++;
        }
        return value.substring(start, i).toLowerCase(Locale.ROOT);
    }

    private static int skipSpace(String value, int from) {
        int depth = 0;
        int i = from;
        for (; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '(') {
                depth++;
            } else if (c == ')' && depth > 0) {
                depth--;
            } else if (depth == 0 && c != ' ' && c != '\t') {
                break;
            }
        }
        return i;
    }

    /** A parameter's value, unquoted; null when missing or no boundary could be so. */
    private static @Nullable String parameter(String value, String name) {
        int i = value.indexOf(';');
        while (i >= 0 && i < value.length()) {
            int start = skipSpace(value, i + 1);
            int equals = value.indexOf('=', start);
            if (equals < 0) {
                return null;
            }
            StringBuilder out = new StringBuilder();
            int end = readValue(value, skipSpace(value, equals + 1), out);
            if (value.substring(start, equals).strip().toLowerCase(Locale.ROOT).equals(name)) {
                String found = out.toString().stripTrailing();
                return found.isEmpty() || found.length() > BOUNDARY_MAX ? null : found;
            }
            i = value.indexOf(';', end);
        }
        return null;
    }

    private static int readValue(String value, int from, StringBuilder out) {
        int i = from;
        if (i < value.length() && value.charAt(i) == '"') {
            for (i++; i < value.length() && value.charAt(i) != '"'; i++) {
                if (value.charAt(i) == '\\' && i + 1 < value.length()) {
                    i++;
                }
                out.append(value.charAt(i));
            }
            return Math.min(i + 1, value.length());
        }
        while (i < value.length() && " \t;(".indexOf(value.charAt(i)) < 0) {
            out.append(value.charAt(i++));
        }
        return i;
    }
}
