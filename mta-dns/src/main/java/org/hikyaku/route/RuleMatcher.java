package org.hikyaku.route;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.AddressPattern;
import org.hikyaku.config.Config;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.config.HeaderPattern;
import org.hikyaku.config.RouteRule;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.table.AddressSet;
import org.hikyaku.table.HostTable;
import org.hikyaku.table.RouteTables;

/**
 * One rule of {@code delivery.rules} with the files it names. Pure but for the header, which it reads last and only if all else
 * fits.
 *
 * <p><i>Failure:</i> a header that is not to be had is {@link Course.Target.Unknown}: what a rule forbids must not slip through.
 */
final class RuleMatcher {
    private final RouteRule rule;
    private final List<Domain> ours;
    private final List<AddressSet> from;
    private final List<AddressSet> to;
    private final Optional<HostTable> senderHosts;
    private final Optional<HostTable> recipientHosts;

    RuleMatcher(RouteRule rule, Config config, RouteTables tables) {
        this.rule = rule;
        this.ours = config.local().domains();
        this.from = sets(rule.from(), rule.fromFiles(), tables);
        this.to = sets(rule.to(), rule.toFiles(), tables);
        this.senderHosts = rule.senderHosts().flatMap(tables::hosts);
        this.recipientHosts = rule.recipientHosts().flatMap(tables::hosts);
    }

    private static List<AddressSet> sets(List<AddressPattern> items, List<Path> files, RouteTables tables) {
        List<AddressSet> sets = new ArrayList<>();
        if (!items.isEmpty()) {
            sets.add(AddressSet.of(items));
        }
        files.forEach(file -> sets.add(tables.addresses(file).orElseGet(() -> AddressSet.of(List.of()))));
        return sets;
    }

    /** What it says, if it fits; {@code usual} is where the mail would go without it. */
    Optional<Decision> decide(Asked asked, Course usual) {
        if ((!rule.namesRecipients() && !leavesHere(usual)) || !fits(asked)) {
            return Optional.empty();
        }
        Optional<HostTable.Found> host = senderHosts
                .flatMap(table -> table.find(asked.mail().sender()))
                .or(() -> recipientHosts.flatMap(table -> table.find(asked.recipient())));
        Optional<Course.Target> target = target(asked, usual, host);
        if (target.isEmpty()) {
            return Optional.empty();
        }
        String where = host.map(found -> found.where() + " by ").orElse("") + rule.place();
        if (!rule.headers().isEmpty()) {
            Optional<Course.Target> unknown = unknownHeader(asked.mail());
            if (unknown.isPresent()) {
                return Optional.of(new Decision(new Course(unknown.get()), where, true));
            }
            if (!fitsHeader(asked.mail())) {
                return Optional.empty();
            }
        }
        List<DeliverySettings.SmartHost> fallback = !rule.fallback().isEmpty()
                ? rule.fallback()
                : target.get().equals(usual.to()) || target.get() instanceof Course.Target.ByDns
                        ? usual.fallback()
                        : List.of();
        return Optional.of(new Decision(new Course(target.get(), rule.source(), fallback), where, true));
    }

    /** Whether mail for this recipient may go another way by it, whoever sends what. */
    boolean mayTurn(Address recipient) {
        boolean another = rule.ways() > 0 && !rule.mx();
        return another && (to.isEmpty() || to.stream().anyMatch(set -> set.holds(recipient)));
    }

    /** Mail for elsewhere, of which no other setting says a way of its own. */
    private static boolean leavesHere(Course usual) {
        return usual.to() instanceof Course.Target.ByDns
                || (usual.to() instanceof Course.Target.Fixed fixed
                        && fixed.name().equals(RouteRules.SMART_HOST));
    }

    private Optional<Course.Target> target(Asked asked, Course usual, Optional<HostTable.Found> host) {
        if (rule.senderHosts().isPresent() || rule.recipientHosts().isPresent()) {
            return host.map(found -> new Course.Target.Fixed("route", List.of(found.host())));
        }
        if (!rule.hosts().isEmpty()) {
            return Optional.of(new Course.Target.Fixed("route", rule.hosts()));
        }
        if (rule.agent().isPresent()) {
            return agent(rule.agent().get(), asked.recipient());
        }
        if (rule.fail().isPresent()) {
            return Optional.of(new Course.Target.Refused(rule.fail().get()));
        }
        if (rule.hold().isPresent()) {
            return asked.ruled()
                    ? Optional.empty()
                    : Optional.of(new Course.Target.Held(rule.hold().get()));
        }
        return rule.mx() ? asked.recipient().domain().map(Course.Target.ByDns::new) : Optional.of(usual.to());
    }

    /** Mailboxes are of our domains only. */
    private Optional<Course.Target> agent(String name, Address recipient) {
        boolean mailboxes = name.equals("maildir") || name.equals("mbox");
        boolean local = recipient.domain().map(ours::contains).orElse(true);
        return mailboxes && !local ? Optional.empty() : Optional.of(new Course.Target.Local(name));
    }

    private boolean fits(Asked asked) {
        Mail mail = asked.mail();
        return (from.isEmpty() || from.stream().anyMatch(set -> set.holds(mail.sender())))
                && (to.isEmpty() || to.stream().anyMatch(set -> set.holds(asked.recipient())))
                && (rule.users().isEmpty()
                        || (!mail.user().isEmpty()
                                && (rule.users().contains("*") || rule.users().contains(mail.user()))))
                && (rule.listeners().isEmpty() || rule.listeners().contains(mail.listener()))
                && rule.sizeMin().filter(least -> mail.size() < least).isEmpty()
                && rule.sizeMax().filter(most -> mail.size() > most).isEmpty()
                && (rule.clients().isEmpty() || fitsClient(mail.client()));
    }

    private boolean fitsClient(String client) {
        return IpLiteral.parseAddress(client)
                .filter(address -> rule.clients().stream().anyMatch(network -> network.contains(address)))
                .isPresent();
    }

    private Optional<Course.Target> unknownHeader(Mail mail) {
        if (!mail.head().isKnown()) {
            return Optional.of(new Course.Target.Unknown("its header is not read here"));
        }
        try {
            mail.head().has(rule.headers().getFirst());
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(new Course.Target.Unknown("the message cannot be read from the spool now"));
        }
    }

    private boolean fitsHeader(Mail mail) {
        for (HeaderPattern wanted : rule.headers()) {
            try {
                if (!mail.head().has(wanted)) {
                    return false;
                }
            } catch (IOException e) {
                throw new IllegalStateException("a header that was read is not there", e);
            }
        }
        return true;
    }
}
