package org.hikyaku.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Domain;

/**
 * What becomes of addresses, beside aliases; docs/addresses.md.
 *
 * @param virtual tables for addresses of local domains: to any number, here or elsewhere
 * @param senderCanonical tables of what our senders are called
 * @param recipientCanonical tables of what recipients are called
 * @param headers whether the header of mail of our own is rewritten as its envelope is
 */
public record AddressSettings(
        List<Path> virtual,
        List<Path> senderCanonical,
        List<Path> recipientCanonical,
        boolean headers,
        Masquerade masquerade,
        Srs srs) {
    /** Nothing. */
    public static final AddressSettings NONE = ofVirtual(List.of());

    /** Nothing but tables of where addresses lead. */
    public static AddressSettings ofVirtual(List<Path> virtual) {
        Srs off = new Srs(Optional.empty(), Duration.ofDays(21), Duration.ofDays(30));
        return new AddressSettings(virtual, List.of(), List.of(), true, Masquerade.NONE, off);
    }

    /**
     * Senders on hosts below these domains are shown without the host's name.
     *
     * @param exceptHosts hosts, and all below them, whose names stay
     * @param exceptUsers names before the @ that stay where they are
     */
    public record Masquerade(List<Domain> domains, List<Domain> exceptHosts, List<String> exceptUsers) {
        /** Nobody. */
        public static final Masquerade NONE = new Masquerade(List.of(), List.of(), List.of());
    }

    /**
     * The sender rewriting scheme for what we pass on.
     *
     * @param domain one of the local domains, under which others' senders go; empty: off
     * @param validFor how long their bounces are taken
     * @param keyLife how long one key signs
     */
    public record Srs(
            Optional<Domain> domain,
            @Range("1d to 365d") Duration validFor,
            @Range("1d to 365d") Duration keyLife) {}
}
