package org.hikyaku.check;

import java.net.InetAddress;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.LocalDirectory;

/**
 * Never an open relay: a recipient elsewhere is taken from an authenticated user or one of this host, from a trusted network, from an
 * address with a timed grant, or for a relay domain, and in no other case (RFC 5321 3.6.1, RFC 2505 2.1).
 *
 * <p>Only the domain counts. Percent signs, bangs, quotes and at signs inside a local part mean nothing here, so no such
 * writing leads anywhere; source routes were dropped by the grammar (RFC 5321 appendix C). But the server behind a relay
 * domain may read them as a route, and it trusts us: a stranger's recipient there must have none of them.
 */
public final class RelayCheck implements Check {
    private final Supplier<LocalDirectory> directory;
    private final Predicate<InetAddress> granted;

    public RelayCheck(Supplier<LocalDirectory> directory) {
        this(directory, address -> false);
    }

    /** @param granted whether an address may relay just now, by a timed grant */
    public RelayCheck(Supplier<LocalDirectory> directory, Predicate<InetAddress> granted) {
        this.directory = directory;
        this.granted = granted;
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Recipient;
    }

    @Override
    public boolean waits() {
        return false;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        return question instanceof Question.Recipient asked && !mayPass(asked.recipient(), facts)
                ? new Verdict.Reject(Replies.RELAYING_DENIED)
                : Verdict.PASS;
    }

    private boolean mayPass(Address recipient, SessionFacts facts) {
        Config.Relay relay = facts.config().relay();
        return facts.account().isPresent()
                || relay.trustedNetworks().stream().anyMatch(network -> network.contains(facts.remote()))
                || granted.test(facts.remote())
                || isOurs(recipient)
                || (recipient.domain().map(relay.domains()::contains).orElse(false) && !hasRoute(recipient));
    }

    /** {@code x%elsewhere}, {@code elsewhere!x}, {@code "x@elsewhere"} (RFC 2505 2.1, RFC 5321 appendix C and F.2). */
    private static boolean hasRoute(Address recipient) {
        return recipient.local().chars().anyMatch(c -> c == '@' || c == '%' || c == '!');
    }

    private boolean isOurs(Address recipient) {
        LocalDirectory here = directory.get();
        Domain domain = recipient.domain().orElseGet(here::firstDomain);
        return here.isLocal(domain) || !(here.resolve(recipient) instanceof LocalDirectory.Resolution.NotLocal);
    }
}
