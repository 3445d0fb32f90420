package org.hikyaku.route;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.mail.Domain;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.Resolver.Answer;

/**
 * The addresses of a host, in the order in which they are tried: IPv6 before IPv4, each family in the resolver's order
 * (RFC 5321 5.1), a few of each so that both are there. Waits for the resolver.
 *
 * <p><i>Failure:</i> {@link Found.Unknown} when no address is known and one of the answers was not to be had; addresses of
 * one family are enough.
 */
final class HostFinder {
    private static final int ADDRESSES_PER_FAMILY_MAX = 4;

    private final Resolver resolver;
    private final boolean six;

    HostFinder(Resolver resolver, Config config) {
        this.resolver = resolver;
        this.six = config.delivery().ipv6() == DeliverySettings.Ipv6.PREFER;
    }

    /** What is known of a host. */
    sealed interface Found {
        record Addresses(List<InetAddress> addresses) implements Found {
            public Addresses {
                addresses = List.copyOf(addresses);
            }
        }

        /** It has none that can be used. */
        record None() implements Found {}

        record Unknown(Answer.Unknown why) implements Found {}
    }

    Found find(Domain host) {
        if (host.ascii().equals("localhost")) { // RFC 6761 6.3: never asked of the DNS
            return new Found.Addresses(List.of(InetAddress.getLoopbackAddress()));
        }
        List<InetAddress> all = new ArrayList<>();
        Answer first = six ? resolver.ask(host, Resolver.Type.AAAA) : new Answer.NoData(false);
        add(first, all);
        Answer second = resolver.ask(host, Resolver.Type.A);
        add(second, all);
        if (!all.isEmpty()) {
            return new Found.Addresses(all);
        }
        return second instanceof Answer.Unknown unknown
                ? new Found.Unknown(unknown)
                : first instanceof Answer.Unknown unknown ? new Found.Unknown(unknown) : new Found.None();
    }

    private static void add(Answer answer, List<InetAddress> all) {
        if (answer instanceof Answer.Found found) {
            found.records().stream()
                    .filter(Resolver.Data.Ip.class::isInstance)
                    .map(data -> ((Resolver.Data.Ip) data).address())
                    .filter(address -> !address.isMulticastAddress())
                    .limit(ADDRESSES_PER_FAMILY_MAX)
                    .forEach(all::add);
        }
    }
}
