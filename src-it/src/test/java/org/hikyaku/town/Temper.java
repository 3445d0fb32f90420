package org.hikyaku.town;

import java.util.List;
import java.util.stream.Stream;

/** How a destination behaves; it changes with the hours, and is fair in the end. */
enum Temper {
    /** Takes everything, with STARTTLS, PIPELINING, 8BITMIME, SMTPUTF8. */
    FAIR,
    /** Takes everything, knows HELO only. */
    OLD,
    /** Takes everything by BDAT too, and puts off some of it in the middle of a message. */
    CHUNKED,
    /** Takes everything one command at a time: hangs up on pipelined ones and knows no BDAT, though it offers both. */
    BOASTFUL,
    /** EHLO without 8BITMIME and SMTPUTF8. */
    SEVEN_BIT,
    /** 450 for the first try of each pair of sender and recipient. */
    GREYLISTING,
    /** 550 for some users, for good. */
    STRICT,
    /** 452 4.2.2 for every recipient. */
    FULL,
    /** 452 4.5.3 for every recipient but the first, in some sessions for him, too. */
    ONE_BY_ONE,
    /** 554 instead of a greeting. */
    CLOSED,
    /** 521 instead of a greeting (RFC 7504). */
    GONE,
    /** 421 instead of a greeting. */
    BUSY,
    /** 450 instead of a greeting. */
    NOT_YET,
    /** 450 to EHLO. */
    HELLO_LATER,
    /** 550 to EHLO and HELO. */
    HELLO_NEVER,
    /** Closes at a place of the dialogue that chance picks. */
    DROPPING,
    /** Accepts the connection and says nothing. */
    MUTE,
    /** Says nothing any more at a place of the dialogue that chance picks. */
    FALLING_SILENT,
    /** Answers in what is not SMTP. */
    GARBAGE,
    /** Offers STARTTLS and breaks the handshake. */
    TLS_BROKEN,
    /** Takes the message and closes before its answer. */
    FORGETFUL,
    /** Takes the message and never answers. */
    SILENT_AFTER_DOT,
    /** 451 to MAIL. */
    MAIL_LATER,
    /** 550 to MAIL. */
    MAIL_NEVER,
    /** 451 to DATA. */
    DATA_LATER,
    /** 554 to DATA although recipients were taken. */
    DATA_REFUSED,
    /** 451 after the final dot. */
    MESSAGE_LATER,
    /** 554 after the final dot. */
    MESSAGE_NEVER,
    /** SIZE 600: most letters are too large for it. */
    SMALL,
    /** Hangs up at once. */
    DEAD,

    // Of the gates: smart hosts that want TLS and a login.
    /** STARTTLS, a right certificate, AUTH PLAIN. */
    GATE_OPEN(true),
    /** 535 to AUTH. */
    GATE_WRONG_PASSWORD(true),
    /** 454 to AUTH. */
    GATE_AUTH_LATER(true),
    /** Offers SCRAM alone and cannot prove that it knows the password. */
    GATE_FALSE(true),
    /** Offers no AUTH. */
    GATE_WITHOUT_AUTH(true),
    /** Offers no STARTTLS. */
    GATE_WITHOUT_TLS(true),
    /** 454 to STARTTLS. */
    GATE_REFUSING_TLS(true),
    /** A certificate of another name. */
    GATE_WRONG_NAME(true);

    private static final List<Temper> GATES =
            Stream.of(values()).filter(Temper::isGate).toList();
    private static final List<Temper> DESTINATIONS =
            Stream.of(values()).filter(each -> !each.gate).toList();

    private final boolean gate;

    Temper() {
        this(false);
    }

    Temper(boolean gate) {
        this.gate = gate;
    }

    boolean isGate() {
        return gate;
    }

    /** Those of smart hosts. */
    static List<Temper> gates() {
        return GATES;
    }

    /** Those of everybody else. */
    static List<Temper> destinations() {
        return DESTINATIONS;
    }
}
