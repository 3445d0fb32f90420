package org.hikyaku.bounce;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.hikyaku.mail.Content;

/**
 * As much of a message as goes back with a notice: the whole, or its header.
 *
 * <p><i>Failure:</i> a message that cannot be read now gives {@link Form#UNREADABLE}: the notice goes without it.
 *
 * @param octets lines ended by CRLF, the last too
 */
public record Original(Form form, byte[] octets) {
    /** A longer header is cut after its last whole line below this. */
    private static final int HEADER_MAX = 64 << 10;

    /** What the octets are. */
    public enum Form {
        WHOLE,
        HEADER,
        UNREADABLE
    }

    /** Reads what a notice needs: all of a message of up to {@code wholeMax} octets, else the header. May wait. */
    public static Original of(Content content, int wholeMax) {
        boolean whole = content.size() <= wholeMax;
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(content.size(), whole ? wholeMax : HEADER_MAX));
        try {
            while (buffer.hasRemaining()) {
                if (content.read(buffer, buffer.position()) <= 0) {
                    return new Original(Form.UNREADABLE, new byte[0]);
                }
            }
        } catch (IOException e) {
            return new Original(Form.UNREADABLE, new byte[0]);
        }
        byte[] octets = Arrays.copyOf(buffer.array(), buffer.position());
        return whole
                ? new Original(Form.WHOLE, octets)
                : new Original(Form.HEADER, Arrays.copyOf(octets, headerEnd(octets)));
    }

    /** The first field of that name, unfolded; empty when there is none. */
    public Optional<String> field(String name) {
        String header = new String(octets, 0, headerEnd(octets), StandardCharsets.ISO_8859_1);
        String start = name.toLowerCase(Locale.ROOT) + ":";
        String[] lines = header.split("\r\n", -1);
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].toLowerCase(Locale.ROOT).startsWith(start)) {
                StringBuilder value = new StringBuilder(lines[i].substring(start.length()));
                while (i + 1 < lines.length && (lines[i + 1].startsWith(" ") || lines[i + 1].startsWith("\t"))) {
                    value.append(lines[++i]);
                }
                return Optional.of(value.toString().strip());
            }
        }
        return Optional.empty();
    }

    boolean isHeader7Bit() {
        return is7Bit(headerEnd(octets));
    }

    /** A header with letters beyond ASCII that are UTF-8, as RFC 6532 has it, and no other. */
    boolean isHeaderUtf8() {
        if (isHeader7Bit()) {
            return false;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets, 0, headerEnd(octets)));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private boolean is7Bit(int end) {
        for (int i = 0; i < end; i++) {
            if (octets[i] < 0) {
                return false;
            }
        }
        return true;
    }

    /** The end of the last whole header line. */
    private static int headerEnd(byte[] octets) {
        int lineStart = 0;
        for (int i = 0; i + 1 < octets.length; i++) {
            if (octets[i] == '\r' && octets[i + 1] == '\n') {
                if (i == lineStart) {
                    return i;
                }
                lineStart = i + 2;
            }
        }
        return lineStart;
    }
}
