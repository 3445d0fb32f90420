package org.hikyaku.smtp;

import java.util.Locale;
import java.util.Optional;

/**
 * The value of ORCPT (RFC 3461 4.2, RFC 6533 3): a type of address and an address, here as {@code type;address} with the
 * address decoded. Pure.
 *
 * <p><i>Failure:</i> a value that is not of the form gives empty.
 */
public final class OriginalRecipient {
    /** Octets of ORCPT's value. */
    public static final int OCTETS_MAX = 500;

    private static final String UTF_8 = "utf-8";

    private OriginalRecipient() {}

    /** Reads the value of the parameter. */
    public static Optional<String> read(String value) {
        int semicolon = value.indexOf(';');
        if (semicolon <= 0 || semicolon == value.length() - 1 || value.length() > OCTETS_MAX) {
            return Optional.empty();
        }
        String type = value.substring(0, semicolon);
        String address = value.substring(semicolon + 1);
        if (!type.chars().allMatch(OriginalRecipient::isAtom)) {
            return Optional.empty();
        }
        return (isUtf8(value) ? Xtext.decodeUnitext(address) : Xtext.decode(address)).map(text -> type + ";" + text);
    }

    /** Writes the value of the parameter; letters beyond ASCII as they are only with {@code smtputf8}. */
    public static String write(String typed, boolean smtputf8) {
        int semicolon = typed.indexOf(';') + 1;
        String address = typed.substring(semicolon);
        return typed.substring(0, semicolon)
                + (isUtf8(typed) ? Xtext.encodeUnitext(address, !smtputf8) : Xtext.encode(address));
    }

    /** As a field of a notice has it (RFC 3464 2.3.1); beyond ASCII only with {@code raw} (RFC 6533 4). */
    public static String field(String typed, boolean raw) {
        int semicolon = typed.indexOf(';') + 1;
        String address = typed.substring(semicolon);
        String shown = raw || !isUtf8(typed) ? address : Xtext.encodeUnitext(address, true);
        return typed.substring(0, semicolon) + " " + shown;
    }

    private static boolean isUtf8(String typed) {
        return typed.toLowerCase(Locale.ROOT).startsWith(UTF_8 + ";");
    }

    /** RFC 5322 3.2.3. */
    private static boolean isAtom(int c) {
        return c > ' ' && c < 0x7f && "()<>[]:;@\\,.\"".indexOf(c) < 0;
    }
}
