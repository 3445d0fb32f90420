package org.hikyaku.mail;

/** A comment in the body of a header field (RFC 5322 3.2.2): it may hold others, and quoted pairs. */
public final class HeaderComment {
    private HeaderComment() {}

    /** The index behind the comment that opens at {@code from}; -1 if it is never closed. */
    public static int end(String text, int from) {
        int depth = 0;
        for (int p = from; p < text.length(); p++) {
            char c = text.charAt(p);
            if (c == '\\') {
                p++;
            } else if (c == '(') {
                depth++;
            } else if (c == ')' && --depth == 0) {
                return p + 1;
            }
        }
        return -1;
    }
}
