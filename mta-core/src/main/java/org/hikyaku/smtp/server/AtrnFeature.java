package org.hikyaku.smtp.server;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.hikyaku.config.OnDemandSettings;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * ATRN (RFC 2645): who has logged in fetches the mail that is kept for his domains. After 250 the roles change: he is the server,
 * and our client sends it over this connection. On listeners of mode odmr only.
 */
final class AtrnFeature {
    static final Feature DECLARED = Feature.of(Extension.ATRN)
            .with(new Verb<>(
                    "ATRN",
                    Command.Atrn.class,
                    EnumSet.of(Phase.IDLE),
                    false,
                    false, // 5.2.1: 530
                    AtrnFeature::check,
                    AtrnFeature::proceed));

    private AtrnFeature() {}

    private static @Nullable Reply check(SessionState session, Command.Atrn command) {
        if (!session.isOdmr()) {
            return Replies.NOT_IMPLEMENTED;
        }
        return domains(session, command).isEmpty() ? Replies.MAIL_NOT_YOURS : null;
    }

    private static void proceed(SessionState session, Command.Atrn command) {
        String user = session.facts().user().orElse("");
        session.prepareTurn(user, domains(session, command), how -> {
            switch (how) {
                case READY -> {
                    session.tell(new Note.Turned(user));
                    session.turnOver(Replies.TURNING);
                }
                case NO_MAIL -> session.refuse("ATRN", Replies.NO_MAIL);
                case BUSY -> session.refuse("ATRN", Replies.FETCHING_ALREADY);
                case UNABLE -> session.refuse("ATRN", Replies.CANNOT_TURN);
            }
        });
    }

    /** What is asked for, if all of it is his (5.2.1: else nothing is sent); all that is his where nothing is named. */
    private static List<DomainPattern> domains(SessionState session, Command.Atrn command) {
        List<DomainPattern> his = session.client().customers().stream()
                .map(Map.Entry::getValue)
                .filter(customer -> isOf(customer, session))
                .flatMap(customer -> customer.domains().stream())
                .toList();
        if (command.domains().isEmpty()) {
            return his;
        }
        List<DomainPattern> asked = command.domains().stream()
                .map(domain -> new DomainPattern(domain, false))
                .toList();
        boolean all = asked.stream().allMatch(one -> his.stream().anyMatch(pattern -> pattern.covers(one)));
        return all ? asked : List.of();
    }

    /** By his login, not by where he is (5.2.1). */
    private static boolean isOf(OnDemandSettings.Customer customer, SessionState session) {
        return customer.keep()
                && session.facts().user().filter(customer.users()::contains).isPresent();
    }
}
