package org.hikyaku.smtp.server;

import org.hikyaku.mail.HeaderAsks;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * MT-PRIORITY (RFC 6710): how soon a message goes when others wait too. Everybody may lower it, only who may raise it may do
 * that, up to a bound; what is over the bound is lowered, and said so. Where no parameter was said the field MT-Priority
 * counts (RFC 6758), under the same rules.
 */
final class PriorityFeature {
    static final Feature DECLARED =
            Feature.of(Extension.MT_PRIORITY).withMail("MT-PRIORITY", PriorityFeature::check, PriorityFeature::take);

    private PriorityFeature() {}

    /** RFC 6710 7: -9 to 9, without a plus, a zero before it, or a minus before zero. */
    private static @Nullable Reply check(SessionState session, @Nullable String value) {
        return value != null && value.matches("0|-?[1-9]") ? null : Replies.BAD_PARAMETER_VALUE;
    }

    private static void take(Transaction transaction, @Nullable String value) {
        if (value != null) {
            rank(transaction, Integer.parseInt(value));
        }
    }

    private static void rank(Transaction transaction, int priority) {
        transaction.priority = priority;
        transaction.wishes = transaction.wishes.withRanked(true);
    }

    /** Holds the priority to the bound; the reply to MAIL when nothing else is wrong (RFC 6710 4.1). */
    static Reply bounded(SessionState session) {
        Transaction transaction = session.transaction();
        int highest = session.client().priorityMax();
        if (transaction.priority <= highest) {
            return Replies.SENDER_OK;
        }
        transaction.priority = highest;
        return Replies.priorityLowered(highest);
    }

    /** RFC 6758 3.1, 4a. */
    static void fromHeader(SessionState session, HeaderAsks asks) {
        Transaction transaction = session.transaction();
        if (!transaction.wishes.ranked() && asks.priority().isPresent()) {
            rank(
                    transaction,
                    Math.min(asks.priority().getAsInt(), session.client().priorityMax()));
        }
    }
}
