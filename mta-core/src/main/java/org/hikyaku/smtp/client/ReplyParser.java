package org.hikyaku.smtp.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.smtp.Reply;

/**
 * Octets to replies (RFC 5321 4.2), those of several lines too. Lenient where no harm can come of it: a line may end in a
 * bare LF, the text may be missing. Control characters in texts become '?', octets that are no UTF-8 become U+FFFD.
 *
 * <p><i>Failure:</i> what is no reply, a line or reply over the limits, or lines of different codes in one reply make
 * the parser {@link #broken}, for good; the caller ends the connection.
 */
public final class ReplyParser {
    /** Octets of a line; the RFC's 512 (RFC 5321 4.5.3.1.5) is often not kept. */
    static final int LINE_MAX = 4096;
    /** Lines of a reply. */
    static final int LINES_MAX = 256;
    /** Replies read ahead and not taken yet. */
    static final int REPLIES_MAX = 4096;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    private final List<String> texts = new ArrayList<>();
    private int code;
    private String broken = "";

    /** Why no more replies can be read; empty as long as they can. */
    public Optional<String> broken() {
        return broken.isEmpty() ? Optional.empty() : Optional.of(broken);
    }

    /** Whether the middle of a reply has been read. */
    public boolean isInside() {
        return line.size() > 0 || !texts.isEmpty();
    }

    /** Forgets what has been read of an unfinished reply. */
    public void reset() {
        line.reset();
        texts.clear();
    }

    /** The replies that these octets complete. */
    public List<Reply> read(byte[] octets, int offset, int length) {
        List<Reply> replies = new ArrayList<>();
        int from = offset;
        int end = offset + length;
        for (int i = offset; i < end && broken.isEmpty(); i++) {
            if (octets[i] == '\n') {
                put(octets, from, i - from);
                from = i + 1;
                if (broken.isEmpty()) {
                    lineEnded(replies);
                }
            }
        }
        if (broken.isEmpty()) {
            put(octets, from, end - from);
        }
        return replies;
    }

    private void put(byte[] octets, int offset, int length) {
        if (line.size() + length > LINE_MAX) {
            broken = "a line of over " + LINE_MAX + " octets";
        } else {
            line.write(octets, offset, length);
        }
    }

    private void lineEnded(List<Reply> replies) {
        String text = new String(line.toByteArray(), StandardCharsets.UTF_8);
        line.reset();
        if (text.endsWith("\r")) {
            text = text.substring(0, text.length() - 1);
        }
        int value = codeOf(text);
        boolean last = text.length() < 4 || text.charAt(3) != '-';
        if (value < 0 || (!texts.isEmpty() && value != code)) {
            broken = (value < 0 ? "not a reply: " : "different codes in one reply: ") + printable(shortened(text));
        } else if (texts.size() == LINES_MAX || replies.size() == REPLIES_MAX) {
            broken = "a reply of over " + LINES_MAX + " lines";
        } else {
            code = value;
            texts.add(printable(text.length() > 4 ? text.substring(4) : ""));
            if (last) {
                replies.add(reply());
                texts.clear();
            }
        }
    }

    private static int codeOf(String text) {
        if (text.length() < 3 || (text.length() > 3 && text.charAt(3) != ' ' && text.charAt(3) != '-')) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < 3; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value >= 200 && value <= 599 ? value : -1;
    }

    /** The enhanced code stands on each line (RFC 2034 4); it is believed when its class is that of the reply. */
    private Reply reply() {
        String first = texts.getFirst();
        int end = enhancedEnd(first);
        if (end < 0 || first.charAt(0) - '0' != code / 100) {
            return new Reply(code, "", texts);
        }
        String enhanced = first.substring(0, end);
        List<String> stripped = new ArrayList<>(texts.size());
        for (String text : texts) {
            boolean same = text.startsWith(enhanced) && enhancedEnd(text) == end;
            stripped.add(same ? text.substring(pastSpaces(text, end)) : text);
        }
        return new Reply(code, enhanced, stripped);
    }

    /** Behind the enhanced code that {@code text} begins with, which a space or the end follows; -1 when there is none. */
    private static int enhancedEnd(String text) {
        if (text.isEmpty() || "245".indexOf(text.charAt(0)) < 0) {
            return -1;
        }
        int subject = pastNumber(text, 1);
        int end = subject < 0 ? -1 : pastNumber(text, subject);
        return end == text.length() || (end > 0 && text.charAt(end) == ' ') ? end : -1;
    }

    /** Behind a dot and one to three digits; -1 when they are not there. */
    private static int pastNumber(String text, int dot) {
        if (dot >= text.length() || text.charAt(dot) != '.') {
            return -1;
        }
        int at = dot + 1;
        while (at < text.length() && at <= dot + 3 && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at == dot + 1 ? -1 : at;
    }

    private static int pastSpaces(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        return at;
    }

    private static String shortened(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "...";
    }

    private static String printable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isControl(text.charAt(i))) {
                return replaced(text);
            }
        }
        return text;
    }

    private static String replaced(String text) {
        StringBuilder out = new StringBuilder(text);
        for (int i = 0; i < out.length(); i++) {
            if (isControl(out.charAt(i))) {
                out.setCharAt(i, '?');
            }
        }
        return out.toString();
    }

    private static boolean isControl(char c) {
        return Character.isISOControl(c) && c != '\t';
    }
}
