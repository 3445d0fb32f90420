package org.hikyaku.queue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.bounce.Report.Affected;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.LocalDirectory.Resolution;
import org.hikyaku.table.Steps;

/**
 * Follows tables, aliases, lists and catch-alls once, when a message comes in: each address that is to get a copy stands
 * once in the result, with the first original that led to it. Pure. docs/addresses.md is its description.
 *
 * <p>A list with an owner gets an envelope of its own, whose sender is the owner, so that its failures go there and
 * not to the author; a notice keeps its null sender. RFC 5321 3.9.2. What the author wants to be told ends there: that the
 * list has it (RFC 3461 5.2.7.1). Through an alias of one it goes on, through one of several without the success, which
 * is told here (5.2.7.2, 5.2.7.3 c). What is passed on to elsewhere for a sender elsewhere gets an envelope of its own too,
 * where SRS is on.
 */
final class Expander {
    private final LocalDirectory directory;
    private final Envelope given;
    private final boolean ours;
    private final Set<String> passed;
    private final Steps steps;
    private final Address sender;
    /** Under which sender mail is passed on to elsewhere. */
    private final Optional<Address> forwarder;

    private final Map<Way, Group> groups = new LinkedHashMap<>();
    private final Set<String> seen = new LinkedHashSet<>();
    private final List<Affected> listed = new ArrayList<>(0);
    private final List<Affected> expanded = new ArrayList<>(0);

    /** What sets an envelope apart: its sender, and whether he is a list's owner. */
    private record Way(Address sender, boolean owner) {}

    /**
     * The recipients of one envelope.
     *
     * @param named by the client that led here, as far as they lead on: null for one that is its own end
     */
    private record Group(List<Recipient> recipients, Set<Optional<Address>> named, List<Address> elsewhere) {
        Group() {
            this(new ArrayList<>(), new LinkedHashSet<>(), new ArrayList<>(0));
        }

        /** The one address that all came by and that passes the message on to elsewhere. */
        Optional<Address> passing() {
            return named.size() == 1 && !elsewhere.isEmpty() ? named.iterator().next() : Optional.empty();
        }
    }

    /**
     * One envelope.
     *
     * @param passing the address of ours that passes it on to elsewhere: by it the message is known when it comes back
     */
    record Copy(Envelope envelope, Optional<Address> passing) {}

    /**
     * What came of it.
     *
     * @param copies one, or one for each owner of a list, one for what is passed on and one for the rest
     * @param listed lists that have the message, of which the sender wants to hear
     * @param expanded aliases of several of which he does
     */
    record Expansion(List<Copy> copies, List<Affected> listed, List<Affected> expanded) {
        boolean isTold() {
            return !listed.isEmpty() || !expanded.isEmpty();
        }

        boolean isPassedOn() {
            return copies.stream().anyMatch(copy -> copy.passing.isPresent());
        }

        List<Envelope> envelopes() {
            return copies.stream().map(Copy::envelope).toList();
        }
    }

    private Expander(LocalDirectory directory, Envelope given, boolean ours, Set<String> passed, Steps steps) {
        this.directory = directory;
        this.given = given;
        this.ours = ours;
        this.passed = passed;
        this.steps = steps;
        this.sender = ours ? directory.rewriting().sender(given.sender(), steps) : given.sender();
        this.forwarder = directory.forwarder(sender);
    }

    /** For mail that is not of our own users. */
    static Expansion expand(Envelope given, LocalDirectory directory) {
        return expand(given, directory, false, Set.of(), Steps.NONE);
    }

    /**
     * @param ours whether the mail is of our own users and hosts
     * @param passed keys of addresses that have passed this message on before: they do not do so again
     */
    static Expansion expand(Envelope given, LocalDirectory directory, boolean ours, Set<String> passed, Steps steps) {
        Expander expander = new Expander(directory, given, ours, passed, steps);
        given.recipients().forEach(expander::recipient);
        List<Copy> copies = new ArrayList<>();
        expander.groups.forEach((way, group) -> copies.add(expander.copy(way, group)));
        return new Expansion(copies, expander.listed, expander.expanded);
    }

    private Copy copy(Way way, Group group) {
        boolean international = way.sender.isInternational()
                || group.recipients.stream().anyMatch(r -> r.address().isInternational());
        Envelope envelope = new Envelope(
                way.sender,
                group.recipients,
                given.needs8Bit(),
                given.needsUtf8() || international,
                given.priority(),
                wishes(way));
        return new Copy(envelope, group.passing());
    }

    /** A sender of ours that carries another is not made longer for each recipient. */
    private Wishes wishes(Way way) {
        Wishes all = given.wishes();
        return way.owner ? all.ofList() : way.sender.equals(sender) ? all : all.withVerp("");
    }

    private void recipient(Recipient recipient) {
        Address address = directory.called(recipient.address(), sender, ours, steps);
        Resolution resolution = directory.lookUp(address, sender, steps);
        if (resolution instanceof Resolution.Expanded(List<Address> to, Optional<Address> owner)) {
            if (passed.contains(address.localKey())) {
                steps.step(address, "loop", "Delivered-To", List.of());
                end(address, recipient);
            } else {
                alias(recipient, address, to, sender.isNull() ? Optional.empty() : owner);
            }
        } else {
            end(address, recipient);
        }
    }

    /** An address that is its own end. */
    private void end(Address address, Recipient named) {
        add(new Way(sender, false), new Recipient(address, named.original(), named.wanted()), Optional.empty());
    }

    private void alias(Recipient recipient, Address alias, List<Address> to, Optional<Address> owner) {
        Affected told = new Affected(
                new Recipient(alias, recipient.original(), recipient.wanted()), Diagnosis.ours("2.0.0", ""));
        boolean wanted = recipient.wanted().ofSuccess();
        boolean one = to.size() == 1;
        Notify notify = owner.isPresent()
                ? Notify.NONE
                : one ? recipient.wanted() : recipient.wanted().withoutSuccess();
        for (Address each : to) {
            add(wayOf(alias, each, owner), new Recipient(each, recipient.original(), notify), Optional.of(alias));
        }
        if (wanted && owner.isPresent()) {
            listed.add(told);
        } else if (wanted && !one) {
            expanded.add(told);
        }
    }

    private Way wayOf(Address alias, Address to, Optional<Address> owner) {
        if (owner.isPresent()) {
            steps.step(alias, "owner", "", List.of(owner.get()));
            return new Way(owner.get(), true);
        }
        if (forwarder.isPresent() && isElsewhere(to)) {
            steps.step(sender, "srs", "addresses.srs", List.of(forwarder.get()));
            return new Way(forwarder.get(), false);
        }
        return new Way(sender, false);
    }

    private boolean isElsewhere(Address to) {
        return !directory.isLocal(to.requireDomain());
    }

    private void add(Way way, Recipient recipient, Optional<Address> alias) {
        if (seen.add(directory.keyOf(recipient.address()))) {
            Group group = groups.computeIfAbsent(way, w -> new Group());
            group.recipients.add(recipient);
            group.named.add(alias);
            if (alias.isPresent() && isElsewhere(recipient.address())) {
                group.elsewhere.add(recipient.address());
            }
        }
    }
}
