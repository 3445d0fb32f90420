package org.hikyaku.table;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.hikyaku.config.AddressSettings;
import org.hikyaku.config.Config;
import org.hikyaku.config.LocalSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.table.Found.Layer;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Disk;

/**
 * Who lives here: an immutable snapshot of the local domains, aliases and catch-alls, beside the list of users, which
 * is asked anew each time; docs/addresses.md is its description.
 *
 * <p>A user is listed as a whole address, or as a bare name that is one person in every local domain. The first that
 * fits is taken: a table's line for the address, alias of the whole address, user of the whole address, alias of the bare
 * name, user of the bare name; then the same with less and less of the tag of a sub-address; then whoever may know the whole
 * address beside the list of users; then, for postmaster,
 * {@code local.postmaster} (RFC 5321 4.5.1); then a table's line for the whole domain; then the domain's catch-all. No
 * case in local parts.
 *
 * <p><i>Failure:</i> nothing here waits or throws; what is wrong in the files was told by {@link #load}. A loop of
 * aliases that slipped through ends where it closes.
 */
public final class LocalDirectory {
    private final LocalSettings local;
    private final Domain hostname;
    private final Residents users;
    private final AliasFile aliases;
    private final List<AddressTable> virtual;
    private final Rewriting rewriting;
    private final Optional<Srs> srs;
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

    private LocalDirectory(
            Domain hostname,
            LocalSettings local,
            Residents users,
            AliasFile aliases,
            List<AddressTable> virtual,
            Rewriting rewriting,
            Optional<Srs> srs) {
        this.local = local;
        this.rewriting = rewriting;
        this.srs = srs;
        this.virtual = List.copyOf(virtual);
        this.hostname = hostname;
        this.users = users;
        this.aliases = aliases;
        this.domains = new LinkedHashSet<>(local.domains());
        local.catchAll().forEach((name, to) -> Domain.parse(name).ifPresent(domain -> catchAll.put(domain, to)));
    }

    /** The same with other keys of SRS, where there is SRS. */
    public LocalDirectory with(SrsKeys keys) {
        return new LocalDirectory(hostname, local, users, aliases, virtual, rewriting, srs.map(one -> one.with(keys)));
    }

    /** The same with others who live here; what is looked up in it is not told to this one. */
    public LocalDirectory with(Residents others) {
        return new LocalDirectory(hostname, local, others, aliases, virtual, rewriting, srs);
    }

    /** As the other one, without anything of {@code addresses}. */
    public static Loaded load(Domain hostname, LocalSettings local, Residents users, Disk disk) {
        return load(hostname, local, AddressSettings.NONE, users, disk);
    }

    /** With the tables of {@code addresses.virtual} alone. */
    static Loaded load(Domain hostname, LocalSettings local, AddressSettings rules, Residents users, Disk disk) {
        return load(hostname, local, rules, users, disk, Rewriting.none(), Optional.empty(), new ArrayList<>());
    }

    /**
     * Reads the aliases file, the tables of addresses and the keys of SRS, and looks for what is wrong. Waits for the disk.
     *
     * @param users asked at any time
     */
    public static Loaded load(Config config, Residents users, Disk disk, Clock clock) {
        List<String> problems = new ArrayList<>();
        AddressSettings rules = config.addresses();
        Rewriting rewriting = Rewriting.load(config, disk, problems);
        Optional<Srs> srs = rules.srs().domain().map(domain -> {
            SrsKeys keys = SrsKeys.read(disk, SrsKeys.file(config.keysDirectory()), problems);
            return new Srs(domain, keys, rules.srs().validFor(), clock);
        });
        return load(config.hostname(), config.local(), rules, users, disk, rewriting, srs, problems);
    }

    private static Loaded load(
            Domain hostname,
            LocalSettings local,
            AddressSettings rules,
            Residents users,
            Disk disk,
            Rewriting rewriting,
            Optional<Srs> srs,
            List<String> problems) {
        AliasFile aliases = local.aliases()
                .map(file -> AliasFile.read(disk, file, problems))
                .orElseGet(() -> AliasFile.none(disk));
        List<AddressTable> virtual = rules.virtual().stream()
                .map(file -> AddressTableReader.read(
                        disk, file, AddressTableReader.Use.VIRTUAL, local.domains()::contains, problems))
                .toList();
        LocalDirectory directory = new LocalDirectory(hostname, local, users, aliases, virtual, rewriting, srs);
        new DirectoryCheck(directory, local, aliases, virtual, problems).run();
        return new Loaded(directory, problems);
    }

    /** What addresses are called. */
    public Rewriting rewriting() {
        return rewriting;
    }

    /** The sender under which mail of {@code sender} is passed on to elsewhere; empty where it stays. */
    public Optional<Address> forwarder(Address sender) {
        boolean others = sender.domain().map(domain -> !isLocal(domain)).orElse(false);
        return others ? srs.flatMap(scheme -> scheme.forward(sender)) : Optional.empty();
    }

    /** Whether mail for {@code domain} ends here. */
    public boolean isLocal(Domain domain) {
        return domains.contains(domain);
    }

    /** Whether mail for an address that is nobody's may go to others. */
    public boolean takesAnybody() {
        return !catchAll.isEmpty() || virtual.stream().anyMatch(AddressTable::hasDomains);
    }

    /** The domain a bare {@code postmaster} gets. */
    public Domain firstDomain() {
        return local.domains().isEmpty() ? hostname : local.domains().getFirst();
    }

    /** Who reads what nobody else would (RFC 5321 4.5.1). */
    public Address postmaster() {
        return Address.of("postmaster", firstDomain());
    }

    /** What {@code address} stands for, whoever writes; the bare postmaster too. */
    public Resolution resolve(Address address) {
        return resolve(address, Address.NULL);
    }

    /** What {@code address} stands for in mail of {@code sender}. */
    public Resolution resolve(Address address, Address sender) {
        return resolve(address, sender, false);
    }

    /**
     * What {@code address} stands for in mail of who writes himself {@code sender}: as it will be when the message comes in.
     *
     * @param ours whether the mail is of our own users and hosts
     */
    public Resolution resolve(Address address, Address sender, boolean ours) {
        Address known = ours ? rewriting.sender(sender, Steps.NONE) : sender;
        return address.isNull()
                ? new Resolution.NotLocal()
                : lookUp(called(address, known, ours, Steps.NONE), known, Steps.NONE);
    }

    /**
     * What a recipient is called: a whole address, canonical.
     *
     * @param ours whether the mail is of our own users and hosts
     */
    public Address called(Address recipient, Address sender, boolean ours, Steps steps) {
        // RFC 5321 4.5.1: the bare postmaster is ours
        Address asked = recipient.domain().isPresent() ? recipient : recipient.withDomain(firstDomain());
        if (!asked.equals(recipient)) {
            steps.step(recipient, "postmaster", "local.domains", List.of(asked));
        }
        return rewriting.recipient(asked, sender, ours, steps);
    }

    /** What an address that {@link #called} gave stands for, told step by step. */
    public Resolution lookUp(Address asked, Address sender, Steps steps) {
        Found found = find(asked, sender, Layer.ALL);
        if (found instanceof Found.Aliased || found instanceof Found.Forward) {
            return followed(asked, sender, found, steps);
        }
        if (!steps.equals(Steps.NONE)) {
            new Following(this, sender, local.expansionMax(), steps).follow(asked);
        }
        return switch (found) {
            case Found.Elsewhere e -> new Resolution.NotLocal();
            case Found.Box box -> new Resolution.Mailbox(box.user(), asked, box.home());
            default -> new Resolution.Unknown();
        };
    }

    /**
     * An address all of whose ends are nobody's is unknown, so that its mail is refused while the sender's server still
     * holds it; so is one that leads to too many.
     */
    private Resolution followed(Address asked, Address sender, Found found, Steps steps) {
        Following following = new Following(this, sender, local.expansionMax(), steps);
        following.follow(asked);
        List<Address> ends = List.copyOf(following.ends());
        return following.tooMany() || ends.stream().allMatch(this::isNobody)
                ? new Resolution.Unknown()
                : new Resolution.Expanded(ends, owner(found, asked, sender));
    }

    private boolean isNobody(Address end) {
        return isLocal(end.requireDomain()) && mailbox(end).isEmpty();
    }

    /**
     * The mailbox that {@code address} names once intake has followed the aliases: aliases, catch-all and postmaster
     * are not looked at again. For final delivery; empty when there is no such user.
     */
    public Optional<Resolution.Mailbox> mailbox(Address address) {
        if (!isLocal(address.requireDomain())) {
            return Optional.empty();
        }
        return orPerhaps(address, first(address, this::mailboxOf)) instanceof Found.Box box
                ? Optional.of(new Resolution.Mailbox(box.user(), address, box.home()))
                : Optional.empty();
    }

    private Optional<Address> owner(Found found, Address asked, Address sender) {
        if (!(found instanceof Found.Aliased(Alias alias)) || alias.name().startsWith("owner-")) {
            return Optional.empty();
        }
        int at = alias.name().lastIndexOf('@');
        Address owner =
                asked.withLocal("owner-" + (at < 0 ? alias.name() : alias.name().substring(0, at)));
        return exact(owner, sender, Layer.ALL) instanceof Found.Nobody ? Optional.empty() : Optional.of(owner);
    }

    /**
     * What two addresses share when a copy for one is a copy for the other: mailbox and tag, as a filter may put each tag
     * elsewhere; of foreign addresses all, with case.
     */
    public String keyOf(Address address) {
        if (!address.domain().map(this::isLocal).orElse(true)) {
            return address.toString();
        }
        return address.domain()
                .flatMap(domain -> mailbox(address))
                .map(box -> tagged(box.home(), address).localKey())
                .orElseGet(address::localKey);
    }

    private static Address tagged(Address home, Address asked) {
        int name = Math.min(home.local().length(), asked.local().length());
        return home.withLocal(home.local() + asked.local().substring(name));
    }

    /** The address without a tag of the mailbox that {@code address} names, past all aliases, if it is known that there is one. */
    public Optional<Address> home(Address address) {
        return isLocal(address.requireDomain()) && first(address, this::mailboxOf) instanceof Found.Box box
                ? Optional.of(box.home())
                : Optional.empty();
    }

    /** Whether there is a mailbox of exactly this name, whatever aliases say. */
    boolean hasMailbox(Address address) {
        return isLocal(address.requireDomain()) && mailboxOf(address) instanceof Found.Box;
    }

    /** By what a mailbox is somebody's, for people. */
    String whoseIs(Found.Box box) {
        return users.whose(box.user());
    }

    /** One step of the way of {@code address}. */
    Found find(Address address, Address sender, Layer layer) {
        Domain domain = address.requireDomain();
        boolean here = isLocal(domain);
        if (!here && !(address.isPostmaster() && domain.equals(hostname))) {
            return new Found.Elsewhere();
        }
        if (layer == Layer.MAILBOX) {
            return orPerhaps(address, first(address, this::mailboxOf));
        }
        if (srs.isPresent() && srs.get().claims(address)) {
            return returned(srs.get(), address, sender);
        }
        Found found = orPerhaps(address, first(address, one -> exact(one, sender, layer)));
        if (!here && found instanceof Found.Box box) {
            // the host's postmaster, a user: his mail goes to a domain that is delivered here, or the address would
            // loop
            found = isLocal(box.home().requireDomain())
                    ? forward(box.home(), "postmaster", "auth.users")
                    : new Found.Nobody();
        }
        return found instanceof Found.Nobody ? lastResort(address, sender, layer) : found;
    }

    /** An address that no list has may be somebody's of whom others know; postmaster never, who must be found in any case. */
    private Found orPerhaps(Address address, Found found) {
        return found instanceof Found.Nobody
                        && !address.isPostmaster()
                        && isLocal(address.requireDomain())
                        && users.mayHave(address.localKey())
                ? new Found.Box(
                        address.localKey(), address.withLocal(address.local().toLowerCase(Locale.ROOT)))
                : found;
    }

    /** Bounces go back to whose mail we passed on; nothing else does. */
    private static Found returned(Srs srs, Address address, Address sender) {
        return (sender.isNull() ? srs.reverse(address) : Optional.<Address>empty())
                .map(to -> forward(to, "srs", "addresses.srs"))
                .orElseGet(Found.Nobody::new);
    }

    /** For an address that nothing names: postmaster's, a table's line for the whole domain, the catch-all. */
    private Found lastResort(Address address, Address sender, Layer layer) {
        Domain domain = address.requireDomain();
        if (address.isPostmaster() && isOther(local.postmaster(), address)) {
            return forward(local.postmaster().get(), "postmaster", "local.postmaster");
        }
        if (layer == Layer.ALL) {
            for (AddressTable table : virtual) {
                Optional<AddressTable.Hit> hit = table.ofDomain(address, sender);
                if (hit.isPresent()) {
                    return new Found.Forward(
                            hit.get().to(), "virtual", hit.get().where());
                }
            }
        }
        Optional<Address> last = Optional.ofNullable(catchAll.get(domain));
        return isOther(last, address) ? forward(last.get(), "catch-all", "local.catch_all") : new Found.Nobody();
    }

    private static boolean isOther(Optional<Address> to, Address address) {
        return to.isPresent() && !to.get().localKey().equals(address.localKey());
    }

    private static Found forward(Address to, String rule, String where) {
        return new Found.Forward(List.of(new Alias.Destination("", Optional.of(to), false, "local")), rule, where);
    }

    /**
     * What {@code look} finds of the address, else of the address with less and less of its tag: {@code a-b+c} is looked
     * for as such, then as {@code a-b}, then as {@code a}.
     */
    private Found first(Address address, Function<Address, Found> look) {
        Found found = look.apply(address);
        String text = address.local();
        for (int i = text.length() - 1; i > 0 && found instanceof Found.Nobody; i--) {
            if (local.subAddressSeparator().indexOf(text.charAt(i)) >= 0) {
                found = look.apply(address.withLocal(text.substring(0, i)));
            }
        }
        return found;
    }

    private Found exact(Address address, Address sender, Layer layer) {
        String whole = address.localKey();
        String bare = address.local().toLowerCase(Locale.ROOT);
        for (AddressTable table : layer == Layer.ALL ? virtual : List.<AddressTable>of()) {
            Optional<AddressTable.Hit> hit = table.find(address, sender);
            if (hit.isPresent()) {
                return new Found.Forward(hit.get().to(), "virtual", hit.get().where());
            }
        }
        Optional<Alias> alias = aliases.find(whole);
        if (alias.isPresent()) {
            return new Found.Aliased(alias.get());
        }
        if (users.has(whole)) {
            return new Found.Box(whole, address.withLocal(bare));
        }
        alias = aliases.find(bare);
        return alias.isPresent() ? new Found.Aliased(alias.get()) : mailboxOf(address);
    }

    /** The mailbox of exactly this name, past all aliases. */
    private Found mailboxOf(Address address) {
        String whole = address.localKey();
        String bare = address.local().toLowerCase(Locale.ROOT);
        if (users.has(whole)) {
            return new Found.Box(whole, address.withLocal(bare));
        }
        return users.has(bare) ? new Found.Box(bare, Address.of(bare, firstDomain())) : new Found.Nobody();
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
        if (isNamed(near)) {
            return near;
        }
        return local.domains().stream()
                .map(near::withDomain)
                .filter(this::isNamed)
                .findFirst()
                .orElse(near);
    }

    private boolean isNamed(Address address) {
        return !(first(address, one -> exact(one, Address.NULL, Layer.ALL)) instanceof Found.Nobody);
    }
}
