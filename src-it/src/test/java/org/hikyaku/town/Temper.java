package org.hikyaku.town;

/** How a destination behaves; a destination of the town has one, changes it by day, and is fair in the end. */
enum Temper {
    /** Takes everything, with STARTTLS, PIPELINING, 8BITMIME, SMTPUTF8. */
    FAIR,
    /** Takes everything, knows HELO only. */
    OLD,
    /** EHLO without 8BITMIME. */
    SEVEN_BIT,
    /** 450 for the first tries of each pair of sender and recipient. */
    GREYLISTING,
    /** 550 for some users, for good. */
    STRICT,
    /** 452 for every recipient. */
    FULL,
    /** 554 instead of a greeting. */
    CLOSED,
    /** 421 instead of a greeting. */
    BUSY,
    /** Closes at a place of the dialogue that chance picks. */
    DROPPING,
    /** Accepts the connection and says nothing. */
    MUTE,
    /** Answers in what is not SMTP. */
    GARBAGE,
    /** Offers STARTTLS and breaks the handshake. */
    TLS_BROKEN,
    /** Takes the message and closes before its answer. */
    FORGETFUL,
    /** 451 to MAIL. */
    MAIL_LATER,
    /** 550 to MAIL. */
    MAIL_NEVER,
    /** 554 after the final dot. */
    DATA_NEVER,
    /** 451 after the final dot. */
    DATA_LATER,
    /** 503 to DATA although recipients were taken. */
    DATA_REFUSED,
    /** SIZE 600: most letters are too large for it. */
    SMALL,
    /** Does not listen. */
    DEAD;

    /** Whether what it does to a letter may pass with time. */
    boolean isForNow() {
        return switch (this) {
            case GREYLISTING, FULL, BUSY, DROPPING, MUTE, GARBAGE, FORGETFUL, MAIL_LATER, DATA_LATER, DEAD -> true;
            default -> false;
        };
    }
}
