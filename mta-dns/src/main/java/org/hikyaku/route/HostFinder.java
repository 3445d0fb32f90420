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
 * The addresses of a host, in the order in which they are tried: one of each family in turn (RFC 8305 4), the family that
 * is preferred first, each in the resolver's order (RFC 5321 5.1), a few of each so that both are there. Waits for the
 * resolver.
 *
 * <p><i>Failure:</i> {@link Found.Unknown} when no address is known and one of the answers was not to be had; addresses of
 * one family are enough.
 */
final class HostFinder {
    private static final int ADDRESSES_PER_FAMILY_MAX = 4;

    private final Resolver resolver;
    private final DeliverySettings.Ipv6 six;

    HostFinder(Resolver resolver, Config config) {
        this.resolver = resolver;
        this.six = config.delivery().ipv6();
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
        Answer first =
                six == DeliverySettings.Ipv6.OFF ? new Answer.NoData(false) : resolver.ask(host, Resolver.Type.AAAA);
        Answer second = resolver.ask(host, Resolver.Type.A);
        List<InetAddress> sixes = addresses(first);
        List<InetAddress> fours = addresses(second);
        List<InetAddress> all = six == DeliverySettings.Ipv6.PREFER ? inTurn(sixes, fours) : inTurn(fours, sixes);
        if (!all.isEmpty()) {
            return new Found.Addresses(all);
        }
        return second instanceof Answer.Unknown unknown
                ? new Found.Unknown(unknown)
                : first instanceof Answer.Unknown unknown ? new Found.Unknown(unknown) : new Found.None();
    }

    private static List<InetAddress> addresses(Answer answer) {
        return answer instanceof Answer.Found found
                ? found.records().stream()
                        .filter(Resolver.Data.Ip.class::isInstance)
                        .map(data -> ((Resolver.Data.Ip) data).address())
                        .filter(address -> !address.isMulticastAddress())
                        .limit(ADDRESSES_PER_FAMILY_MAX)
                        .toList()
                : List.of();
    }

    private static List<InetAddress> inTurn(List<InetAddress> preferred, List<InetAddress> others) {
        List<InetAddress> all = new ArrayList<>(preferred.size() + others.size());
        for (int i = 0; i < ADDRESSES_PER_FAMILY_MAX; i++) {
            for (List<InetAddress> family : List.of(preferred, others)) {
                if (i < family.size()) {
                    all.add(family.get(i));
                }
            }
        }
        return all;
    }
}
