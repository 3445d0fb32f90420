package org.hikyaku.table;

import java.util.ArrayList;
import java.util.List;

/** How lines of aliases and of tables of addresses are cut: at commas and colons, but not within quotes or brackets. */
final class AddressWords {
    private AddressWords() {}

    /** The items between commas; a comma within quotes is no border. */
    static List<String> items(String text) {
        List<String> items = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == ',') {
                String item = text.substring(start, i).strip();
                if (!item.isEmpty()) {
                    items.add(item);
                }
                start = i + 1;
            } else if (text.charAt(i) == '"') {
                i = closingQuote(text, i) - 1;
            }
        }
        return items;
    }

    /** Where the name ends: the first colon outside quotes and brackets; -1 when there is none. */
    static int colon(String line) {
        boolean bracket = false;
        for (int i = 0; i < line.length(); i++) {
            switch (line.charAt(i)) {
                case '"' -> i = closingQuote(line, i) - 1;
                case '[' -> bracket = true;
                case ']' -> bracket = false;
                case ':' -> {
                    if (!bracket) {
                        return i;
                    }
                }
                default -> {}
            }
        }
        return -1;
    }

    /** The index after the quote that closes the one at {@code open}, or the end. */
    private static int closingQuote(String text, int open) {
        for (int i = open + 1; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == '"') {
                return i + 1;
            }
        }
        return text.length();
    }

    /** Whether this is a name without a domain: no {@code @} outside quotes. */
    static boolean isBare(String item) {
        int from = item.startsWith("\"") ? closingQuote(item, 0) : 0;
        return item.indexOf('@', from) < 0;
    }

    static String unquote(String item) {
        if (item.length() < 2 || !item.startsWith("\"") || closingQuote(item, 0) != item.length()) {
            return item;
        }
        return item.substring(1, item.length() - 1).replaceAll("\\\\(.)", "$1");
    }
}
