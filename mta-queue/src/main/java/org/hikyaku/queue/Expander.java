package org.hikyaku.queue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.bounce.Report.Affected;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.table.LocalDirectory;

/**
 * Follows aliases, lists and catch-alls once, when a message comes in: each address that is to get a copy stands once
 * in the result, with the first original that led to it. Pure.
 *
 * <p>A list with an owner gets an envelope of its own, whose sender is the owner, so that its failures go there and
 * not to the author; a notice keeps its null sender. RFC 5321 3.9.2. What the author wants to be told ends there: that the
 * list has it (RFC 3461 5.2.7.1). Through an alias of one it goes on, through one of several without the success, which
 * is told here (5.2.7.2, 5.2.7.3 c).
 */
final class Expander {
    private final LocalDirectory directory;
    private final Envelope given;
    private final Map<Optional<Address>, List<Recipient>> byOwner = new LinkedHashMap<>();
    private final Map<String, Recipient> seen = new LinkedHashMap<>();
    private final List<Affected> listed = new ArrayList<>(0);
    private final List<Affected> expanded = new ArrayList<>(0);

    /**
     * What came of it.
     *
     * @param envelopes one, or one for each owner of a list and one for the rest
     * @param listed lists that have the message, of which the sender wants to hear
     * @param expanded aliases of several of which he does
     */
    record Expansion(List<Envelope> envelopes, List<Affected> listed, List<Affected> expanded) {
        boolean isTold() {
            return !listed.isEmpty() || !expanded.isEmpty();
        }
    }

    private Expander(LocalDirectory directory, Envelope given) {
        this.directory = directory;
        this.given = given;
    }

    static Expansion expand(Envelope given, LocalDirectory directory) {
        Expander expander = new Expander(directory, given);
        given.recipients().forEach(expander::recipient);
        List<Envelope> envelopes = new ArrayList<>();
        expander.byOwner.forEach((owner, recipients) -> envelopes.add(new Envelope(
                owner.orElse(given.sender()),
                recipients,
                given.needs8Bit(),
                given.needsUtf8()
                        || recipients.stream().anyMatch(r -> r.address().isInternational()),
                given.priority(),
                owner.isPresent() ? given.wishes().ofList() : given.wishes())));
        return new Expansion(envelopes, expander.listed, expander.expanded);
    }

    private void recipient(Recipient recipient) {
        // RFC 5321 4.5.1: the bare postmaster is ours
        Address address = recipient.address().domain().isPresent()
                ? recipient.address()
                : recipient.address().withDomain(directory.firstDomain());
        switch (directory.resolve(address, given.sender())) {
            case LocalDirectory.Resolution.Expanded(List<Address> to, Optional<Address> owner) ->
                alias(recipient, address, to, given.sender().isNull() ? Optional.empty() : owner);
            case LocalDirectory.Resolution.NotLocal n -> add(address, recipient, Optional.empty());
            case LocalDirectory.Resolution.Mailbox m -> add(address, recipient, Optional.empty());
            case LocalDirectory.Resolution.Unknown u -> add(address, recipient, Optional.empty());
        }
    }

    private void alias(Recipient recipient, Address alias, List<Address> to, Optional<Address> owner) {
        Affected told = new Affected(
                new Recipient(alias, recipient.original(), recipient.wanted()), Diagnosis.ours("2.0.0", ""));
        boolean wanted = recipient.wanted().ofSuccess();
        if (owner.isPresent()) {
            to.forEach(one -> add(one, recipient, owner));
            listed.addAll(wanted ? List.of(told) : List.of());
        } else if (to.size() == 1) {
            add(to.getFirst(), recipient, owner);
        } else {
            Recipient quieter = new Recipient(
                    alias, recipient.original(), recipient.wanted().withoutSuccess());
            to.forEach(one -> add(one, quieter, owner));
            expanded.addAll(wanted ? List.of(told) : List.of());
        }
    }

    private void add(Address address, Recipient named, Optional<Address> owner) {
        Recipient recipient =
                new Recipient(address, named.original(), owner.isPresent() ? Notify.NONE : named.wanted());
        if (seen.putIfAbsent(directory.keyOf(address), recipient) == null) {
            byOwner.computeIfAbsent(owner, o -> new ArrayList<>()).add(recipient);
        }
    }
}
