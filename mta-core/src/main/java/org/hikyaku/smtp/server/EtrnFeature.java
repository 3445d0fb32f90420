package org.hikyaku.smtp.server;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.config.OnDemandSettings;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * ETRN (RFC 1985): who has mail waiting here, and whom the operator knows, has it sent. It goes the way it would go at its time,
 * over connections of ours, so that he gets nothing that is not his.
 */
final class EtrnFeature {
    static final Feature DECLARED = Feature.of(Extension.ETRN)
            .with(new Verb<>(
                    "ETRN",
                    Command.Etrn.class,
                    EnumSet.of(Phase.IDLE), // 5: not within a transaction
                    false,
                    false,
                    EtrnFeature::check,
                    EtrnFeature::proceed));

    private EtrnFeature() {}

    private static @Nullable Reply check(SessionState session, Command.Etrn command) {
        if (session.config().onDemand().customers().isEmpty() || session.isLmtp()) {
            return Replies.NOT_IMPLEMENTED;
        }
        return domains(session, command).isEmpty() ? Replies.QUEUE_NOT_YOURS : null;
    }

    private static void proceed(SessionState session, Command.Etrn command) {
        String name = Domain.parse(command.node()).map(Domain::ascii).orElse(command.node());
        String node = (command.option() == ' ' ? "" : String.valueOf(command.option())) + name;
        session.startQueue(domains(session, command), started -> {
            if (!started.works()) {
                session.refuse("ETRN", Replies.QUEUE_STANDS);
                return;
            }
            session.tell(new Note.QueueStarted(node, started.pending()));
            session.send(Replies.queueStarted(node, started.pending(), started.all()));
        });
    }

    /** What is meant, if all of it is his (5.3, 8); else nothing. */
    private static List<DomainPattern> domains(SessionState session, Command.Etrn command) {
        List<Map.Entry<String, OnDemandSettings.Customer>> his =
                session.client().customers();
        if (command.option() == '#') {
            return his.stream()
                    .filter(each -> each.getKey().equalsIgnoreCase(command.node()))
                    .flatMap(each -> each.getValue().domains().stream())
                    .toList();
        }
        Optional<DomainPattern> meant =
                Domain.parse(command.node()).map(domain -> new DomainPattern(domain, command.option() == '@'));
        return meant
                .filter(one -> his.stream()
                        .flatMap(each -> each.getValue().domains().stream())
                        .anyMatch(pattern -> pattern.covers(one)))
                .stream()
                .toList();
    }
}
