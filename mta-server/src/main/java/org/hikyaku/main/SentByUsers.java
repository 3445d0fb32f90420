package org.hikyaku.main;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.check.OutboundCheck;
import org.hikyaku.config.Config;
import org.hikyaku.drop.DropMail;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Recipient;
import org.hikyaku.policy.OutboundCounts;
import org.hikyaku.policy.OutboundCounts.Bound;
import org.hikyaku.policy.OutboundCounts.Kind;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.World;

/**
 * What is counted of users beside their sessions: what the host's own leave in the drop directory, and what became of the
 * recipients of all; docs/abuse.md. Only a recipient whom the sender named himself counts: whom a list or an alias of ours led
 * to was not his choice.
 *
 * <p><i>Failure:</i> none.
 */
final class SentByUsers implements DropMail.Quotas {
    private final World world;
    private final OutboundCounts counts;
    private final OutboundCheck check;

    SentByUsers(World world, OutboundCounts counts, OutboundCheck check) {
        this.world = world;
        this.counts = counts;
        this.check = check;
    }

    @Override
    public DropMail.Allowance ask(String user, Address sender, List<Recipient> recipients, Config config) {
        List<Bound> bounds = OutboundCheck.bounds(config, Kind.LOCAL, user, sender);
        Set<String> domains = domains(recipients);
        if (OutboundCounts.isTooMuchEver(bounds, recipients.size(), domains.size())) {
            return DropMail.Allowance.NEVER;
        }
        Optional<OutboundCounts.Over> over = counts.wouldSend(
                bounds, recipients.size(), domains, world.clock().nanos());
        over.ifPresent(check::tell);
        check.look(Kind.LOCAL, user, config, sender);
        return over.isEmpty() ? DropMail.Allowance.GO : DropMail.Allowance.LATER;
    }

    @Override
    public void stored(String user, Address sender, List<Recipient> recipients, Config config) {
        List<Bound> bounds = OutboundCheck.bounds(config, Kind.LOCAL, user, sender);
        counts.sent(
                bounds, recipients.size(), domains(recipients), world.clock().nanos());
        check.look(Kind.LOCAL, user, config, sender);
    }

    private static Set<String> domains(List<Recipient> recipients) {
        Set<String> domains = new LinkedHashSet<>();
        recipients.forEach(to -> domains.add(OutboundCheck.domain(to.address())));
        return domains;
    }

    /** A receiver has refused one for good. */
    void refused(StoredMessage message, Recipient to, Config config) {
        if (isNamed(message, to)) {
            Origin origin = message.origin();
            check.refused(
                    kind(origin), origin.user(), config, message.envelope().sender());
        }
    }

    /** A receiver has taken it. */
    void taken(StoredMessage message, Recipient to) {
        if (isNamed(message, to)) {
            check.delivered(kind(message.origin()), message.origin().user());
        }
    }

    private static boolean isNamed(StoredMessage message, Recipient to) {
        return !message.origin().user().isEmpty() && to.address().equals(to.original());
    }

    private static Kind kind(Origin origin) {
        return origin.kind() == Origin.Kind.LOCAL ? Kind.LOCAL : Kind.USER;
    }
}
