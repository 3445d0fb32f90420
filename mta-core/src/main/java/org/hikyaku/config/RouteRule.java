package org.hikyaku.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.hikyaku.config.DeliverySettings.SmartHost;

/**
 * One of {@code delivery.rules}: which mail it is for, which way that goes, and what goes along; docs/routes.md. It fits when each
 * criterion that it names fits; of a list one item is enough, of {@code headers} all are needed. The first rule that fits counts.
 *
 * @param place where it is written
 * @param from senders
 * @param fromFiles files of senders, one item a line
 * @param to recipients; a rule without leaves alone what ends here, waits for a customer, or has an entry of {@code delivery.routes}
 * @param toFiles files of recipients
 * @param users logins; {@code *} is any
 * @param clients networks that the message came from
 * @param listeners names of listeners that it came by
 * @param sizeMin octets, at least
 * @param sizeMax octets, at most
 * @param headers fields of its header
 * @param hosts the way: these, in their order
 * @param senderHosts the way: a file of hosts for senders; who is not in it, is not meant
 * @param recipientHosts the way: a file of hosts for recipients
 * @param agent the way: an agent of this host
 * @param fail no way: the reply that the sender reads
 * @param hold no way yet: why it is held until an operator releases it
 * @param mx the way: the MX of the recipient's domain, though there is {@code delivery.smart_host}
 * @param source the pool of addresses, by its name, that it leaves from
 * @param fallback hosts for what cannot be brought to its own
 */
public record RouteRule(
        Place place,
        List<AddressPattern> from,
        List<Path> fromFiles,
        List<AddressPattern> to,
        List<Path> toFiles,
        List<String> users,
        List<Cidr> clients,
        List<String> listeners,
        @Range("0B to 2047MiB") Optional<Integer> sizeMin,
        @Range("0B to 2047MiB") Optional<Integer> sizeMax,
        List<HeaderPattern> headers,
        List<SmartHost> hosts,
        Optional<Path> senderHosts,
        Optional<Path> recipientHosts,
        Optional<String> agent,
        Optional<String> fail,
        Optional<String> hold,
        boolean mx,
        Optional<String> source,
        List<SmartHost> fallback) {
    public RouteRule {
        users = users.stream().map(user -> user.toLowerCase(Locale.ROOT)).toList(); // as logins are
    }

    /** Whether it says for which recipients it is. */
    public boolean namesRecipients() {
        return !to.isEmpty() || !toFiles.isEmpty() || recipientHosts.isPresent();
    }

    /** Whether there is more to it than is written here. */
    public boolean namesFiles() {
        return !fromFiles.isEmpty() || !toFiles.isEmpty() || senderHosts.isPresent() || recipientHosts.isPresent();
    }

    /** How many ways it names; without any, its mail goes as it would. */
    public int ways() {
        return (hosts.isEmpty() ? 0 : 1)
                + (senderHosts.isPresent() ? 1 : 0)
                + (recipientHosts.isPresent() ? 1 : 0)
                + (agent.isPresent() ? 1 : 0)
                + (fail.isPresent() ? 1 : 0)
                + (hold.isPresent() ? 1 : 0)
                + (mx ? 1 : 0);
    }
}
