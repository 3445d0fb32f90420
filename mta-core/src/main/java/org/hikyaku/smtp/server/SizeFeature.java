package org.hikyaku.smtp.server;

import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** SIZE (RFC 1870): what is said to be too big is refused at MAIL already (6.1). */
final class SizeFeature {
    private static final int DIGITS_MAX = 20;

    static final Feature DECLARED = Feature.of(Extension.SIZE)
            .withMail("SIZE", SizeFeature::check, (transaction, value) -> transaction.size = octets(value));

    private SizeFeature() {}

    private static @Nullable Reply check(SessionState session, @Nullable String value) {
        if (value == null || !isSize(value)) {
            return Replies.BAD_PARAMETER_VALUE;
        }
        long limit = session.config().limits().messageSizeMax();
        return octets(value) > limit ? Replies.tooBig(limit) : null;
    }

    /** RFC 1870 3: 1*20DIGIT. */
    private static boolean isSize(String value) {
        return !value.isEmpty() && value.length() <= DIGITS_MAX && value.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static long octets(@Nullable String digits) {
        if (digits == null) {
            return 0;
        }
        String significant = digits.replaceFirst("^0+(?=.)", "");
        return significant.length() > 18 ? Long.MAX_VALUE : Long.parseLong(significant);
    }
}
