package org.hikyaku.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.OutboundCounts;
import org.hikyaku.policy.OutboundCounts.Bound;
import org.hikyaku.policy.OutboundCounts.Kind;
import org.hikyaku.policy.OutboundCounts.Over;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * How much a user who has logged in, or one of this host, may send, and all of his domain; docs/abuse.md. The last of the checks, so that only what
 * the others let pass is counted. Strangers and trusted networks are not asked here.
 *
 * <p><i>Failure:</i> what is too much is 450 4.7.1; what looks like abuse is told, and the user's mail is held from then on.
 */
public final class OutboundCheck implements Check {
    private final World world;
    private final OutboundCounts counts;
    private final Suspicion suspicion;

    /** Hears of users who send as they never would. */
    public interface Suspicion {
        /** From now on the mail of this user is to be held. Never waits, may be told again. */
        void suspect(String user, String why);
    }

    public OutboundCheck(World world, OutboundCounts counts, Suspicion suspicion) {
        this.world = world;
        this.counts = counts;
        this.suspicion = suspicion;
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Sender
                || question instanceof Question.Recipient
                || question instanceof Question.Message;
    }

    @Override
    public boolean waits() {
        return false;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        if (facts.account().isEmpty()) {
            return Verdict.PASS;
        }
        Kind kind = kind(facts);
        String user = kind == Kind.LOCAL
                ? facts.account().get()
                : facts.account().get().toLowerCase(Locale.ROOT);
        long now = world.clock().nanos();
        Config config = facts.config();
        return switch (question) {
            case Question.Sender(Address sender, long size, var wishes) ->
                verdict(counts.wouldBegin(bounds(config, kind, user, sender), now), config, kind, user, sender);
            case Question.Recipient(Address sender, Address recipient, long size) ->
                verdict(
                        counts.recipient(bounds(config, kind, user, sender), domain(recipient), now),
                        config,
                        kind,
                        user,
                        sender);
            case Question.Message asked -> {
                Address sender = asked.envelope().sender();
                yield verdict(counts.message(bounds(config, kind, user, sender), now), config, kind, user, sender);
            }
            default -> Verdict.PASS;
        };
    }

    /** Whose mail a session brings: of who has logged in, or of a user of this host. */
    public static Kind kind(SessionFacts facts) {
        return facts.user().isPresent() ? Kind.USER : Kind.LOCAL;
    }

    /** Who is counted for mail of this user under this sender: he, and the sender's domain. */
    public static List<Bound> bounds(Config config, Kind kind, String user, Address sender) {
        List<Bound> bounds = new ArrayList<>(2);
        bounds.add(new Bound(kind, user, config.quota(kind == Kind.LOCAL, user, sender)));
        sender.domain()
                .ifPresent(domain -> bounds.add(new Bound(
                        Kind.DOMAIN, domain.ascii(), config.quotaOfDomain(kind == Kind.LOCAL, user, sender))));
        return bounds;
    }

    public static String domain(Address recipient) {
        return recipient.domain().map(each -> each.ascii()).orElse("");
    }

    private Verdict verdict(Optional<Over> over, Config config, Kind kind, String user, Address sender) {
        over.ifPresent(this::tell);
        look(kind, user, config, sender);
        return over.<Verdict>map(each -> new Verdict.Reject(reply(each))).orElse(Verdict.PASS);
    }

    private static Reply reply(Over over) {
        return over.bound().kind() == Kind.DOMAIN
                ? Replies.DOMAIN_SENDS_TOO_MUCH
                : switch (over.limit()) {
                    case MESSAGES -> Replies.TOO_MANY_SENT;
                    case RECIPIENTS -> Replies.TOO_MANY_SENT_TO;
                    case DOMAINS -> Replies.TOO_MANY_DOMAINS;
                };
    }

    /** Notes in the log that one sends too much. */
    public void tell(Over over) {
        if (over.first()) {
            world.events()
                    .emit(
                            Event.OUTBOUND_LIMITED,
                            over.bound().name(),
                            over.limit().name().toLowerCase(Locale.ROOT),
                            over.most());
        }
    }

    /** Has his mail held if he sends as he never would. */
    public void look(Kind kind, String user, Config config, Address sender) {
        counts.anomaly(kind, user, config.anomaly(user, sender), world.clock().nanos())
                .ifPresent(why -> suspicion.suspect(user.toLowerCase(Locale.ROOT), why));
    }

    /** A recipient of a user's was refused by one of the checks. */
    public void rejected(Kind kind, String user, Config config, Address sender) {
        counts.rejected(kind, user, world.clock().nanos());
        look(kind, user, config, sender);
    }

    /** A recipient of a user's was refused by his receiver, for good. */
    public void refused(Kind kind, String user, Config config, Address sender) {
        counts.refused(kind, user, world.clock().nanos());
        look(kind, user, config, sender);
    }

    /** A recipient of a user's has the message. */
    public void delivered(Kind kind, String user) {
        counts.delivered(kind, user, world.clock().nanos());
    }
}
