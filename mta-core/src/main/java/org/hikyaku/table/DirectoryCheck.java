package org.hikyaku.table;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.LocalSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;

/** What is wrong with aliases, catch-alls and postmaster taken together: loops, names of nobody, lists too long. */
final class DirectoryCheck {
    private final LocalDirectory directory;
    private final LocalSettings local;
    private final AliasFile aliases;
    private final List<AddressTable> virtual;
    private final List<String> problems;

    DirectoryCheck(
            LocalDirectory directory,
            LocalSettings local,
            AliasFile aliases,
            List<AddressTable> virtual,
            List<String> problems) {
        this.virtual = virtual;
        this.directory = directory;
        this.local = local;
        this.aliases = aliases;
        this.problems = problems;
    }

    void run() {
        aliases.all().forEach(this::alias);
        virtual.forEach(table -> {
            table.exactRules().forEach(this::rule);
            table.patternRules().forEach(each -> targets(each.rule(), directory.firstDomain()));
        });
        local.catchAll().forEach((name, to) -> {
            Optional<Domain> domain = Domain.parse(name);
            if (domain.isEmpty() || !directory.isLocal(domain.get())) {
                problems.add("local.catch_all: " + name + " is not in local.domains");
            }
            known("local.catch_all: " + name, to);
        });
        local.postmaster().ifPresent(to -> known("local.postmaster", to));
        postmaster();
    }

    private void alias(Alias alias) {
        Domain domain = AliasFile.domainOf(alias).orElse(directory.firstDomain());
        boolean bare = !alias.name().contains("@");
        if (!bare && !directory.isLocal(domain)) {
            problems.add(alias.where() + ": " + domain + " of " + alias.name() + " is not in local.domains");
            return;
        }
        for (Alias.Destination to : alias.to()) {
            known(to.where() + ": " + alias.name(), directory.meant(to, domain));
        }
        Address asked = bare ? Address.of(alias.name(), domain) : Address.of(alias.name());
        ends(asked, alias.where(), alias.name());
    }

    /** No way round without a mailbox on it, and not too many ends. */
    private void ends(Address asked, String where, String name) {
        Following following = new Following(directory, Address.NULL, local.expansionMax(), Steps.NONE);
        following.follow(asked);
        String loop = following.loop(asked);
        if (!loop.isEmpty()) {
            problems.add(where + ": aliases go round: " + loop);
        }
        if (following.tooMany()) {
            problems.add(where + ": " + name + " leads to more than local.expansion_max = " + local.expansionMax()
                    + " addresses");
        }
    }

    private void rule(AddressTable.Rule rule) {
        Optional<Domain> domain = Domain.parse(rule.key().substring(rule.key().lastIndexOf('@') + 1));
        if (domain.isEmpty() || !directory.isLocal(domain.get())) {
            problems.add(rule.where() + ": " + rule.key() + " is not in local.domains");
            return;
        }
        targets(rule, domain.get());
        if (!rule.key().startsWith("@")) {
            Address.parse(rule.key()).ifPresent(asked -> ends(asked, rule.where(), rule.key()));
        }
    }

    private void targets(AddressTable.Rule rule, Domain domain) {
        for (AddressTable.Target target : rule.to()) {
            if (target instanceof AddressTable.Target.Fixed(Alias.Destination to)) {
                known(to.where() + ": " + rule.key(), directory.meant(to, domain));
            }
        }
    }

    private void known(String where, Address to) {
        if (directory.find(to, Address.NULL, Found.Layer.ALL) instanceof Found.Nobody) {
            problems.add(where + ": " + to + " is neither a user nor an alias");
        }
    }

    /** RFC 5321 4.5.1: mail for postmaster is always taken, so it must go somewhere. */
    private void postmaster() {
        Set<Domain> domains = new LinkedHashSet<>(local.domains());
        domains.add(directory.firstDomain());
        List<String> homeless = domains.stream()
                .filter(domain -> directory.find(Address.of("postmaster", domain), Address.NULL, Found.Layer.ALL)
                        instanceof Found.Nobody)
                .map(domain -> "postmaster@" + domain)
                .toList();
        if (!homeless.isEmpty()) {
            problems.add("local.postmaster: mail for " + String.join(", ", homeless) + " has no place to go;"
                    + " set it, or add `postmaster: name` to the aliases file");
        }
    }
}
