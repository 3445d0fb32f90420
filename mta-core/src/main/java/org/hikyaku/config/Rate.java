package org.hikyaku.config;

import java.time.Duration;
import java.util.Optional;

/**
 * So many messages in any stretch of time of this length: {@code "20/s"}, {@code "1000/h"}, {@code "5/10m"}.
 *
 * @param messages 1 to 1,000,000
 * @param per one second to one day
 */
public record Rate(int messages, Duration per) {
    private static final int MESSAGES_MAX = 1_000_000;
    private static final Duration PER_MAX = Duration.ofDays(1);

    /** Empty for what is none, or beyond the bounds. */
    public static Optional<Rate> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return Optional.empty();
        }
        String length = text.substring(slash + 1).strip();
        boolean unitOnly = !length.isEmpty() && Character.isLetter(length.charAt(0));
        Optional<Long> messages = Scalars.whole(text.substring(0, slash).strip());
        return Scalars.time(unitOnly ? "1" + length : length)
                .filter(per -> per.toMillis() >= 1000 && per.compareTo(PER_MAX) <= 0)
                .flatMap(
                        per -> messages.filter(m -> m >= 1 && m <= MESSAGES_MAX).map(m -> new Rate(m.intValue(), per)));
    }

    @Override
    public String toString() {
        return messages + "/" + per.toSeconds() + "s";
    }
}
