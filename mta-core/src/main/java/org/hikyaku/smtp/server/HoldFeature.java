package org.hikyaku.smtp.server;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.hikyaku.mail.Wishes;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * FUTURERELEASE (RFC 4865): mail of our users that is kept until its time has come. Where it is not offered the parameters
 * are unknown ones; by both at once, or by more than is offered, the message is refused (4.2).
 */
final class HoldFeature {
    private static final String FOR = "HOLDFOR";
    private static final String UNTIL = "HOLDUNTIL";

    static final Feature DECLARED = Feature.of(Extension.FUTURERELEASE)
            .withMail(
                    FOR,
                    HoldFeature::checkFor,
                    (transaction, value) -> seconds(value)
                            .ifPresent(seconds ->
                                    take(transaction, transaction.begun.plus(seconds), "for;" + seconds.toSeconds())))
            .withMail(
                    UNTIL,
                    HoldFeature::checkUntil,
                    (transaction, value) -> time(value).ifPresent(time -> take(transaction, time, "until;" + time)));

    private HoldFeature() {}

    private static @Nullable Reply checkFor(SessionState session, @Nullable String value) {
        Duration longest = session.config().extensions().holdMax();
        return seconds(value).filter(s -> s.compareTo(longest) <= 0).isPresent() ? null : Replies.holdTooLong(longest);
    }

    private static @Nullable Reply checkUntil(SessionState session, @Nullable String value) {
        Instant now = session.wall();
        Duration longest = session.config().extensions().holdMax();
        return time(value)
                        .filter(time -> time.isAfter(now) && !time.isAfter(now.plus(longest)))
                        .isPresent()
                ? null
                : Replies.holdTooLong(longest);
    }

    private static void take(Transaction transaction, Instant at, String said) {
        transaction.holds++;
        transaction.wishes = transaction.wishes.with(new Wishes.Release(at, said));
    }

    /** RFC 4865 4.2 (9), 5.2.2: what contradicts itself; null when nothing does. */
    static @Nullable Reply contradiction(Transaction transaction) {
        Wishes wishes = transaction.wishes;
        boolean tooLate = wishes.release().isPresent()
                && wishes.deadline().isPresent()
                && wishes.release().get().at().isAfter(wishes.deadline().get().at());
        return transaction.holds > 1 ? Replies.HELD_TWICE : tooLate ? Replies.HELD_TOO_LATE : null;
    }

    /** RFC 4865 3: 1 to 999999999. */
    private static Optional<Duration> seconds(@Nullable String value) {
        return value != null && value.matches("[1-9][0-9]{0,8}")
                ? Optional.of(Duration.ofSeconds(Long.parseLong(value)))
                : Optional.empty();
    }

    /** RFC 4865 3, RFC 3339: a time in UTC. */
    private static Optional<Instant> time(@Nullable String value) {
        String text = value == null ? "" : value.toUpperCase(Locale.ROOT);
        try {
            return text.endsWith("Z") && text.length() <= 32 ? Optional.of(Instant.parse(text)) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
