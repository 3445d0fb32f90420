package org.hikyaku.scenario;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** How a receiver behaves, always. The replies are those of servers that are in wide use. */
enum Kind {
    /** Answers at once. */
    FAST,
    /** Takes a second for each reply. */
    SLOW,
    /** Wants each sender and recipient to come a second time, five minutes later. */
    GREYLISTING,
    /** Takes 60 messages in a minute, and refuses what comes above that. */
    RATE_LIMITED,
    /** Serves three connections, and refuses further ones. */
    FEW_CONNECTIONS,
    /** Has two hosts of equal preference, which answer at once. */
    TWO_HOSTS,
    /** One of its two hosts, of equal preference, is silent. */
    HALF_DEAD,
    /** Offers STARTTLS and breaks over it. */
    TLS_BROKEN,
    /** Is silent: a connection neither comes about nor is refused. */
    DEAD;

    static final Duration THINKS = Duration.ofSeconds(1);
    static final Duration COME_AGAIN = Duration.ofMinutes(5);
    static final int PER_MINUTE = 60;
    static final int CONNECTIONS = 3;

    /** Of twenty sites, in this order. */
    private static final Kind[] TWENTY = {
        FAST,
        SLOW,
        FAST,
        GREYLISTING,
        FAST,
        RATE_LIMITED,
        FAST,
        SLOW,
        FAST,
        GREYLISTING,
        FAST,
        FEW_CONNECTIONS,
        FAST,
        HALF_DEAD,
        SLOW,
        TLS_BROKEN,
        GREYLISTING,
        RATE_LIMITED,
        FAST,
        DEAD
    };

    /** What the internet is like, in small. */
    static List<Kind> mixed(int sites) {
        return IntStream.range(0, sites)
                .mapToObj(i -> TWENTY[i % TWENTY.length])
                .toList();
    }

    boolean hasTwoHosts() {
        return this == TWO_HOSTS || this == HALF_DEAD;
    }
}
