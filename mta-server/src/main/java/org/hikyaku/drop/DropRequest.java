package org.hikyaku.drop;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What stands before the message in a file of the drop directory: a line {@code hikyaku-drop 1}, lines of a word and a value, an
 * empty line.
 *
 * @param sender of -f; may be empty for the null sender
 * @param name of -F
 * @param fromFields -t: the recipients stand in To, Cc and Bcc, too
 * @param recipients of the command line
 * @param message where the message begins
 */
record DropRequest(Optional<String> sender, String name, boolean fromFields, List<String> recipients, int message) {
    static final String FIRST_LINE = "hikyaku-drop 1";

    /** Reads it; empty when it is none. */
    static Optional<DropRequest> read(byte[] head) {
        Optional<String> sender = Optional.empty();
        String name = "";
        boolean fromFields = false;
        List<String> recipients = new ArrayList<>();
        int at = 0;
        for (int number = 0; ; number++) {
            int end = at;
            while (end < head.length && head[end] != '\n') {
                end++;
            }
            if (end == head.length) {
                return Optional.empty();
            }
            String line = new String(head, at, end - at, StandardCharsets.UTF_8);
            at = end + 1;
            if (number == 0) {
                if (!line.equals(FIRST_LINE)) {
                    return Optional.empty();
                }
                continue;
            }
            if (line.isEmpty()) {
                return Optional.of(new DropRequest(sender, name, fromFields, List.copyOf(recipients), at));
            }
            int space = line.indexOf(' ');
            String value = space < 0 ? "" : line.substring(space + 1);
            switch (space < 0 ? line : line.substring(0, space)) {
                case "sender" -> sender = Optional.of(value);
                case "name" -> name = value;
                case "fields" -> fromFields = true;
                case "to" -> recipients.add(value);
                default -> {
                    return Optional.empty();
                }
            }
        }
    }
}
