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
import org.hikyaku.table.AddressKeys;
import org.hikyaku.table.AddressSet;
import org.hikyaku.table.DomainShare;
import org.hikyaku.table.HostTable;
import org.hikyaku.table.RouteTables;

/**
 * One rule of {@code delivery.rules} with the files it names. Pure but for the header. {@link MailRule} asks it about a message.
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

    /** Whether it is for this message, but for its header and recipients. */
    boolean fits(Mail mail, AddressKeys sender) {
        return (from.isEmpty() || from.stream().anyMatch(set -> set.holds(sender)))
                && (rule.users().isEmpty()
                        || (!mail.user().isEmpty()
                                && (rule.users().contains("*") || rule.users().contains(mail.user()))))
                && (rule.listeners().isEmpty() || rule.listeners().contains(mail.listener()))
                && rule.sizeMin().filter(least -> mail.size() < least).isEmpty()
                && rule.sizeMax().filter(most -> mail.size() > most).isEmpty()
                && (rule.clients().isEmpty() || fitsClient(mail.client()))
                && senderHosts.filter(table -> table.find(sender).isEmpty()).isEmpty();
    }

    /** The agent that it gives mail to. */
    Optional<String> agent() {
        return rule.agent();
    }

    /** Which recipients of {@code domain} it may be for. */
    DomainShare of(Domain domain) {
        DomainShare named = to.isEmpty() ? DomainShare.ALL : DomainShare.NONE;
        for (AddressSet each : to) {
            DomainShare share = each.of(domain);
            named = share.compareTo(named) > 0 ? share : named;
        }
        return named.and(recipientHosts.map(table -> table.of(domain)).orElse(DomainShare.ALL));
    }

    /** Whether it is for this recipient; {@code usual} is where the mail would go without it. */
    boolean fits(AddressKeys recipient, Course usual) {
        return (rule.namesRecipients() || leavesHere(usual))
                && (to.isEmpty() || to.stream().anyMatch(set -> set.holds(recipient)));
    }

    Optional<HostTable.Found> host(AddressKeys sender, AddressKeys recipient) {
        return senderHosts
                .flatMap(table -> table.find(sender))
                .or(() -> recipientHosts.flatMap(table -> table.find(recipient)));
    }

    String place() {
        return rule.place().toString();
    }

    Course course(Course.Target target, Course usual) {
        List<DeliverySettings.SmartHost> fallback = !rule.fallback().isEmpty()
                ? rule.fallback()
                : target.equals(usual.to()) || target instanceof Course.Target.ByDns ? usual.fallback() : List.of();
        return new Course(target, rule.source(), fallback);
    }

    /** Whether mail for this recipient may go another way by it, whoever sends what. */
    boolean mayTurn(AddressKeys recipient) {
        boolean another = rule.ways() > 0 && !rule.mx();
        return another && (to.isEmpty() || to.stream().anyMatch(set -> set.holds(recipient)));
    }

    /** Mail for elsewhere, of which no other setting says a way of its own. */
    private static boolean leavesHere(Course usual) {
        return usual.to() instanceof Course.Target.ByDns
                || (usual.to() instanceof Course.Target.Fixed fixed
                        && fixed.name().equals(RouteRules.SMART_HOST));
    }

    /** Where it sends the mail, if its way is one for it. */
    Optional<Course.Target> target(Asked asked, Course usual, Optional<HostTable.Found> host) {
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

    private boolean fitsClient(String client) {
        return IpLiteral.parseAddress(client)
                .filter(address -> rule.clients().stream().anyMatch(network -> network.contains(address)))
                .isPresent();
    }

    /** Why the header cannot be asked, if it is wanted and cannot. */
    Optional<Course.Target> unknownHeader(Mail mail) {
        if (rule.headers().isEmpty()) {
            return Optional.empty();
        }
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

    /** After {@link #unknownHeader}. */
    boolean fitsHeader(Mail mail) {
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
