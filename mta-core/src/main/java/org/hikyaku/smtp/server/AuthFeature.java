package org.hikyaku.smtp.server;

import java.util.EnumSet;
import java.util.Locale;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.hikyaku.smtp.Xtext;
import org.jspecify.annotations.Nullable;

/** AUTH (RFC 4954 4); the dialog is {@link AuthDialog}. */
final class AuthFeature {
    static final Feature DECLARED = Feature.of(Extension.AUTH)
            .with(new Verb<>(
                    "AUTH",
                    Command.Auth.class,
                    EnumSet.of(Phase.IDLE),
                    true,
                    true,
                    AuthFeature::check,
                    AuthFeature::proceed))
            .withMail("AUTH", AuthFeature::checkParameter, AuthFeature::take);

    /** The submitter is not known, or not believed. */
    private static final String NOBODY = "<>";

    private AuthFeature() {}

    /** RFC 4954 5: xtext or {@code <>}. */
    private static @Nullable Reply checkParameter(SessionState session, @Nullable String value) {
        boolean right = value != null && (value.equals("<>") || value.matches("(?:[!-*,-<>-~]|\\+[0-9A-F]{2})+"));
        return right ? null : Replies.BAD_PARAMETER_VALUE;
    }

    private static void take(Transaction transaction, @Nullable String value) {
        String said = value == null ? NOBODY : value;
        String mailbox = Xtext.decode(said)
                .flatMap(Address::parse)
                .filter(address -> address.domain().isPresent())
                .map(Address::toString)
                .orElse(NOBODY);
        transaction.wishes = transaction.wishes.withSubmitter(mailbox);
    }

    /**
     * RFC 4954 5: who is said to have submitted the message is believed of the user himself, and of those whom the operator
     * trusts to tell; else it is as if {@code AUTH=<>} had been said.
     */
    static void believe(SessionState session) {
        Transaction transaction = session.transaction();
        String told = transaction.wishes.submitter();
        if (told.isEmpty() || told.equals(NOBODY)) {
            return;
        }
        String user = session.client().facts().user().orElse("").toLowerCase(Locale.ROOT);
        boolean himself = Address.parse(told)
                .map(address -> address.localKey().equals(user))
                .orElse(false);
        boolean trusted = !user.isEmpty()
                && session.config().auth().submitterTrusted().stream().anyMatch(user::equalsIgnoreCase);
        if (!himself && !trusted) {
            transaction.wishes = transaction.wishes.withSubmitter(NOBODY);
        }
    }

    private static @Nullable Reply check(SessionState session, Command.Auth command) {
        if (session.rules().auth() == ListenerSettings.AuthMode.OFF) {
            return Replies.NOT_IMPLEMENTED;
        }
        if (!session.client().isSecured()) {
            return Replies.AUTH_NEEDS_TLS; // RFC 4954 6: 538 5.7.11
        }
        if (session.client().isAuthenticated()) {
            return Replies.ALREADY_AUTHENTICATED;
        }
        return session.client().offeredMechanisms().contains(command.mechanism()) ? null : Replies.UNKNOWN_MECHANISM;
    }

    private static void proceed(SessionState session, Command.Auth command) {
        session.client()
                .begin(command.mechanism())
                .ifPresentOrElse(
                        mechanism -> new AuthDialog(session, mechanism).begin(command.initial()),
                        () -> session.refuse("AUTH", Replies.UNKNOWN_MECHANISM));
    }
}
