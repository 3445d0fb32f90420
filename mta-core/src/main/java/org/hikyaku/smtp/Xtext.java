package org.hikyaku.smtp;

import java.util.Locale;
import java.util.Optional;

/**
 * The two ways to write any letter in a parameter: xtext (RFC 3461 4) and, of addresses beyond ASCII, unitext (RFC 6533 3).
 * Pure.
 *
 * <p><i>Failure:</i> what is not of the form gives empty.
 */
public final class Xtext {
    private static final String HEX = "0123456789ABCDEF";

    private Xtext() {}

    public static String encode(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isXchar(c)) {
                out.append(c);
            } else {
                out.append('+').append(HEX.charAt(c >> 4 & 15)).append(HEX.charAt(c & 15));
            }
        }
        return out.toString();
    }

    /** Empty also when a letter comes out that is not printable ASCII or space: nothing of ours holds such. */
    public static Optional<String> decode(String xtext) {
        StringBuilder out = new StringBuilder(xtext.length());
        for (int i = 0; i < xtext.length(); i++) {
            char c = xtext.charAt(i);
            if (c == '+' && i + 2 < xtext.length()) {
                int high = HEX.indexOf(xtext.charAt(i + 1));
                int low = HEX.indexOf(xtext.charAt(i + 2));
                c = high < 0 || low < 0 ? 0 : (char) (high << 4 | low);
                i += 2;
            } else if (!isXchar(c)) {
                return Optional.empty();
            }
            if (c < ' ' || c > '~') {
                return Optional.empty();
            }
            out.append(c);
        }
        return Optional.of(out.toString());
    }

    private static boolean isXchar(char c) {
        return c > ' ' && c <= '~' && c != '+' && c != '=';
    }

    /**
     * An address in unitext.
     *
     * @param ascii nothing but ASCII may stand in it
     */
    public static String encodeUnitext(String address, boolean ascii) {
        StringBuilder out = new StringBuilder(address.length());
        address.codePoints().forEach(c -> {
            boolean plain = c >= 0x80 ? !ascii : isXchar((char) c) && c != '\\';
            if (plain) {
                out.appendCodePoint(c);
            } else {
                out.append("\\x{").append(String.format(Locale.ROOT, "%02X", c)).append('}');
            }
        });
        return out.toString();
    }

    /** Empty also for letters that no address may have. */
    public static Optional<String> decodeUnitext(String unitext) {
        StringBuilder out = new StringBuilder(unitext.length());
        for (int i = 0; i < unitext.length(); i++) {
            char c = unitext.charAt(i);
            if (c == '\\') {
                int end = unitext.indexOf('}', i);
                int point = end < 0 || !unitext.startsWith("\\x{", i) ? -1 : point(unitext.substring(i + 3, end));
                if (point < 0) {
                    return Optional.empty();
                }
                out.appendCodePoint(point);
                i = end;
            } else if (c < 0x80 && !isXchar(c)) {
                return Optional.empty();
            } else {
                out.append(c);
            }
        }
        return Optional.of(out.toString());
    }

    /** HEXPOINT; -1 for a control, a surrogate, or none at all. */
    private static int point(String hex) {
        boolean digits = hex.length() >= 2
                && hex.length() <= 6
                && hex.chars().allMatch(c -> HEX.indexOf(Character.toUpperCase((char) c)) >= 0);
        int point = digits ? Integer.parseInt(hex, 16) : -1;
        boolean fit = point >= ' '
                && point <= Character.MAX_CODE_POINT
                && !Character.isISOControl(point)
                && (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE);
        return fit ? point : -1;
    }
}
