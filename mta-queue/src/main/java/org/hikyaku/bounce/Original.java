package org.hikyaku.bounce;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
        String start = name + ":";
        for (int from = 0, end; from < header.length(); from = end) {
            end = lineEnd(header, from);
            if (header.regionMatches(true, from, start, 0, start.length())) {
                StringBuilder value = new StringBuilder(line(header, from + start.length(), end));
                while (end < header.length() && (header.charAt(end) == ' ' || header.charAt(end) == '\t')) {
                    int next = lineEnd(header, end);
                    value.append(line(header, end, next));
                    end = next;
                }
                return Optional.of(value.toString().strip());
            }
        }
        return Optional.empty();
    }

    /** Where the line that begins at {@code from} is over, its end included. */
    private static int lineEnd(String text, int from) {
        int end = text.indexOf("\r\n", from);
        return end < 0 ? text.length() : end + 2;
    }

    private static String line(String text, int from, int end) {
        return text.startsWith("\r\n", end - 2) ? text.substring(from, end - 2) : text.substring(from, end);
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
