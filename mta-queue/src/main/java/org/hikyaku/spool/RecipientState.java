package org.hikyaku.spool;

import java.time.Instant;
import org.hikyaku.mail.Diagnosis;

/**
 * How far one recipient is.
 *
 * @param attempts deliveries tried so far
 * @param due not to be tried before; meaningless once finished
 * @param last what the last attempt said; empty texts before the first
 * @param noticed a delay notice has been sent
 * @param ruled a rule of routes has held the message at an attempt for him: no rule holds it again
 */
public record RecipientState(Status status, int attempts, Instant due, Diagnosis last, boolean noticed, boolean ruled) {
    private static final Diagnosis NOTHING_YET = Diagnosis.ours("", "");

    /** Of a message that no rule has held. */
    public RecipientState(Status status, int attempts, Instant due, Diagnosis last, boolean noticed) {
        this(status, attempts, due, last, noticed, false);
    }

    public static RecipientState fresh(Instant due) {
        return new RecipientState(Status.PENDING, 0, due, NOTHING_YET, false);
    }

    /** The same, not to be tried before another time. */
    public RecipientState at(Instant time) {
        return new RecipientState(status, attempts, time, last, noticed, ruled);
    }

    /** The same, finished. */
    public RecipientState finished(Status how) {
        return new RecipientState(how, attempts, due, last, noticed, ruled);
    }

    /** The same, with what a rule did. */
    public RecipientState ruled(boolean now) {
        return new RecipientState(status, attempts, due, last, noticed, now);
    }

    /** Where it stands. */
    public enum Status {
        PENDING,
        DELIVERED,
        /** Failed for good; a bounce was committed with this, or none was owed. */
        FAILED,
        /** Replaced by others (redirect). */
        REPLACED;

        public boolean isFinished() {
            return this != PENDING;
        }
    }
}
