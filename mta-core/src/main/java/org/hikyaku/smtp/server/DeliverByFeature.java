package org.hikyaku.smtp.server;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.mail.Wishes;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** DELIVERBY (RFC 2852): by when the message is to be delivered, from when MAIL came, and what is to happen if it is not. */
final class DeliverByFeature {
    /** RFC 2852 4: by-value. */
    private static final Pattern VALUE = Pattern.compile("([-+]?[0-9]{1,9});([NnRr])([Tt]?)");

    static final Feature DECLARED = Feature.of(Extension.DELIVERBY)
            .withMail(
                    "BY",
                    DeliverByFeature::check,
                    (transaction, value) -> read(value)
                            .ifPresent(by -> transaction.wishes = transaction.wishes.with(new Wishes.Deadline(
                                    transaction.begun.plusSeconds(by.seconds), by.returns, by.trace))));

    private record By(long seconds, boolean returns, boolean trace) {}

    private DeliverByFeature() {}

    private static @Nullable Reply check(SessionState session, @Nullable String value) {
        return read(value).isPresent() ? null : Replies.BAD_PARAMETER_VALUE;
    }

    /** RFC 2852 4: with mode R a time that is over is an error of syntax. */
    private static Optional<By> read(@Nullable String value) {
        Matcher matcher = VALUE.matcher(value == null ? "" : value);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        By by = new By(
                Long.parseLong(matcher.group(1)),
                matcher.group(2).equalsIgnoreCase("R"),
                !matcher.group(3).isEmpty());
        return by.returns && by.seconds <= 0 ? Optional.empty() : Optional.of(by);
    }
}
