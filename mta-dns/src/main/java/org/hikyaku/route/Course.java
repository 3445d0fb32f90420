package org.hikyaku.route;

import java.util.List;
import java.util.Optional;
import org.hikyaku.config.DeliverySettings.SmartHost;
import org.hikyaku.mail.Domain;

/**
 * Where mail goes by the operator's word, before any question to the DNS; equal for what goes the same way.
 *
 * @param source the pool of addresses that it leaves from, if a rule says
 * @param fallback hosts for what cannot be brought there
 */
record Course(Target to, Optional<String> source, List<SmartHost> fallback) {
    Course {
        fallback = List.copyOf(fallback);
    }

    Course(Target to) {
        this(to, Optional.empty(), List.of());
    }

    Course(Target to, List<SmartHost> fallback) {
        this(to, Optional.empty(), fallback);
    }

    /** The end of it. */
    sealed interface Target {
        /** An agent of this host, by its name; {@code lmtp} is a host all the same. */
        record Local(String agent) implements Target {}

        /**
         * Hosts that the settings name, without MX.
         *
         * @param name {@code route} or {@code smarthost}
         */
        record Fixed(String name, List<SmartHost> hosts) implements Target {
            public Fixed {
                hosts = List.copyOf(hosts);
            }
        }

        /** Kept for a customer until he fetches it (RFC 2645). */
        record Kept(String customer) implements Target {}

        record ByDns(Domain domain) implements Target {}

        /** Nowhere: the reply that its sender reads. */
        record Refused(String reply) implements Target {}

        /** Nowhere yet: why an operator is to look at it. */
        record Held(String why) implements Target {}

        /** A rule could not be asked. */
        record Unknown(String why) implements Target {}
    }
}
