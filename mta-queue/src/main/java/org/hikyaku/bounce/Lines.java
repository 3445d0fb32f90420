package org.hikyaku.bounce;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Text being put together, lines ended by CRLF. */
final class Lines {
    private static final int WIDTH = 76;
    /** RFC 5322 2.1.1 allows lines of 998 octets; no address is longer than this (RFC 5321 4.5.3.1). */
    private static final int WORD_MAX = 330;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(2048);

    Lines line(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        out.write('\r');
        out.write('\n');
        return this;
    }

    Lines octets(byte[] octets) {
        out.writeBytes(octets);
        return this;
    }

    /** A header field, folded between words where it grows long. */
    Lines field(String name, String value) {
        StringBuilder line = new StringBuilder(name).append(':');
        boolean begun = false;
        for (String word : words(value)) {
            if (begun && line.length() + 1 + word.length() > WIDTH) {
                line(line.toString());
                line.setLength(0);
            }
            line.append(' ').append(word);
            begun = true;
        }
        return line(line.toString());
    }

    /** A paragraph, each line begun by {@code indent}, broken between words. */
    Lines paragraph(String indent, String text) {
        StringBuilder line = new StringBuilder(indent);
        for (String word : words(text)) {
            boolean begun = line.length() > indent.length();
            if (begun && line.length() + 1 + word.length() > WIDTH) {
                line(line.toString());
                line.setLength(0);
                line.append(indent);
                begun = false;
            }
            line.append(begun ? " " : "").append(word);
        }
        return line(line.toString());
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    /** One line, for people and fields: control signs are blanks. */
    static String clean(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(c -> clean.appendCodePoint(Character.isISOControl(c) || isSurrogate(c) ? ' ' : c));
        return clean.toString().strip();
    }

    /** As {@link #clean}, letters beyond ASCII as question marks. */
    static String ascii(String text) {
        return clean(text).replaceAll("[^\\x20-\\x7e]", "?");
    }

    /** Base64 in lines. */
    static byte[] base64(byte[] octets) {
        return new Lines().line(Base64.getMimeEncoder().encodeToString(octets)).bytes();
    }

    /** Quoted-printable (RFC 2045 6.7) of lines ended by CRLF. */
    static byte[] quotedPrintable(byte[] octets) {
        StringBuilder text = new StringBuilder(octets.length * 2);
        int column = 0;
        for (int i = 0; i < octets.length; i++) {
            int octet = octets[i] & 0xff;
            boolean lineEnd = octet == '\r' && i + 1 < octets.length && octets[i + 1] == '\n';
            if (lineEnd) {
                text.append("\r\n");
                column = 0;
                i++;
                continue;
            }
            boolean beforeEnd = i + 1 == octets.length || octets[i + 1] == '\r';
            boolean plain = (octet > ' ' && octet < 0x7f && octet != '=') || (octet == ' ' && !beforeEnd);
            String sign = plain ? String.valueOf((char) octet) : String.format("=%02X", octet);
            if (column + sign.length() > WIDTH - 1) {
                text.append("=\r\n");
                column = 0;
            }
            text.append(sign);
            column += sign.length();
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        String all = text.strip();
        for (int from = 0, end; from <= all.length(); from = end + 1) {
            int blank = all.indexOf(' ', from);
            end = blank < 0 ? all.length() : blank;
            if (end == from && end > 0) {
                continue; // one blank after another
            }
            String rest = all.substring(from, end);
            while (rest.length() > WORD_MAX) {
                int cut = Character.isHighSurrogate(rest.charAt(WORD_MAX - 1)) ? WORD_MAX - 1 : WORD_MAX;
                words.add(rest.substring(0, cut));
                rest = rest.substring(cut);
            }
            words.add(rest);
        }
        return words;
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= 0xd800 && codePoint <= 0xdfff;
    }
}
