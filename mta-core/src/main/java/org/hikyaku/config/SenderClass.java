package org.hikyaku.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.hikyaku.mail.Address;

/**
 * Senders for whom something else holds than for all; what is left out is as for all.
 *
 * @param who users by the names they log in with, senders' addresses, {@code @example.org} for all of a domain
 * @param notifyAfter as {@code queue.notify_after}
 * @param expireAfter as {@code queue.expire_after}
 * @param messagesPerHour as {@code outbound.user} and {@code outbound.local}
 */
public record SenderClass(
        List<String> who,
        @Range("1m to 30d") Optional<Duration> notifyAfter,
        @Range("1m to 60d") Optional<Duration> expireAfter,
        @Range("0 to 10000000") Optional<Integer> messagesPerHour,
        @Range("0 to 10000000") Optional<Integer> recipientsPerHour,
        @Range("0 to 100000") Optional<Integer> domainsPerHour,
        @Range("0 to 1000000") Optional<Integer> rejectedRecipients) {

    /** The class of mail of a user, who may be empty, under this sender: his own, else that of the address, else of its domain. */
    static Optional<SenderClass> of(Config config, String user, Address sender) {
        if (config.senders().isEmpty()) {
            return Optional.empty();
        }
        String domain = sender.domain().map(d -> "@" + d.ascii()).orElse("");
        return named(config, key(user))
                .or(() -> named(config, sender.localKey()))
                .or(() -> named(config, domain));
    }

    private static Optional<SenderClass> named(Config config, String name) {
        return config.senders().values().stream()
                .filter(each -> !name.isEmpty() && each.who.stream().anyMatch(who -> key(who).equals(name)))
                .findFirst();
    }

    static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** What of {@code usual} holds for these. */
    OutboundSettings.Quota quota(OutboundSettings.Quota usual) {
        return new OutboundSettings.Quota(
                messagesPerHour.orElse(usual.messagesPerHour()),
                recipientsPerHour.orElse(usual.recipientsPerHour()),
                domainsPerHour.orElse(usual.domainsPerHour()));
    }

    OutboundSettings.Anomaly anomaly(OutboundSettings.Anomaly usual) {
        return new OutboundSettings.Anomaly(
                rejectedRecipients.orElse(usual.rejectedRecipients()),
                usual.rejectedShare(),
                usual.domains(),
                usual.refusals());
    }
}
