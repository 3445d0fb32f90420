package org.hikyaku.smtp.server;

import java.util.Arrays;
import java.util.List;
import org.hikyaku.mail.HeaderAsks;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * NO-SOLICITING (RFC 3865): mail of classes that the operator does not want is refused, whether MAIL or the message's header
 * names the class. What the header names goes on with the message.
 */
final class SolicitFeature {
    static final Feature DECLARED =
            Feature.of(Extension.NO_SOLICITING).withMail("SOLICIT", SolicitFeature::check, (transaction, value) -> {});

    private SolicitFeature() {}

    private static @Nullable Reply check(SessionState session, @Nullable String value) {
        return value == null || !HeaderAsks.areSolicitations(value)
                ? Replies.BAD_PARAMETER_VALUE
                : refusal(session, value);
    }

    /** RFC 3865 2.3: also where only the header says it. */
    static @Nullable Reply refusal(SessionState session, String classes) {
        List<String> unwanted = session.config().extensions().noSoliciting();
        List<String> met = Arrays.stream(classes.split(","))
                .filter(one -> unwanted.stream().anyMatch(one::equalsIgnoreCase))
                .distinct()
                .toList();
        return met.isEmpty() ? null : Replies.solicited(met);
    }

    /** RFC 3865 2.7. */
    static void fromHeader(Transaction transaction, HeaderAsks asks) {
        if (!asks.solicitation().isEmpty()) {
            transaction.wishes = transaction.wishes.withSolicitation(asks.solicitation());
        }
    }
}
