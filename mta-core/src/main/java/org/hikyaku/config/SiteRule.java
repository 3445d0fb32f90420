package org.hikyaku.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What is known of a receiver, or wanted for it: docs/sites.md. What is left out is taken from {@code sites.any}, then from
 * the settings for all.
 *
 * @param domains recipients' domains that are this site; one with a leading dot also takes all below
 * @param mx names of hosts that are this site; a leading {@code *.} stands for all below
 * @param connections deliveries at the same time, at most
 * @param rates messages that are begun, at most
 * @param source the pool of addresses, by its name, that its mail leaves from
 * @param tls what connections to it need; not for hosts that the operator named, who says so beside their names
 * @param timeouts how long we wait for its hosts
 * @param replies what its replies mean; the first that fits counts
 */
public record SiteRule(
        List<String> domains,
        List<String> mx,
        @Range("1 to 1000") Optional<Integer> connections,
        List<Rate> rates,
        @Range("1 to 10000") Optional<Integer> messagesPerConnection,
        @Range("1 to 10000") Optional<Integer> recipientsPerTransaction,
        Optional<String> source,
        Optional<SiteTls> tls,
        Optional<SiteTimeouts> timeouts,
        List<ReplyRule> replies) {

    /** The rule that holds for every site what its own leaves out. */
    public static final String ANY = "any";

    /**
     * What a reply means. Fits when each criterion that is not empty fits.
     *
     * @param codes beginnings of the code: {@code 4}, {@code 421}
     * @param enhanced beginnings of the enhanced code: {@code 4.7.}
     * @param texts one of these stands in the reply, whatever the case
     * @param time for {@code suspend} and {@code retry_soon}
     */
    public record ReplyRule(
            List<String> codes,
            List<String> enhanced,
            List<String> texts,
            ReplyClass meaning,
            Then then,
            @Range("1s to 24h") Duration time) {
        public ReplyRule {
            texts = texts.stream().map(text -> text.toLowerCase(Locale.ROOT)).toList();
        }

        /** @param small the whole reply in small letters */
        boolean fits(String code, String status, String small) {
            return (codes.isEmpty() || codes.stream().anyMatch(code::startsWith))
                    && (enhanced.isEmpty() || enhanced.stream().anyMatch(wanted -> begins(status, wanted)))
                    && (texts.isEmpty() || texts.stream().anyMatch(small::contains));
        }

        /** {@code 4.7.2} is no beginning of {@code 4.7.28}; {@code 4.7.} is. */
        private static boolean begins(String status, String wanted) {
            boolean whole = wanted.matches("[0-9]\\.[0-9]+\\.[0-9]+");
            return whole ? status.equals(wanted) : status.startsWith(wanted);
        }
    }

    /** Why a receiver did not take a message, as far as its words tell. */
    public enum ReplyClass {
        /** Too much, too fast, too many connections. */
        RATE_LIMIT,
        /** It wants to see whether we come again. */
        GREYLIST,
        /** Our address or name is on a list. */
        BLOCKED,
        /** The message is taken for junk. */
        SPAM,
        /** A rule of the receiver's. */
        POLICY,
        /** SPF, DKIM or DMARC, or a login that is wanted. */
        AUTHENTICATION,
        MAILBOX_FULL,
        UNKNOWN_USER,
        /** Known, and takes no mail. */
        INACTIVE_USER,
        RELAY_DENIED,
        TOO_LARGE,
        /** A trouble of the receiver's own. */
        BUSY,
        OTHER
    }

    /** {@code required}: TLS with any certificate, or no delivery; {@code verified}: with one that holds for the host's name. */
    public enum SiteTls {
        NONE,
        OPPORTUNISTIC,
        REQUIRED,
        VERIFIED
    }

    /** As {@code delivery.timeouts}, which has what is left out. */
    public record SiteTimeouts(
            @Range("1s to 10m") Optional<Duration> connect,
            @Range("1s to 1h") Optional<Duration> greeting,
            @Range("1s to 1h") Optional<Duration> hello,
            @Range("1s to 1h") Optional<Duration> mail,
            @Range("1s to 1h") Optional<Duration> recipient,
            @Range("1s to 1h") Optional<Duration> dataStart,
            @Range("1s to 1h") Optional<Duration> dataBlock,
            @Range("1s to 1h") Optional<Duration> dataEnd) {}

    /** What follows. */
    public enum Then {
        AS_SAID,
        SLOW_DOWN,
        SUSPEND,
        RETRY_SOON,
        RETRY,
        FAIL
    }
}
