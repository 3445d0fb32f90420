package org.hikyaku.smtp.server;

import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * BODY, the parameter of 8BITMIME (RFC 6152) and BINARYMIME (RFC 3030 3). Whether the message has octets over 127 is looked at
 * and not believed; that it is binary holds because it was said: then no octet of it is changed, but by a conversion that
 * loses none.
 */
final class BodyFeature {
    private static final String BINARY = "BINARYMIME";

    static final Feature DECLARED = Feature.of(Extension.EIGHTBITMIME)
            .withMail(
                    "BODY",
                    BodyFeature::check,
                    (transaction, value) ->
                            transaction.wishes = transaction.wishes.withBinary(BINARY.equalsIgnoreCase(value)));

    private BodyFeature() {}

    /** RFC 6152 3, RFC 3030 3. */
    private static @Nullable Reply check(SessionState session, @Nullable String value) {
        boolean known = "7BIT".equalsIgnoreCase(value) || "8BITMIME".equalsIgnoreCase(value);
        boolean binary = BINARY.equalsIgnoreCase(value) && Extension.BINARYMIME.isOffered(session.situation());
        return known || binary ? null : Replies.BAD_PARAMETER_VALUE;
    }
}
