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
 * @param replies what its replies mean; the first that fits counts
 */
public record SiteRule(
        List<String> domains,
        List<String> mx,
        @Range("1 to 1000") Optional<Integer> connections,
        List<Rate> rates,
        @Range("1 to 10000") Optional<Integer> messagesPerConnection,
        @Range("1 to 10000") Optional<Integer> recipientsPerTransaction,
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
