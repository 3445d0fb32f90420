package org.hikyaku.smtp.client;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Reply;

/**
 * What a server said it can do (RFC 5321 4.1.1.1). Keywords that we do not know, and words that cannot be read, are as if
 * they had not been said.
 *
 * @param sizeMax the largest message it takes, in octets; 0 when it does not say (RFC 1870 4)
 * @param mechanisms the words after AUTH, capitals
 * @param limits what it takes of a client
 * @param deliverByLeast the least time of BY with mode R, in seconds (RFC 2852 3); 0 when it does not say
 */
public record ServerOffer(
        Set<Extension> extensions, long sizeMax, List<String> mechanisms, PeerLimits limits, long deliverByLeast) {
    /** Of a server that answered HELO. */
    public static final ServerOffer NOTHING =
            new ServerOffer(EnumSet.noneOf(Extension.class), 0, List.of(), PeerLimits.NONE, 0);

    public ServerOffer {
        extensions = extensions.isEmpty() ? Set.of() : EnumSet.copyOf(extensions);
        mechanisms = List.copyOf(mechanisms);
    }

    public boolean has(Extension extension) {
        return extensions.contains(extension);
    }

    /** What is left when these are taken for not said. */
    public ServerOffer without(Set<Extension> avoided) {
        if (avoided.stream().noneMatch(extensions::contains)) {
            return this;
        }
        EnumSet<Extension> left = EnumSet.copyOf(extensions);
        left.removeAll(avoided);
        return new ServerOffer(
                left,
                left.contains(Extension.SIZE) ? sizeMax : 0,
                left.contains(Extension.AUTH) ? mechanisms : List.of(),
                left.contains(Extension.LIMITS) ? limits : PeerLimits.NONE,
                left.contains(Extension.DELIVERBY) ? deliverByLeast : 0);
    }

    /** Reads a positive reply to EHLO or LHLO; its first line is the server's name. */
    public static ServerOffer read(Reply reply) {
        EnumSet<Extension> extensions = EnumSet.noneOf(Extension.class);
        List<String> mechanisms = new ArrayList<>();
        long sizeMax = 0;
        PeerLimits limits = PeerLimits.NONE;
        long deliverByLeast = 0;
        for (String line : reply.lines().subList(1, reply.lines().size())) {
            // "AUTH=LOGIN" is how servers of before RFC 2554 wrote it
            String[] words = line.strip()
                    .toUpperCase(Locale.ROOT)
                    .replaceFirst("^AUTH=", "AUTH ")
                    .split("[ \t]+", -1);
            Optional<Extension> extension = Extension.ofKeyword(words[0]);
            extension.ifPresent(extensions::add);
            if (extension.equals(Optional.of(Extension.SIZE)) && words.length > 1) {
                sizeMax = number(words[1]);
            } else if (extension.equals(Optional.of(Extension.LIMITS))) {
                limits = PeerLimits.read(List.of(words).subList(1, words.length));
            } else if (extension.equals(Optional.of(Extension.DELIVERBY)) && words.length > 1) {
                deliverByLeast = number(words[1].split(",", -1)[0]);
            } else if (extension.equals(Optional.of(Extension.AUTH))) {
                for (int i = 1; i < words.length; i++) {
                    mechanisms.add(words[i]);
                }
            }
        }
        return new ServerOffer(
                extensions, sizeMax, mechanisms.stream().distinct().toList(), limits, deliverByLeast);
    }

    /** RFC 1870 3: up to 20 digits; more than a long holds is no limit for us. */
    private static long number(String digits) {
        if (!digits.matches("\\d{1,18}")) {
            return 0;
        }
        return Long.parseLong(digits);
    }
}
