package org.hikyaku.config;

import java.net.InetAddress;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Domain;

/**
 * Addresses of this host that some mail leaves from: one of {@code sources}, by name; docs/routes.md.
 *
 * @param addresses of both families, if mail is to go by both
 */
public record SourcePool(List<Source> addresses) {
    /**
     * One of them.
     *
     * @param ehlo what we call ourselves from there; the name that the address has in the DNS. Default: {@code hostname}
     * @param weight its part of the mail, beside those of the others of its family. Default: 1
     */
    public record Source(
            InetAddress address,
            Optional<Domain> ehlo,
            @Range("1 to 1000") Optional<Integer> weight,
            Optional<WarmUp> warmUp) {}

    /**
     * An address that nobody knows yet sends little at first.
     *
     * @param since its first day, in UTC
     * @param perDay messages on the first day, the second...; after the last any number
     */
    public record WarmUp(
            LocalDate since, @Range("0 to 100000000") List<Integer> perDay) {}
}
