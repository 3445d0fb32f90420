package org.hikyaku.mime;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Text of a header that is not ASCII, as encoded words (RFC 2047) of UTF-8 in base64. Pure; a stray surrogate is `?`. */
public final class EncodedWords {
    /** RFC 2047 2: a word has 75 characters at most, its line 76; room is left for a name of a field before the first. */
    private static final int OCTETS_MAX = 42;

    private EncodedWords() {}

    /** Whether {@code text} can stand in a header as it is. */
    public static boolean isPlain(String text) {
        return text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    }

    /** {@code text} as words, each but the first on a line of its own; none is cut within a letter (RFC 2047 5). */
    public static String of(String text) {
        StringBuilder out = new StringBuilder();
        StringBuilder word = new StringBuilder();
        int octets = 0;
        for (int letter : text.codePoints().toArray()) {
            int size = utf8(letter);
            if (octets + size > OCTETS_MAX) {
                add(out, word);
                octets = 0;
            }
            word.appendCodePoint(letter);
            octets += size;
        }
        add(out, word);
        return out.toString();
    }

    private static int utf8(int letter) {
        return letter < 0x80 ? 1 : letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
    }

    private static void add(StringBuilder out, StringBuilder word) {
        byte[] octets = word.toString().getBytes(StandardCharsets.UTF_8);
        out.append(out.isEmpty() ? "" : "\r\n ").append("=?utf-8?B?");
        out.append(Base64.getEncoder().encodeToString(octets)).append("?=");
        word.setLength(0);
    }
}
