package org.hikyaku.operate;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A recipient who was not there.
 *
 * @param address in small letters
 * @param failures how often in a row that was said
 * @param until nothing is sent to him before; the epoch while it is only counted
 * @param by who put him on the list
 */
public record Suppressed(
        String address, int failures, Instant first, Instant last, Instant until, String by, String why) {
    private static final int FIELDS = 7;

    boolean isInForce(Instant now) {
        return until.isAfter(now);
    }

    List<String> fields() {
        return List.of(
                address,
                String.valueOf(failures),
                String.valueOf(first.toEpochMilli()),
                String.valueOf(last.toEpochMilli()),
                String.valueOf(until.toEpochMilli()),
                by,
                why);
    }

    static Optional<Suppressed> read(List<String> fields) {
        try {
            return fields.size() < FIELDS
                    ? Optional.empty()
                    : Optional.of(new Suppressed(
                            fields.get(0),
                            Integer.parseInt(fields.get(1)),
                            time(fields.get(2)),
                            time(fields.get(3)),
                            time(fields.get(4)),
                            fields.get(5),
                            fields.get(6)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Instant time(String millis) {
        return Instant.ofEpochMilli(Long.parseLong(millis));
    }
}
