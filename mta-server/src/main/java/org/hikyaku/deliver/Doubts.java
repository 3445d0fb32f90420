package org.hikyaku.deliver;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.config.DeliverySettings.PeerFeature;
import org.hikyaku.route.Hop;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Reply;
import org.hikyaku.smtp.client.Fate;
import org.hikyaku.smtp.client.ServerOffer;
import org.hikyaku.smtp.client.Trouble;
import org.hikyaku.smtp.client.Trouble.Kind;
import org.hikyaku.smtp.client.Trouble.Stage;

/**
 * One attempt's look at whether a host can do what it offers. Each feature is doubted once in an attempt: then a new connection
 * goes without. When the host may have the message it is not asked again now, the next attempt goes without.
 *
 * <p><i>Failure:</i> none; what is no sign of anything stays what it is, a failure of the host.
 */
final class Doubts {
    private final Quirks quirks;
    private final Hop hop;
    private final DeliverySettings.Quirks settings;
    private final Set<PeerFeature> tried = EnumSet.noneOf(PeerFeature.class);

    /** What the host broke over; {@code again}: it has nothing of the message. */
    record Sign(PeerFeature feature, boolean sure, boolean again, String why) {}

    Doubts(Quirks quirks, Hop hop, DeliverySettings.Quirks settings) {
        this.quirks = quirks;
        this.hop = hop;
        this.settings = settings;
    }

    /** What the next connection goes without. */
    Set<PeerFeature> avoided() {
        Set<PeerFeature> known = quirks.avoided(hop, settings);
        if (tried.isEmpty()) {
            return known;
        }
        EnumSet<PeerFeature> all = EnumSet.copyOf(tried);
        all.addAll(known);
        return all;
    }

    boolean suits(ConversationRunner runner) {
        return quirks.suits(runner, settings) && extensions(tried).stream().noneMatch(runner.offer()::has);
    }

    /** Whether to go without this on another connection, for the first time. */
    boolean firstOf(PeerFeature feature, boolean sure, String why) {
        if (!tried.add(feature)) {
            return false;
        }
        quirks.suspect(hop, feature, sure, why, settings);
        return true;
    }

    /** It went without. */
    void wentWithout(PeerFeature feature) {
        if (tried.contains(feature)) {
            quirks.wentWithout(hop, feature, settings);
        }
    }

    /**
     * After a transaction on {@code runner}.
     *
     * @return whether to begin the transaction again, on another connection
     */
    boolean wantsAgain(ConversationRunner runner, List<Fate> fates) {
        if (fates.stream().anyMatch(Fate.Taken.class::isInstance)) {
            features(runner.avoided()).forEach(feature -> quirks.wentWithout(hop, feature, settings));
            return false;
        }
        Optional<Trouble> end = fates.reversed().stream()
                .map(fate -> ((Fate.Refused) fate).why())
                .filter(why -> why.kind() != Kind.REPLY)
                .findFirst();
        if (end.isPresent()) {
            features(runner.avoided()).forEach(feature -> quirks.brokeWithout(hop, feature));
        }
        Optional<Sign> sign = fates.stream()
                .map(fate -> ((Fate.Refused) fate).why())
                .flatMap(why -> sign(why, runner.offer()).stream())
                .reduce((first, last) -> last);
        return sign.isPresent() && firstOf(sign.get().feature, sign.get().sure, sign.get().why) && sign.get().again;
    }

    /** What this trouble may be a sign of, with a host of this offer. */
    static Optional<Sign> sign(Trouble trouble, ServerOffer offer) {
        Stage stage = trouble.stage();
        boolean body = stage == Stage.BODY || stage == Stage.END_OF_DATA;
        boolean commands = stage == Stage.MAIL || stage == Stage.RECIPIENT || stage == Stage.DATA;
        boolean lost = trouble.kind() == Kind.LOST || trouble.kind() == Kind.TIMEOUT;
        boolean garbage = trouble.kind() == Kind.GARBAGE;
        if (body && offer.has(Extension.CHUNKING)) {
            boolean unknown = trouble.kind() == Kind.REPLY
                    && trouble.reply().filter(Doubts::knowsNoBdat).isPresent();
            boolean again = unknown || (stage == Stage.BODY && trouble.kind() != Kind.TIMEOUT);
            return unknown || lost || garbage
                    ? Optional.of(new Sign(PeerFeature.CHUNKING, unknown, again, trouble.sentence()))
                    : Optional.empty();
        }
        if (commands && (lost || garbage) && offer.has(Extension.PIPELINING)) {
            boolean again = trouble.kind() != Kind.TIMEOUT; // minutes have gone: not now
            return Optional.of(new Sign(PeerFeature.PIPELINING, garbage, again, trouble.sentence()));
        }
        return Optional.empty();
    }

    /** RFC 5321 4.2.4: it does not know the command, though it offered it. */
    private static boolean knowsNoBdat(Reply reply) {
        return reply.code() >= 500 && reply.code() <= 504;
    }

    private static Set<Extension> extensions(Set<PeerFeature> features) {
        return Quirks.extensions(features);
    }

    private static List<PeerFeature> features(Set<Extension> extensions) {
        return extensions.stream().map(e -> PeerFeature.valueOf(e.name())).toList();
    }
}
