package org.hikyaku.mail;

import com.ibm.icu.text.IDNA;
import java.util.Locale;
import java.util.Optional;

/**
 * A mail domain: a host name, or an address literal such as {@code [192.0.2.1]} or {@code [IPv6:2001:db8::1]}.
 *
 * <p>Held in the one form in which domains are compared and looked up: ASCII lower case, international labels as
 * A-labels (IDNA 2008 by UTS-46, RFC 5890, RFC 6531 3.7.1), no final dot. The form that a person typed is kept by
 * {@link Address}, not here.
 *
 * <p><i>Failure:</i> {@link #parse} returns empty for what is no domain; nothing here throws.
 *
 * @param ascii 1 to 255 octets
 */
public record Domain(String ascii) implements Comparable<Domain> {
    private static final int OCTETS_MAX = 255;
    private static final int LABEL_MAX = 63;

    /** Its tables are read only when the first name beyond ASCII comes. */
    private static final class Tables {
        static final IDNA UTS46 =
                IDNA.getUTS46Instance(IDNA.NONTRANSITIONAL_TO_ASCII | IDNA.CHECK_BIDI | IDNA.CHECK_CONTEXTJ);
    }

    /** Reads a host name (ASCII or UTF-8) or an address literal in brackets; labels may hold '_' as the DNS allows. */
    public static Optional<Domain> parse(String text) {
        String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        if (name.isEmpty() || name.length() > OCTETS_MAX) {
            return Optional.empty();
        }
        if (name.charAt(0) == '[') {
            return IpLiteral.parse(name).map(literal -> new Domain(literal.text()));
        }
        return (isAscii(name) ? Optional.of(name.toLowerCase(Locale.ROOT)) : toAscii(name))
                .filter(Domain::isHostName)
                .map(Domain::new);
    }

    /** For constants and tests: as {@link #parse}, but an error in the argument is a bug of the caller. */
    public static Domain of(String text) {
        return parse(text).orElseThrow(() -> new IllegalArgumentException("not a domain: " + text));
    }

    /** Whether this is an address literal in brackets (RFC 5321 4.1.3). */
    public boolean isLiteral() {
        return ascii.charAt(0) == '[';
    }

    /** Whether it means the same everywhere: an address literal, or a name of more than one label (RFC 6409 4.2). */
    public boolean isInFull() {
        return isLiteral() || ascii.indexOf('.') >= 0;
    }

    /** The form to show people: U-labels where they are valid. */
    public String unicode() {
        if (!ascii.contains("xn--")) {
            return ascii;
        }
        StringBuilder out = new StringBuilder();
        IDNA.Info info = new IDNA.Info();
        Tables.UTS46.nameToUnicode(ascii, out, info);
        return info.hasErrors() ? ascii : out.toString();
    }

    /** Whether this equals {@code parent} or lies below it. */
    public boolean isWithin(Domain parent) {
        return ascii.equals(parent.ascii)
                || (ascii.endsWith(parent.ascii) && ascii.charAt(ascii.length() - parent.ascii.length() - 1) == '.');
    }

    @Override
    public int compareTo(Domain other) {
        return ascii.compareTo(other.ascii);
    }

    @Override
    public String toString() {
        return ascii;
    }

    private static boolean isAscii(String s) {
        for (int i = 0; i < s.length(); i++) {
            if (s.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static Optional<String> toAscii(String name) {
        StringBuilder out = new StringBuilder();
        IDNA.Info info = new IDNA.Info();
        Tables.UTS46.nameToASCII(name, out, info);
        return info.hasErrors() ? Optional.empty() : Optional.of(out.toString().toLowerCase(Locale.ROOT));
    }

    private static boolean isHostName(String name) {
        int label = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '.') {
                if (label == 0 || name.charAt(i - 1) == '-') {
                    return false;
                }
                label = 0;
            } else {
                boolean ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (c == '-' && label > 0);
                if (!ok || ++label > LABEL_MAX) {
                    return false;
                }
            }
        }
        return label > 0 && name.charAt(name.length() - 1) != '-' && name.length() <= OCTETS_MAX;
    }
}
