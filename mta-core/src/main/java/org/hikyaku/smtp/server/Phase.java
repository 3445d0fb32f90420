package org.hikyaku.smtp.server;

/** Where a session is. */
enum Phase {
    /** Before the greeting. */
    CONNECTED,
    /** Greeted with 554: only QUIT (RFC 5321 3.1). */
    REFUSED,
    /** Greeted, no EHLO yet; again after STARTTLS. */
    GREETED,
    /** Between transactions. */
    IDLE,
    /** MAIL was taken. */
    SENDER,
    /** At least one RCPT was taken. */
    RECIPIENTS,
    /** 354 was sent, or the octets of a BDAT are coming. */
    DATA,
    /** A BDAT was taken that was not the last (RFC 3030 2). */
    CHUNKS,
    /** In the dialog of AUTH. */
    AUTH,
    CLOSED
}
