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
 */
public record RecipientState(Status status, int attempts, Instant due, Diagnosis last, boolean noticed) {
    private static final Diagnosis NOTHING_YET = Diagnosis.ours("", "");

    public static RecipientState fresh(Instant due) {
        return new RecipientState(Status.PENDING, 0, due, NOTHING_YET, false);
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
