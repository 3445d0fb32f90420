package org.hikyaku.mail;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The mailboxes in the text of a From, To, Cc... field (RFC 5322 3.4, with the obsolete forms of 4.4 that still occur and
 * the letters of RFC 6532): display names, comments, quoted strings, groups, folding.
 *
 * <p><i>Failure:</i> text that is not wholly understood gives empty: a policy that asks who wrote a message must not guess.
 */
public final class AddressList {
    private final String text;
    private final List<Address> out = new ArrayList<>();
    /** The words of the phrase or addr-spec that is being read, as they stand, without comments and white space. */
    private final StringBuilder word = new StringBuilder();

    private boolean done;
    private boolean inGroup;
    private int p;

    private AddressList(String text) {
        this.text = text;
    }

    /** Reads a field's value. */
    public static Optional<List<Address>> parse(String text) {
        AddressList list = new AddressList(text);
        return list.read() ? Optional.of(List.copyOf(list.out)) : Optional.empty();
    }

    private boolean read() {
        while (p < text.length()) {
            char c = text.charAt(p);
            boolean right = switch (c) {
                case ' ', '\t', '\r', '\n' -> blank();
                case '(' -> comment();
                case '"' -> quoted();
                case '<' -> angle();
                case ',' -> endOfMailbox() && step();
                case ':' -> openGroup();
                case ';' -> inGroup && endOfMailbox() && closeGroup();
                case '[' -> literal();
                case ')', ']', '>', '\\', 0 -> false;
                default -> letter(c);
            };
            if (!right) {
                return false;
            }
        }
        return !inGroup && endOfMailbox();
    }

    private boolean step() {
        p++;
        return true;
    }

    private boolean blank() {
        if (!word.isEmpty() && word.charAt(word.length() - 1) != ' ') {
            word.append(' ');
        }
        return step();
    }

    private boolean comment() {
        p = HeaderComment.end(text, p);
        return p >= 0;
    }

    private boolean quoted() {
        int start = p++;
        for (; p < text.length(); p++) {
            char c = text.charAt(p);
            if (c == '\\') {
                p++;
            } else if (c == '"') {
                p++;
                return !done && append(text.substring(start, p));
            }
        }
        return false;
    }

    private boolean literal() {
        int close = text.indexOf(']', p);
        if (close < 0 || done) {
            return false;
        }
        append(text.substring(p, close + 1));
        p = close + 1;
        return true;
    }

    private boolean letter(char c) {
        if (done || c < 0x20 || c == 0x7f) {
            return false;
        }
        append(String.valueOf(c));
        return step();
    }

    private boolean append(String s) {
        word.append(s);
        return true;
    }

    /** {@code <addr-spec>}, maybe with an obsolete route; what stood before it was a display name. */
    private boolean angle() {
        if (done) {
            return false;
        }
        StringBuilder inner = new StringBuilder();
        p++;
        boolean quoted = false;
        for (; p < text.length(); p++) {
            char c = text.charAt(p);
            if (quoted && c == '\\' && p + 1 < text.length()) {
                inner.append(c).append(text.charAt(++p));
            } else if (c == '>' && !quoted) {
                p++;
                word.setLength(0);
                return finish(afterRoute(inner.toString()));
            } else if (quoted || (c != ' ' && c != '\t' && c != '\r' && c != '\n')) {
                quoted ^= c == '"';
                inner.append(c);
            }
        }
        return false;
    }

    private static String afterRoute(String spec) {
        return spec.startsWith("@") && spec.indexOf(':') > 0 ? spec.substring(spec.indexOf(':') + 1) : spec;
    }

    private boolean openGroup() {
        if (inGroup || done || word.isEmpty()) {
            return false;
        }
        inGroup = true;
        word.setLength(0);
        return step();
    }

    private boolean closeGroup() {
        inGroup = false;
        // after a group only a comma may follow; an empty element is allowed
        return step();
    }

    /** An element ends: nothing, a mailbox in brackets that was read, or a bare addr-spec. */
    private boolean endOfMailbox() {
        boolean right = done || bare(word.toString().strip());
        word.setLength(0);
        done = false;
        return right;
    }

    private boolean bare(String spec) {
        if (spec.isEmpty()) {
            return true;
        }
        boolean right = finish(spec);
        done = false;
        return right;
    }

    private boolean finish(String spec) {
        Optional<Address> address = Address.parse(spec);
        address.ifPresent(out::add);
        done = true;
        return address.isPresent();
    }
}
