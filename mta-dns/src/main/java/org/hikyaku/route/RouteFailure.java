package org.hikyaku.route;

/** Why there is no route; what follows from each is a row of {@code FailurePolicy}. */
public enum RouteFailure {
    /** The domain does not exist (NXDOMAIN). */
    NO_SUCH_DOMAIN,
    /** It exists and has neither MX nor address. */
    NO_ADDRESS,
    /** Null MX: the domain takes no mail (RFC 7505). */
    NULL_MX,
    /** Its best MX is this host, which does not serve the domain (RFC 5321 5.1). */
    MX_IS_US,
    /** All its MX hosts resolve to loopback, 0.0.0.0 or our own addresses. */
    MX_LOOPS,
    /** None of its MX hosts has an address. */
    MX_WITHOUT_ADDRESS,
    DNS_SERVFAIL,
    DNS_TIMEOUT,
    DNS_BOGUS,
    DNS_BROKEN,
    /** The pool of addresses that the mail is to leave from has none that can be used for these hosts. */
    NO_SOURCE,
    /** Each of them has sent what it may today. */
    SOURCES_REST,
    /** A rule asks for the header of the message, which cannot be read now. */
    MESSAGE_UNREADABLE
}
