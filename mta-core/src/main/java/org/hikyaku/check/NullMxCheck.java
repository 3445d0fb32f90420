package org.hikyaku.check;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.hikyaku.config.Config;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.Resolver.Data.Mx;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * Who submits mail to a domain that takes none is told at RCPT, while he looks, not by a bounce (RFC 7505 4.1, RFC 7504 4).
 * The DNS is asked for domains alone whose mail would go by it. Strangers' mail from such a domain is refused at MAIL where
 * {@code null_mx_senders} says so (RFC 7505 4.2).
 *
 * <p><i>Failure:</i> where the DNS has no answer the recipient is taken, and no question is asked for {@link #PEACE}: nobody
 * who submits waits more than once for a resolver that is silent. A stranger's sender is taken too, and so is one beyond
 * {@link #SENDERS_MAX} that are asked about.
 */
public final class NullMxCheck implements Check {
    private static final Duration PEACE = Duration.ofMinutes(1);
    /** Senders that are asked about at a time: their domains are strangers' choice, and may never answer. */
    private static final int SENDERS_MAX = 100;

    private final World world;
    private final BiFunction<Address, Config, Optional<Domain>> byDns;
    private final Tasks.Permits senders;
    private volatile long askAgain;

    /** @param byDns the domain whose MX an address' mail goes by; empty: it goes elsewhere */
    public NullMxCheck(World world, BiFunction<Address, Config, Optional<Domain>> byDns) {
        this.world = world;
        this.byDns = byDns;
        this.senders = world.tasks().permits(SENDERS_MAX);
        this.askAgain = world.clock().nanos();
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Recipient || question instanceof Question.Sender;
    }

    @Override
    public boolean concerns(Question question, SessionFacts facts) {
        return asked(question, facts).isPresent() || sender(question, facts).isPresent();
    }

    @Override
    public boolean waits() {
        return true;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        if (question instanceof Question.Sender) {
            return sender(question, facts).map(this::ofSender).orElse(Verdict.PASS);
        }
        Optional<Domain> domain = asked(question, facts);
        return domain.isPresent() && takesNone(domain.get())
                ? new Verdict.Reject(Replies.DOMAIN_TAKES_NO_MAIL)
                : Verdict.PASS;
    }

    /** Of a stranger's mail, where the operator wants it asked. */
    private static Optional<Domain> sender(Question question, SessionFacts facts) {
        return question instanceof Question.Sender from
                        && facts.rules().nullMxSenders() == ListenerSettings.NullMxSenders.REFUSE
                        && facts.account().isEmpty()
                        && facts.config().relay().trustedNetworks().stream()
                                .noneMatch(network -> network.contains(facts.remote()))
                ? from.sender().domain().filter(domain -> !domain.isLiteral())
                : Optional.empty();
    }

    private Verdict ofSender(Domain domain) {
        if (!senders.tryAcquire()) {
            return Verdict.PASS;
        }
        try {
            Resolver.Answer answer = world.resolver().ask(domain, Resolver.Type.MX);
            return answer instanceof Resolver.Answer.Found found && isNull(found.records())
                    ? new Verdict.Reject(Replies.SENDER_TAKES_NO_MAIL)
                    : Verdict.PASS;
        } finally {
            senders.release();
        }
    }

    private Optional<Domain> asked(Question question, SessionFacts facts) {
        return question instanceof Question.Recipient to
                        && facts.rules().isSubmission()
                        && world.clock().nanos() - askAgain >= 0
                ? byDns.apply(to.recipient(), facts.config())
                : Optional.empty();
    }

    private boolean takesNone(Domain domain) {
        return switch (world.resolver().ask(domain, Resolver.Type.MX)) {
            case Resolver.Answer.Found found -> isNull(found.records());
            case Resolver.Answer.NoName no -> false;
            case Resolver.Answer.NoData no -> false;
            case Resolver.Answer.Unknown why -> {
                askAgain = world.clock().nanos() + PEACE.toNanos();
                yield false;
            }
        };
    }

    /** RFC 7505 3: it stands alone; beside others its "." is no host. */
    private static boolean isNull(List<Resolver.Data> records) {
        return records.stream().allMatch(record -> record instanceof Mx mx && mx.root());
    }
}
