package org.hikyaku.smtp.server;

import org.hikyaku.mail.HeaderAsks;
import org.hikyaku.mail.Wishes;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * REQUIRETLS (RFC 8689): the message goes on only under TLS to a proved host that promises the same; or, by the field
 * TLS-Required, rather in clear than not at all. Both are stored with the message.
 */
final class RequireTlsFeature {
    static final Feature DECLARED = Feature.of(Extension.REQUIRETLS)
            .withMail(
                    "REQUIRETLS",
                    RequireTlsFeature::check,
                    (transaction, value) -> transaction.wishes = transaction.wishes.with(Wishes.Tls.REQUIRED));

    private RequireTlsFeature() {}

    /** RFC 8689 2: it has no value. */
    private static @Nullable Reply check(SessionState session, @Nullable String value) {
        return value == null ? null : Replies.BAD_PARAMETER_VALUE;
    }

    /** RFC 8689 4.1: the field counts where the parameter was not said. */
    static void fromHeader(Transaction transaction, HeaderAsks asks) {
        if (asks.tlsOptional() && transaction.wishes.tls() == Wishes.Tls.USUAL) {
            transaction.wishes = transaction.wishes.with(Wishes.Tls.OPTIONAL);
        }
    }
}
