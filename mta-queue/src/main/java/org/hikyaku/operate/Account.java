package org.hikyaku.operate;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * A user whose mail is held.
 *
 * @param user in small letters
 * @param by who has done it
 * @param swept whether all of his mail that was queued before is held too
 */
public record Account(String user, Level level, Instant since, String by, String why, boolean swept) {
    private static final int FIELDS = 6;

    /** What he may still do. */
    public enum Level {
        /** Log in and send; his mail waits. */
        HELD,
        /** Nothing. */
        FROZEN;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Account wholly() {
        return new Account(user, level, since, by, why, true);
    }

    String line() {
        return OperationLog.line(List.of(
                        user, level.label(), String.valueOf(since.toEpochMilli()), by, why, String.valueOf(swept)))
                .strip();
    }

    static Account read(String line) throws IOException {
        List<String> fields = OperationLog.read(line).orElse(List.of());
        try {
            if (fields.size() >= FIELDS) {
                return new Account(
                        fields.get(0),
                        Level.valueOf(fields.get(1).toUpperCase(Locale.ROOT)),
                        Instant.ofEpochMilli(Long.parseLong(fields.get(2))),
                        fields.get(3),
                        fields.get(4),
                        Boolean.parseBoolean(fields.get(5)));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("the list of frozen users is damaged at: " + line, e);
        }
        throw new IOException("the list of frozen users is damaged at: " + line);
    }
}
