package org.hikyaku.spool;

import java.time.Instant;
import org.hikyaku.mail.Diagnosis;

/**
 * How far one recipient is.
 *
 * @param attempts deliveries tried so far, without those in vain that an operator brought forward
 * @param due not to be tried before; meaningless once finished
 * @param last what the last attempt said; empty texts before the first
 * @param noticed a delay notice has been sent
 * @param ruled a rule of routes has held the message at an attempt for him: no rule holds it again
 * @param hurried the next attempt comes before its time because an operator wants it: in vain, it does not lengthen the waits
 */
public record RecipientState(
        Status status, int attempts, Instant due, Diagnosis last, boolean noticed, boolean ruled, boolean hurried) {
    private static final Diagnosis NOTHING_YET = Diagnosis.ours("", "");

    /** Of a message that no rule has held. */
    public RecipientState(Status status, int attempts, Instant due, Diagnosis last, boolean noticed) {
        this(status, attempts, due, last, noticed, false);
    }

    /** One that comes at its time. */
    public RecipientState(Status status, int attempts, Instant due, Diagnosis last, boolean noticed, boolean ruled) {
        this(status, attempts, due, last, noticed, ruled, false);
    }

    public static RecipientState fresh(Instant due) {
        return new RecipientState(Status.PENDING, 0, due, NOTHING_YET, false);
    }

    /** The same, not to be tried before another time; {@code hurry}: one that an operator has brought forward. */
    public RecipientState at(Instant time, boolean hurry) {
        return new RecipientState(status, attempts, time, last, noticed, ruled, hurry);
    }

    /** How often it will have been tried if the next attempt is in vain. */
    public int attemptsInVain() {
        return hurried && attempts > 0 ? attempts : attempts + 1;
    }

    /** The same, finished. */
    public RecipientState finished(Status how) {
        return new RecipientState(how, attempts, due, last, noticed, ruled, hurried);
    }

    /** The same, with what a rule did. */
    public RecipientState ruled(boolean now) {
        return new RecipientState(status, attempts, due, last, noticed, now, hurried);
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
