package org.hikyaku.table;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.world.Disk;

/**
 * Who lives here: an immutable snapshot of the local domains, aliases and catch-alls, beside the list of users, which
 * is asked anew each time.
 *
 * <p>A user is listed as a whole address, or as a bare name that is one person in every local domain. The first that
 * fits is taken: alias of the whole address, user of the whole address, alias of the bare name, user of the bare
 * name; then the same without the tag of a sub-address; then, for postmaster, {@code local.postmaster} (RFC 5321
 * 4.5.1); then the domain's catch-all. No case in local parts.
 *
 * <p><i>Failure:</i> nothing here waits or throws; what is wrong in the files was told by {@link #load}. A loop of
 * aliases that slipped through ends where it closes.
 */
public final class LocalDirectory {
    private static final int DEPTH_MAX = 50;

    private final Config.Local local;
    private final Domain hostname;
    private final Predicate<String> users;
    private final AliasFile aliases;
    private final Set<Domain> domains;
    private final Map<Domain, Address> catchAll = new LinkedHashMap<>();

    /** What an address stands for. */
    public sealed interface Resolution {
        /** Its domain is not ours. */
        record NotLocal() implements Resolution {}

        /**
         * A user's mailbox.
         *
         * @param user the name in the list of users, lower case: the login
         * @param address as it was asked, with its tag
         * @param home the mailbox: {@code local.maildir_root/domain/local}; of a bare user in the first local domain
         */
        record Mailbox(String user, Address address, Address home) implements Resolution {}

        /**
         * An alias, followed to its end.
         *
         * @param to mailboxes here and addresses elsewhere, each once
         * @param owner where failures are told instead of the sender: {@code owner-name}, if there is that alias
         */
        record Expanded(List<Address> to, Optional<Address> owner) implements Resolution {
            public Expanded {
                to = List.copyOf(to);
            }
        }

        /** Our domain, nobody there. */
        record Unknown() implements Resolution {}
    }

    /**
     * What {@link #load} made.
     *
     * @param problems one text each, with file and line or the setting; with any of them the directory is not for use
     */
    public record Loaded(LocalDirectory directory, List<String> problems) {
        public Loaded {
            problems = List.copyOf(problems);
        }
    }

    private LocalDirectory(Domain hostname, Config.Local local, Predicate<String> users, AliasFile aliases) {
        this.local = local;
        this.hostname = hostname;
        this.users = users;
        this.aliases = aliases;
        this.domains = new LinkedHashSet<>(local.domains());
        local.catchAll().forEach((name, to) -> Domain.parse(name).ifPresent(domain -> catchAll.put(domain, to)));
    }

    /**
     * Reads the aliases file and looks for what is wrong. Waits for the disk.
     *
     * @param users whether this name, in lower case, is in the list of users; asked at any time, must not wait
     */
    public static Loaded load(Domain hostname, Config.Local local, Predicate<String> users, Disk disk) {
        List<String> problems = new ArrayList<>();
        AliasFile aliases = local.aliases()
                .map(file -> AliasFile.read(disk, file, problems))
                .orElseGet(() -> AliasFile.none(disk));
        LocalDirectory directory = new LocalDirectory(hostname, local, users, aliases);
        new DirectoryCheck(directory, local, aliases, problems).run();
        return new Loaded(directory, problems);
    }

    /** Whether mail for {@code domain} ends here. */
    public boolean isLocal(Domain domain) {
        return domains.contains(domain);
    }

    /** The domain a bare {@code postmaster} gets. */
    public Domain firstDomain() {
        return local.domains().isEmpty() ? hostname : local.domains().getFirst();
    }

    /** What {@code address} stands for; the bare postmaster too. */
    public Resolution resolve(Address address) {
        if (address.isNull()) {
            return new Resolution.NotLocal();
        }
        Address asked = address.domain().isPresent() ? address : address.withDomain(firstDomain());
        return switch (find(asked)) {
            case Found.Elsewhere e -> new Resolution.NotLocal();
            case Found.Nobody n -> new Resolution.Unknown();
            case Found.Box box -> new Resolution.Mailbox(box.user, asked, box.home);
            case Found.Forward f -> expanded(asked, new Alias("", f.to, ""));
            case Found.Aliased a -> expanded(asked, a.alias);
        };
    }

    /**
     * The mailbox that {@code address} names once intake has followed the aliases: aliases, catch-all and postmaster
     * are not looked at again. For final delivery; empty when there is no such user.
     */
    public Optional<Resolution.Mailbox> mailbox(Address address) {
        Found found = isLocal(address.requireDomain()) ? mailboxOf(address) : new Found.Elsewhere();
        if (found instanceof Found.Nobody) {
            found = untagged(address).map(this::mailboxOf).orElse(found);
        }
        return found instanceof Found.Box box
                ? Optional.of(new Resolution.Mailbox(box.user, address, box.home))
                : Optional.empty();
    }

    private Resolution expanded(Address asked, Alias alias) {
        Expansion expansion = new Expansion();
        expansion.follow(alias, asked);
        return expansion.out.isEmpty()
                ? new Resolution.Unknown()
                : new Resolution.Expanded(List.copyOf(expansion.out.values()), owner(alias, asked));
    }

    private Optional<Address> owner(Alias alias, Address asked) {
        if (alias.name().isEmpty() || alias.name().startsWith("owner-")) {
            return Optional.empty();
        }
        int at = alias.name().lastIndexOf('@');
        Address owner =
                asked.withLocal("owner-" + (at < 0 ? alias.name() : alias.name().substring(0, at)));
        return exact(owner) instanceof Found.Nobody ? Optional.empty() : Optional.of(owner);
    }

    /** What two addresses share when a copy for one is a copy for the other; case counts only elsewhere. */
    public String keyOf(Address address) {
        boolean ours = address.domain().map(this::isLocal).orElse(true);
        return ours ? address.localKey() : address.toString();
    }

    /** One step: what the tables say of an address, nothing followed. */
    sealed interface Found {
        record Elsewhere() implements Found {}

        record Nobody() implements Found {}

        record Box(String user, Address home) implements Found {}

        record Aliased(Alias alias) implements Found {}

        record Forward(List<Alias.Destination> to) implements Found {}
    }

    Found find(Address address) {
        Domain domain = address.requireDomain();
        if (!isLocal(domain) && !(address.isPostmaster() && domain.equals(hostname))) {
            return new Found.Elsewhere();
        }
        Found found = exactOrTagged(address);
        boolean here = isLocal(domain);
        if (!here && found instanceof Found.Box box) {
            // the host's postmaster, a user: his mail goes to a domain that is delivered here, or the address would
            // loop
            found = isLocal(box.home.requireDomain()) ? forward(box.home) : new Found.Nobody();
        }
        if (!(found instanceof Found.Nobody)) {
            return found;
        }
        Optional<Address> last = address.isPostmaster() ? local.postmaster() : Optional.empty();
        return last.or(() -> Optional.ofNullable(catchAll.get(domain)))
                .filter(to -> !to.localKey().equals(address.localKey()))
                .map(LocalDirectory::forward)
                .orElse(found);
    }

    private static Found forward(Address to) {
        return new Found.Forward(List.of(new Alias.Destination("", Optional.of(to), false, "local")));
    }

    private Found exactOrTagged(Address address) {
        Found found = exact(address);
        return found instanceof Found.Nobody
                ? untagged(address).map(this::exact).orElse(found)
                : found;
    }

    /** The address without the tag of a sub-address; empty when it has none. */
    private Optional<Address> untagged(Address address) {
        String separator = local.subAddressSeparator();
        int at = separator.isEmpty() ? -1 : address.local().indexOf(separator);
        return at <= 0
                ? Optional.empty()
                : Optional.of(address.withLocal(address.local().substring(0, at)));
    }

    private Found exact(Address address) {
        String whole = address.localKey();
        String bare = address.local().toLowerCase(Locale.ROOT);
        Optional<Alias> alias = aliases.find(whole);
        if (alias.isPresent()) {
            return new Found.Aliased(alias.get());
        }
        if (users.test(whole)) {
            return new Found.Box(whole, address.withLocal(bare));
        }
        alias = aliases.find(bare);
        return alias.isPresent() ? new Found.Aliased(alias.get()) : mailboxOf(address);
    }

    /** The mailbox of exactly this name, past all aliases. */
    private Found mailboxOf(Address address) {
        String whole = address.localKey();
        String bare = address.local().toLowerCase(Locale.ROOT);
        if (users.test(whole)) {
            return new Found.Box(whole, address.withLocal(bare));
        }
        return users.test(bare) ? new Found.Box(bare, Address.of(bare, firstDomain())) : new Found.Nobody();
    }

    /**
     * The address a destination means. A bare name is looked for in the domain that was asked, then in the other local
     * ones.
     */
    Address meant(Alias.Destination to, Domain domain) {
        if (to.address().isPresent()) {
            return to.address().get();
        }
        Address near = Address.of(to.name(), domain);
        if (!(exactOrTagged(near) instanceof Found.Nobody)) {
            return near;
        }
        return local.domains().stream()
                .map(near::withDomain)
                .filter(a -> !(exactOrTagged(a) instanceof Found.Nobody))
                .findFirst()
                .orElse(near);
    }

    /** Follows aliases to their end, each once. */
    final class Expansion {
        final Map<String, Address> out = new LinkedHashMap<>();
        final List<String> loops = new ArrayList<>();
        boolean tooMany;
        private final Set<String> path = new LinkedHashSet<>();
        private final Set<String> done = new LinkedHashSet<>();

        /** Adds all that {@code alias}, reached by {@code asked}, leads to. */
        void follow(Alias alias, Address asked) {
            Domain domain = asked.requireDomain();
            String step = asked.localKey();
            if (path.size() >= DEPTH_MAX || tooMany || !done.add(step)) {
                return;
            }
            path.add(step);
            for (Alias.Destination to : alias.to()) {
                add(meant(to, domain), to.direct());
            }
            path.remove(step);
        }

        private void add(Address to, boolean direct) {
            Found found = direct && isLocal(to.requireDomain()) ? mailboxOf(to) : find(to);
            if (found instanceof Found.Aliased || found instanceof Found.Forward) {
                if (path.contains(to.localKey())) {
                    closed(to);
                } else if (found instanceof Found.Aliased aliased) {
                    follow(aliased.alias, to);
                } else if (found instanceof Found.Forward forward) {
                    follow(new Alias("", forward.to, ""), to);
                }
            } else {
                put(to);
            }
        }

        /** An alias that leads to itself means the mailbox of that name, if there is one; else it is a loop. */
        private void closed(Address to) {
            if (mailboxOf(to) instanceof Found.Box) {
                put(to);
            } else {
                loops.add(String.join(" -> ", path) + " -> " + to.localKey());
            }
        }

        private void put(Address to) {
            String key = keyOf(to);
            if (!out.containsKey(key) && out.size() >= local.expansionMax()) {
                tooMany = true;
            } else {
                out.putIfAbsent(key, to);
            }
        }
    }
}
