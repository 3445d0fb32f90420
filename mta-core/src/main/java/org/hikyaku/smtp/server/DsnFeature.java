package org.hikyaku.smtp.server;

import java.util.Locale;
import java.util.Optional;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Wishes;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.OriginalRecipient;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.hikyaku.smtp.Xtext;
import org.jspecify.annotations.Nullable;

/**
 * DSN (RFC 3461): what the sender wants to be told, put down in the envelope. No value that holds is a reason to refuse
 * anything (5.1); one that does not is answered by 501.
 */
final class DsnFeature {
    /** RFC 3461 4.4, as it is written. */
    private static final int ENVELOPE_ID_MAX = 100;

    static final Feature DECLARED = Feature.of(Extension.DSN)
            .withMail(
                    "RET",
                    fits(DsnFeature::ret),
                    (transaction, value) ->
                            ret(value).ifPresent(ret -> transaction.wishes = transaction.wishes.with(ret)))
            .withMail(
                    "ENVID",
                    fits(DsnFeature::envelopeId),
                    (transaction, value) -> envelopeId(value)
                            .ifPresent(id -> transaction.wishes = transaction.wishes.withEnvelopeId(id)))
            .withRcpt(
                    "NOTIFY",
                    fits(DsnFeature::when),
                    (to, value) -> when(value).ifPresent(when -> to.notify = to.notify.with(when)))
            .withRcpt(
                    "ORCPT",
                    fits(DsnFeature::original),
                    (to, value) -> original(value).ifPresent(typed -> to.notify = to.notify.withOriginal(typed)));

    private DsnFeature() {}

    private interface Reading<T> {
        Optional<T> of(@Nullable String value);
    }

    private static <T> ParameterRule.Check fits(Reading<T> reading) {
        return (session, value) -> check(reading.of(value));
    }

    private static @Nullable Reply check(Optional<?> read) {
        return read.isPresent() ? null : Replies.BAD_PARAMETER_VALUE;
    }

    /** RFC 3461 4.3. */
    private static Optional<Wishes.Ret> ret(@Nullable String value) {
        return switch (value == null ? "" : value.toUpperCase(Locale.ROOT)) {
            case "FULL" -> Optional.of(Wishes.Ret.FULL);
            case "HDRS" -> Optional.of(Wishes.Ret.HEADERS);
            default -> Optional.empty();
        };
    }

    /** RFC 3461 4.4. */
    private static Optional<String> envelopeId(@Nullable String value) {
        return value == null || value.length() > ENVELOPE_ID_MAX ? Optional.empty() : Xtext.decode(value);
    }

    /** RFC 3461 4.1: NEVER stands alone. */
    private static Optional<Integer> when(@Nullable String value) {
        if (value == null) {
            return Optional.empty();
        }
        if (value.equalsIgnoreCase("NEVER")) {
            return Optional.of(0);
        }
        int when = 0;
        for (String word : value.split(",", -1)) {
            switch (word.toUpperCase(Locale.ROOT)) {
                case "SUCCESS" -> when |= Notify.SUCCESS;
                case "FAILURE" -> when |= Notify.FAILURE;
                case "DELAY" -> when |= Notify.DELAY;
                default -> {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(when);
    }

    /** RFC 3461 4.2. */
    private static Optional<String> original(@Nullable String value) {
        return value == null ? Optional.empty() : OriginalRecipient.read(value);
    }
}
