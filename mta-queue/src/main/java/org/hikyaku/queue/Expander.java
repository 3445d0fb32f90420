package org.hikyaku.queue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.table.LocalDirectory;

/**
 * Follows aliases, lists and catch-alls once, when a message comes in: each address that is to get a copy stands once
 * in the result, with the first original that led to it. Pure.
 *
 * <p>A list with an owner gets an envelope of its own, whose sender is the owner, so that its failures go there and
 * not to the author; a notice keeps its null sender. RFC 5321 3.9.2.
 */
final class Expander {
    private final LocalDirectory directory;
    private final Envelope given;
    private final Map<Optional<Address>, List<Recipient>> byOwner = new LinkedHashMap<>();
    private final Map<String, Recipient> seen = new LinkedHashMap<>();

    private Expander(LocalDirectory directory, Envelope given) {
        this.directory = directory;
        this.given = given;
    }

    /** One envelope, or one for each owner of a list and one for the rest. */
    static List<Envelope> expand(Envelope given, LocalDirectory directory) {
        Expander expander = new Expander(directory, given);
        given.recipients().forEach(expander::recipient);
        List<Envelope> envelopes = new ArrayList<>();
        expander.byOwner.forEach((owner, recipients) -> envelopes.add(new Envelope(
                owner.orElse(given.sender()),
                recipients,
                given.needs8Bit(),
                given.needsUtf8()
                        || recipients.stream().anyMatch(r -> r.address().isInternational()),
                given.priority())));
        return envelopes;
    }

    private void recipient(Recipient recipient) {
        // RFC 5321 4.5.1: the bare postmaster is ours
        Address address = recipient.address().domain().isPresent()
                ? recipient.address()
                : recipient.address().withDomain(directory.firstDomain());
        switch (directory.resolve(address)) {
            case LocalDirectory.Resolution.Expanded(List<Address> to, Optional<Address> owner) ->
                to.forEach(one -> add(one, recipient.original(), given.sender().isNull() ? Optional.empty() : owner));
            case LocalDirectory.Resolution.NotLocal n -> add(address, recipient.original(), Optional.empty());
            case LocalDirectory.Resolution.Mailbox m -> add(address, recipient.original(), Optional.empty());
            case LocalDirectory.Resolution.Unknown u -> add(address, recipient.original(), Optional.empty());
        }
    }

    private void add(Address address, Address original, Optional<Address> owner) {
        Recipient recipient = new Recipient(address, original);
        if (seen.putIfAbsent(directory.keyOf(address), recipient) == null) {
            byOwner.computeIfAbsent(owner, o -> new ArrayList<>()).add(recipient);
        }
    }
}
