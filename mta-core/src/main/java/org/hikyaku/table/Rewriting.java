package org.hikyaku.table;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.AddressSettings;
import org.hikyaku.config.Cidr;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.world.Disk;

/**
 * What addresses are called to the world: one becomes one, once, by the tables of {@code addresses.sender_canonical} and
 * {@code recipient_canonical} and by {@code addresses.masquerade}. Senders are rewritten in mail of our own users and
 * hosts only; recipients in local domains in all mail, but never to elsewhere, so that no relay opens.
 *
 * <p><i>Failure:</i> none; what is no sound line was told when the files were read.
 */
public final class Rewriting {
    private final boolean headers;
    private final AddressSettings.Masquerade masquerade;
    private final Set<Domain> localDomains;
    private final List<Cidr> ownNetworks;
    private final List<AddressTable> senders = new ArrayList<>(0);
    private final List<AddressTable> recipients = new ArrayList<>(0);
    private final Set<String> exceptUsers = new LinkedHashSet<>();

    private Rewriting(
            boolean headers, AddressSettings.Masquerade masquerade, List<Domain> localDomains, List<Cidr> ownNetworks) {
        this.headers = headers;
        this.masquerade = masquerade;
        this.localDomains = new LinkedHashSet<>(localDomains);
        this.ownNetworks = ownNetworks;
        masquerade.exceptUsers().forEach(user -> exceptUsers.add(user.toLowerCase(Locale.ROOT)));
    }

    /** Nothing is called otherwise. */
    static Rewriting none() {
        return new Rewriting(false, AddressSettings.Masquerade.NONE, List.of(), List.of());
    }

    /** Reads the tables, adding what is wrong to {@code problems}. Waits for the disk. */
    static Rewriting load(Config config, Disk disk, List<String> problems) {
        AddressSettings rules = config.addresses();
        Rewriting rewriting = new Rewriting(
                rules.headers(),
                rules.masquerade(),
                config.local().domains(),
                config.relay().trustedNetworks());
        rules.senderCanonical().forEach(file -> rewriting.senders.add(table(config, disk, file, problems)));
        rules.recipientCanonical().forEach(file -> rewriting.recipients.add(table(config, disk, file, problems)));
        List<AddressTable> recipients = rewriting.recipients;
        recipients.forEach(table -> table.exactRules().forEach(rule -> rewriting.check(rule, problems)));
        return rewriting;
    }

    private static AddressTable table(Config config, Disk disk, Path file, List<String> problems) {
        return AddressTableReader.read(
                disk, file, AddressTableReader.Use.CANONICAL, config.local().domains()::contains, problems);
    }

    private void check(AddressTable.Rule rule, List<String> problems) {
        Optional<Domain> from = Domain.parse(rule.key().substring(rule.key().lastIndexOf('@') + 1));
        for (AddressTable.Target target : rule.to()) {
            Optional<Domain> to = switch (target) {
                case AddressTable.Target.Fixed(Alias.Destination fixed) ->
                    fixed.address().flatMap(Address::domain);
                case AddressTable.Target.SameLocal(Domain domain) -> Optional.of(domain);
                case AddressTable.Target.Captured captured -> Optional.empty();
            };
            if (from.filter(localDomains::contains).isPresent() && to.isPresent() && !localDomains.contains(to.get())) {
                problems.add(
                        rule.where() + ": " + rule.key() + " is ours and would go elsewhere; what is passed on stands"
                                + " in a table of addresses.virtual");
            }
        }
    }

    /**
     * Whether mail is of our own users and hosts.
     *
     * @param user the login, or empty
     * @param client the address it came from, or empty
     */
    public boolean isOurs(String user, String client) {
        return !user.isEmpty()
                || IpLiteral.parseAddress(client).filter(this::isOwn).isPresent();
    }

    /** The same of a session. */
    public boolean isOurs(Optional<String> user, InetAddress client) {
        return user.isPresent() || isOwn(client);
    }

    private boolean isOwn(InetAddress client) {
        return ownNetworks.stream().anyMatch(network -> network.contains(client));
    }

    /** Whether headers of our own mail are to be rewritten, and there is anything to do it by. */
    public boolean ofHeaders() {
        return headers
                && !(senders.isEmpty()
                        && recipients.isEmpty()
                        && masquerade.domains().isEmpty());
    }

    /** What a sender in the header of mail of ours is called. */
    public Address shownSender(Address sender) {
        return sender(sender, Steps.NONE);
    }

    /** What a recipient in the header of mail of ours is called. */
    public Address shownRecipient(Address recipient) {
        return masqueraded(recipient(recipient, Address.NULL, true, Steps.NONE));
    }

    /** What {@code sender} of mail of ours is called. */
    public Address sender(Address sender, Steps steps) {
        if (sender.isNull() || sender.domain().isEmpty()) {
            return sender;
        }
        Address called = canonical(senders, sender, Address.NULL, "sender-canonical", steps);
        Address shown = masqueraded(called);
        if (!shown.equals(called)) {
            steps.step(called, "masquerade", "addresses.masquerade", List.of(shown));
        }
        return shown;
    }

    /**
     * What {@code recipient} is called.
     *
     * @param ours whether the mail is of our own users and hosts: else only our own addresses are looked at
     */
    public Address recipient(Address recipient, Address sender, boolean ours, Steps steps) {
        boolean local = recipient.domain().filter(localDomains::contains).isPresent();
        if (recipient.domain().isEmpty() || (!local && !ours)) {
            return recipient;
        }
        Address called = canonical(recipients, recipient, sender, "recipient-canonical", steps);
        return local && !localDomains.contains(called.requireDomain()) ? recipient : called;
    }

    private static Address canonical(
            List<AddressTable> tables, Address address, Address sender, String rule, Steps steps) {
        for (AddressTable table : tables) {
            Optional<AddressTable.Hit> hit = table.find(address, sender).or(() -> table.ofDomain(address, sender));
            if (hit.isPresent() && !hit.get().to().isEmpty()) {
                Address to = hit.get().to().getFirst().address().orElse(address);
                steps.step(address, rule, hit.get().where(), List.of(to));
                return to;
            }
        }
        return address;
    }

    /** A host's name below one of our domains is left out, unless that host has mail of its own. */
    private Address masqueraded(Address address) {
        Domain host = address.requireDomain();
        boolean kept = exceptUsers.contains(address.local().toLowerCase(Locale.ROOT))
                || localDomains.contains(host)
                || masquerade.exceptHosts().stream().anyMatch(but -> isOrBelow(host, but));
        if (kept) {
            return address;
        }
        return masquerade.domains().stream()
                .filter(domain -> !domain.equals(host) && isOrBelow(host, domain))
                .findFirst()
                .map(address::withDomain)
                .orElse(address);
    }

    private static boolean isOrBelow(Domain host, Domain domain) {
        return host.equals(domain) || (!host.isLiteral() && host.ascii().endsWith("." + domain.ascii()));
    }
}
