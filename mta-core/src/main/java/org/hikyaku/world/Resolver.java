package org.hikyaku.world;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.hikyaku.mail.Domain;

/** The DNS. A question blocks its task; every answer says what kind it is, so that 'no' and 'cannot tell' never mix. */
public interface Resolver {
    /** Asks, follows CNAMEs, caches by TTL. */
    Answer ask(Domain name, Type type);

    /** The types that are asked. */
    enum Type {
        A,
        AAAA,
        MX,
        TXT,
        TLSA,
        PTR
    }

    /** What came of a question. */
    sealed interface Answer {
        /**
         * At least one record.
         *
         * @param secure validated by DNSSEC
         */
        record Found(List<Data> records, Duration ttl, boolean secure) implements Answer {}

        /** The name does not exist (NXDOMAIN). */
        record NoName(boolean secure) implements Answer {}

        /** The name exists, without records of this type. */
        record NoData(boolean secure) implements Answer {}

        /** Not known now: try later. */
        record Unknown(Cause cause, String text) implements Answer {}
    }

    /** Why an answer is unknown. */
    enum Cause {
        SERVFAIL,
        TIMEOUT,
        /** DNSSEC says the answer is forged or broken. */
        BOGUS,
        REFUSED,
        /** An answer that cannot be read, a CNAME loop, no server configured. */
        BROKEN
    }

    /** One record. */
    sealed interface Data {
        record Ip(InetAddress address) implements Data {}

        /** {@code root}: the exchange is "." (null MX, RFC 7505 3); {@code exchange} is then meaningless. */
        record Mx(int preference, String exchange, boolean root) implements Data {}

        record Text(byte[] octets) implements Data {}

        record Tlsa(int usage, int selector, int matching, byte[] association) implements Data {}

        record Name(String target) implements Data {}
    }
}
