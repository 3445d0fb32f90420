package org.hikyaku.smtp.server;

import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** 8BITMIME (RFC 6152): what BODY says is checked and not believed; whether the message has such octets is looked at. */
final class BodyFeature {
    static final Feature DECLARED =
            Feature.of(Extension.EIGHTBITMIME).withMail("BODY", BodyFeature::check, (transaction, value) -> {});

    private BodyFeature() {}

    /** RFC 6152 3. */
    private static @Nullable Reply check(SmtpSession session, @Nullable String value) {
        return "7BIT".equalsIgnoreCase(value) || "8BITMIME".equalsIgnoreCase(value)
                ? null
                : Replies.BAD_PARAMETER_VALUE;
    }
}
