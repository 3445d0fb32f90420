package org.hikyaku.smtp.server;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hikyaku.smtp.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * What XCLIENT and XFORWARD carry (Postfix XCLIENT_README, XFORWARD_README): names with values in xtext. Values that were not
 * encoded, as of Postfix before 2.3, are read too.
 */
final class ProxyAttributes {
    private static final int VALUE_MAX = 255;

    private ProxyAttributes() {}

    /**
     * In clear, in their order; empty where the proxy says that it does not know. Null when a name is none of {@code known} or
     * comes twice, or a value is over 255 letters or holds other than printable ASCII without what is special in a header.
     */
    static @Nullable Map<String, String> read(List<Parameter> given, Set<String> known) {
        Map<String, String> read = new LinkedHashMap<>();
        for (Parameter each : given) {
            String value = each.value() == null ? "" : decoded(each.value());
            if (!known.contains(each.keyword()) || !isPlain(value) || read.containsKey(each.keyword())) {
                return null;
            }
            boolean unknown = value.equalsIgnoreCase("[UNAVAILABLE]") || value.equalsIgnoreCase("[TEMPUNAVAIL]");
            read.put(each.keyword(), unknown ? "" : value);
        }
        return read;
    }

    private static boolean isPlain(String value) {
        return !value.isEmpty()
                && value.length() <= VALUE_MAX
                && value.chars().allMatch(c -> c > ' ' && c < 0x7f && "<>()\\\";,".indexOf(c) < 0);
    }

    /** RFC 1891 5: a plus and two digits of base 16. */
    private static String decoded(String xtext) {
        StringBuilder out = new StringBuilder(xtext.length());
        for (int i = 0; i < xtext.length(); i++) {
            boolean coded =
                    xtext.charAt(i) == '+' && i + 2 < xtext.length() && isHex(xtext, i + 1) && isHex(xtext, i + 2);
            if (coded) {
                out.append((char) Integer.parseInt(xtext.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                out.append(xtext.charAt(i));
            }
        }
        return out.toString();
    }

    private static boolean isHex(String text, int at) {
        char c = text.charAt(at);
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
    }
}
