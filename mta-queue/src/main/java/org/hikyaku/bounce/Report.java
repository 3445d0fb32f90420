package org.hikyaku.bounce;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.mail.Wishes;

/**
 * All that one notice tells.
 *
 * @param notice the id of the notice itself
 * @param to whom it is for
 * @param message the id of the message it is about
 * @param arrival when that came
 * @param retryUntil when we shall give up; of a delay only
 * @param wishes what its sender asked for
 */
public record Report(
        Kind kind,
        Domain hostname,
        SpoolId notice,
        Address to,
        Instant now,
        SpoolId message,
        Instant arrival,
        Optional<Instant> retryUntil,
        List<Affected> affected,
        Original original,
        Wishes wishes) {
    public Report {
        affected = List.copyOf(affected);
        if (affected.isEmpty() || to.isNull()) {
            throw new IllegalArgumentException("a notice about nobody or to nobody");
        }
    }

    /** What happened. */
    public enum Kind {
        FAILED,
        DELAYED,
        /** In the mailbox, or with a list (RFC 3461 5.2.3, 5.2.7.1). */
        DELIVERED,
        /** With a host that will not tell of it (RFC 3461 5.2.2). */
        RELAYED,
        /** Behind an alias of several (RFC 3461 5.2.7.3). */
        EXPANDED;

        /** Whether the sender wants to be told this of a recipient (RFC 3461 5.2). */
        public boolean isWanted(Notify notify) {
            return switch (this) {
                case FAILED -> notify.ofFailure();
                case DELAYED -> notify.ofDelay();
                case DELIVERED, RELAYED, EXPANDED -> notify.ofSuccess();
            };
        }
    }

    /**
     * One recipient and what was said of him at the last attempt.
     *
     * @param meaning the class of the reply, {@code mailbox_full}, or {@link #OPERATOR}; empty when it is not known
     */
    public record Affected(Recipient recipient, Diagnosis why, String meaning) {
        /** An operator here gave him up; why is in his words. */
        public static final String OPERATOR = "operator";

        public Affected(Recipient recipient, Diagnosis why) {
            this(recipient, why, "");
        }
    }

    /** How long the message has been here. */
    Duration age() {
        return Duration.between(arrival, now);
    }

    /** Whether this tells of addresses that only SMTPUTF8 can carry (RFC 6533). */
    boolean isInternational() {
        return to.isInternational()
                || affected.stream()
                        .map(Affected::recipient)
                        .anyMatch(r -> r.address().isInternational()
                                || r.original().isInternational()
                                || r.wanted().original().chars().anyMatch(c -> c >= 0x80));
    }
}
