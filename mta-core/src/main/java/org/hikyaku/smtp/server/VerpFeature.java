package org.hikyaku.smtp.server;

import org.hikyaku.mail.Wishes;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * XVERP, as Postfix has it: each recipient gets a transaction of his own whose sender names him, {@code
 * list+user=there.example@here.example}. The two signs stand behind the keyword or are those of the configuration.
 */
final class VerpFeature {
    private static final String KEYWORD = "XVERP";

    static final Feature DECLARED = Feature.of(Extension.XVERP)
            .withMail(
                    KEYWORD,
                    (session, value) ->
                            value == null || Wishes.areVerpSigns(value) ? null : Replies.BAD_PARAMETER_VALUE,
                    (transaction, value) -> transaction.verp = value == null ? "" : value);

    private VerpFeature() {}

    /** Puts down with which signs; the null sender has no address to name anybody in. */
    static @Nullable Reply settle(SessionState session, Transaction transaction) {
        String signs = transaction.verp;
        if (signs == null) {
            return null;
        }
        String usual = session.config().extensions().verpDelimiters();
        transaction.wishes = transaction.wishes.withVerp(signs.isEmpty() ? usual : signs);
        return transaction.sender.isNull() ? Replies.VERP_NEEDS_SENDER : null;
    }
}
