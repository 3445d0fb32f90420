package org.hikyaku.smtp.server;

import java.util.List;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Parameter;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** SMTPUTF8 (RFC 6531). */
final class Utf8Feature {
    private static final String KEYWORD = "SMTPUTF8";

    static final Feature DECLARED = Feature.of(Extension.SMTPUTF8)
            .withMail(KEYWORD, Utf8Feature::check, (transaction, value) -> transaction.smtputf8 = true);

    private Utf8Feature() {}

    /** RFC 6531 3.4: it has no value. */
    private static @Nullable Reply check(SessionState session, @Nullable String value) {
        return value == null ? null : Replies.BAD_PARAMETER_VALUE;
    }

    /** RFC 6531 3.5: an international address may come only where this was said. */
    static boolean isSaid(List<Parameter> given) {
        return Features.isAmong(given, KEYWORD);
    }
}
