package org.hikyaku.mail;

import java.util.Optional;

/**
 * The mailbox grammar of RFC 5321 4.1.2 (Local-part "@" Domain), with UTF-8 letters as RFC 6531 3.3 adds them.
 *
 * <p><i>Failure:</i> anything else gives empty.
 */
final class MailboxParser {
    private static final String ATEXT_MARKS = "!#$%&'*+-/=?^_`{|}~";

    private MailboxParser() {}

    static Optional<Address> parse(String text) {
        StringBuilder local = new StringBuilder();
        int at = text.startsWith("\"") ? quoted(text, local) : dotString(text, local);
        if (at < 0 || at >= text.length() || text.charAt(at) != '@' || local.isEmpty()) {
            return Optional.empty();
        }
        return Domain.parse(text.substring(at + 1)).map(domain -> Address.of(local.toString(), domain));
    }

    /** Reads a Dot-string; returns the index after it, or -1. */
    private static int dotString(String text, StringBuilder out) {
        int i = 0;
        boolean atomStarted = false;
        for (; i < text.length() && text.charAt(i) != '@'; i++) {
            char c = text.charAt(i);
            if (c == '.' ? !atomStarted : !isAtext(c)) {
                return -1;
            }
            atomStarted = c != '.';
            out.append(c);
        }
        return atomStarted && isWellFormed(out) ? i : -1;
    }

    /** Reads a Quoted-string; returns the index after its closing quote, or -1. */
    private static int quoted(String text, StringBuilder out) {
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                return isWellFormed(out) ? i + 1 : -1;
            }
            if (c == '\\') {
                if (++i == text.length()) {
                    return -1;
                }
                c = text.charAt(i);
                if (c < 0x20 || c >= 0x7f) {
                    return -1;
                }
            } else if (c < 0x20 || c == 0x7f || isC1(c)) {
                return -1;
            }
            out.append(c);
        }
        return -1;
    }

    static String quoteIfNeeded(String local) {
        if (isDotString(local)) {
            return local;
        }
        StringBuilder out = new StringBuilder(local.length() + 4).append('"');
        for (int i = 0; i < local.length(); i++) {
            char c = local.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\');
            }
            out.append(c);
        }
        return out.append('"').toString();
    }

    private static boolean isDotString(String local) {
        boolean atomStarted = false;
        for (int i = 0; i < local.length(); i++) {
            char c = local.charAt(i);
            if (c == '.' ? !atomStarted : !isAtext(c)) {
                return false;
            }
            atomStarted = c != '.';
        }
        return atomStarted || local.isEmpty();
    }

    private static boolean isAtext(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || (c >= 0x80 && !isC1(c))
                || ATEXT_MARKS.indexOf(c) >= 0;
    }

    private static boolean isC1(char c) {
        return c >= 0x80 && c < 0xa0;
    }

    /** No lone surrogate: such a text has no UTF-8 form. */
    private static boolean isWellFormed(CharSequence s) {
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (Character.isHighSurrogate(c)) {
                if (++i == s.length() || !Character.isLowSurrogate(s.charAt(i))) {
                    return false;
                }
            } else if (Character.isLowSurrogate(c)) {
                return false;
            }
        }
        return true;
    }
}
