package org.hikyaku.config;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.DomainPattern;

/**
 * Mail for who is not always there.
 *
 * @param customers by name: who may have the mail of which domains sent to him
 * @param providers by name: who keeps mail for us
 */
public record OnDemandSettings(Map<String, Customer> customers, Map<String, Provider> providers) {
    /** Those that a client is. */
    public List<Map.Entry<String, Customer>> of(InetAddress remote, Optional<String> user) {
        return customers.entrySet().stream()
                .filter(each -> each.getValue().is(remote, user))
                .toList();
    }

    /**
     * Who keeps mail for us until we ask for it.
     *
     * @param domains as they are said to it: {@code example.com}, {@code @example.com}, {@code #queue}
     * @param ask how: {@code etrn}, it then connects to us (RFC 1985); {@code atrn}, mail comes over the same connection (RFC 2645)
     * @param every how often it is asked; empty: by command only
     */
    public record Provider(
            DeliverySettings.SmartHost server,
            Ask ask,
            List<String> domains,
            @Range("1m to 7d") Optional<Duration> every) {}

    /** How a provider is asked for mail. */
    public enum Ask {
        ETRN,
        ATRN
    }

    /**
     * Whom mail waits for.
     *
     * @param domains what may be asked for; they are named in {@code relay.domains} too, so that mail for them is taken
     * @param users who may ask, logged in
     * @param networks who may ask without a login, by ETRN
     * @param keep whether mail for the domains is kept until he fetches it by ATRN
     */
    public record Customer(List<DomainPattern> domains, List<String> users, List<Cidr> networks, boolean keep) {
        public Customer {
            users = users.stream().map(user -> user.toLowerCase(Locale.ROOT)).toList(); // as logins are
        }

        /** Whether mail for {@code domain} waits to be fetched. */
        public boolean keeps(Domain domain) {
            return keep && domains.stream().anyMatch(pattern -> pattern.holds(domain));
        }

        /** Whether {@code user} may fetch what is kept for {@code domain}. */
        public boolean mayFetch(Domain domain, String user) {
            return keeps(domain) && users.contains(user);
        }

        boolean is(InetAddress remote, Optional<String> user) {
            return user.filter(users::contains).isPresent()
                    || networks.stream().anyMatch(network -> network.contains(remote));
        }
    }
}
