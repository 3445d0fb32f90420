package org.hikyaku.deliver;

import java.util.ArrayList;
import java.util.List;
import org.hikyaku.queue.Claim;
import org.hikyaku.route.Asked;
import org.hikyaku.route.Head;
import org.hikyaku.route.Mail;
import org.hikyaku.spool.StoredMessage;

/** What is asked of the rules of routes, about a message in the spool. Pure. */
final class Asking {
    private Asking() {}

    /** About a claim's recipients, in its order. */
    static List<Asked> of(Claim claim) {
        StoredMessage message = claim.message();
        Mail mail = mail(message, Head.of(message.content()));
        List<Asked> all = new ArrayList<>(claim.places().size());
        boolean ruled = message.wasRuled();
        for (int place : claim.places()) {
            all.add(of(message, mail, place, ruled));
        }
        return all;
    }

    /** Without a look into the message: for where it waits. */
    static Mail unread(StoredMessage message) {
        return mail(message, Head.unread());
    }

    private static Asked of(StoredMessage message, Mail mail, int place, boolean ruled) {
        return new Asked(mail, message.envelope().recipients().get(place).address(), ruled);
    }

    private static Mail mail(StoredMessage message, Head head) {
        return new Mail(
                message.id().value(),
                message.envelope().sender(),
                message.origin().user(),
                message.origin().client(),
                message.origin().listener(),
                message.content().size(),
                head);
    }
}
