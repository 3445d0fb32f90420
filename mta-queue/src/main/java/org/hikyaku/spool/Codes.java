package org.hikyaku.spool;

import org.hikyaku.mail.Envelope;

/** THE numbers that stand for words on disk; never changed, only added to. */
final class Codes {
    private Codes() {}

    static int of(RecipientState.Status status) {
        return switch (status) {
            case PENDING -> 0;
            case DELIVERED -> 1;
            case FAILED -> 2;
            case REPLACED -> 3;
        };
    }

    static RecipientState.Status status(int code) throws Damaged {
        return switch (code) {
            case 0 -> RecipientState.Status.PENDING;
            case 1 -> RecipientState.Status.DELIVERED;
            case 2 -> RecipientState.Status.FAILED;
            case 3 -> RecipientState.Status.REPLACED;
            default -> throw new Damaged("a status of no known kind: " + code);
        };
    }

    static int of(Origin.Kind door) {
        return switch (door) {
            case SMTP -> 0;
            case SUBMISSION -> 1;
            case LMTP -> 2;
            case LOCAL -> 3;
            case NOTICE -> 4;
        };
    }

    static Origin.Kind door(int code) throws Damaged {
        return switch (code) {
            case 0 -> Origin.Kind.SMTP;
            case 1 -> Origin.Kind.SUBMISSION;
            case 2 -> Origin.Kind.LMTP;
            case 3 -> Origin.Kind.LOCAL;
            case 4 -> Origin.Kind.NOTICE;
            default -> throw new Damaged("an origin of no known kind: " + code);
        };
    }

    /** 0 to 9 as they are, -1 to -9 as 10 to 18. */
    static int ofPriority(int priority) {
        return priority >= 0 ? priority : Envelope.PRIORITY_MAX - priority;
    }

    static int priority(int code) throws Damaged {
        if (code > 2 * Envelope.PRIORITY_MAX) {
            throw new Damaged("a priority of no known kind: " + code);
        }
        return code <= Envelope.PRIORITY_MAX ? code : Envelope.PRIORITY_MAX - code;
    }
}
