package org.hikyaku.smtp;

import java.util.List;

/**
 * An SMTP reply (RFC 5321 4.2), sent or received.
 *
 * @param code 200 to 599
 * @param enhanced {@code 2.1.5} (RFC 3463), or empty when the reply carries none
 * @param lines the text without codes, at least one line, no CR or LF
 */
public record Reply(int code, String enhanced, List<String> lines) {
    public Reply {
        lines = List.copyOf(lines);
        if (code < 200 || code > 599 || lines.isEmpty()) {
            throw new IllegalArgumentException("no reply: " + code + " " + lines);
        }
    }

    public Reply(int code, String enhanced, String line) {
        this(code, enhanced, List.of(line));
    }

    public boolean isPositive() {
        return code < 400;
    }

    public boolean isTransient() {
        return code >= 400 && code < 500;
    }

    public boolean isPermanent() {
        return code >= 500;
    }

    /** One line, for logs and bounces: {@code 550 5.1.1 No such user}. */
    public String text() {
        return code + " " + (enhanced.isEmpty() ? "" : enhanced + " ") + String.join(" ", lines);
    }
}
