package org.hikyaku.smtp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * THE table of SMTP extensions, for both sides: EHLO keyword, where it is written down, by how much it lengthens the MAIL
 * line, when a server offers it and with which words behind the keyword. The commands and parameters that it brings, the server
 * declares in one file for each ({@code smtp.server}, {@code Features}).
 */
@SuppressWarnings("ImmutableEnumChecker") // lists made by List.of, functions without state
public enum Extension {
    PIPELINING("PIPELINING", "RFC 2920", 0),
    /** RFC 1870 3: the limit stands behind the keyword; 0 would say that there is none. */
    SIZE("SIZE", "RFC 1870", 26, s -> true, s -> Long.toString(s.sizeMax())),
    EIGHTBITMIME("8BITMIME", "RFC 6152", 17),
    /** RFC 3207 4.2: not offered once TLS is up. */
    STARTTLS("STARTTLS", "RFC 3207", 0, s -> s.tlsPossible() && !s.secured(), s -> ""),
    /** RFC 4954 4: no mechanism is offered that the connection is too weak for; all of ours want TLS. */
    AUTH("AUTH", "RFC 4954", 500, s -> s.secured() && !s.mechanisms().isEmpty(), s -> String.join(" ", s.mechanisms())),
    ENHANCEDSTATUSCODES("ENHANCEDSTATUSCODES", "RFC 2034", 0),
    /** RFC 6531 3.1: no words behind the keyword. */
    SMTPUTF8("SMTPUTF8", "RFC 6531", 10),
    HELP("HELP", "RFC 5321", 0);

    /**
     * What a server's offer depends on.
     *
     * @param tlsPossible the listener takes STARTTLS
     * @param secured TLS is up
     * @param mechanisms of SASL, in the order to be shown; empty when the listener takes no AUTH
     * @param sizeMax octets of a message
     */
    public record Situation(boolean tlsPossible, boolean secured, List<String> mechanisms, long sizeMax) {}

    private final String keyword;
    private final String rfc;
    private final int mailLineOctets;
    private final Predicate<Situation> offered;
    private final Function<Situation, String> words;

    Extension(String keyword, String rfc, int mailLineOctets) {
        this(keyword, rfc, mailLineOctets, s -> true, s -> "");
    }

    Extension(
            String keyword,
            String rfc,
            int mailLineOctets,
            Predicate<Situation> offered,
            Function<Situation, String> words) {
        this.keyword = keyword;
        this.rfc = rfc;
        this.mailLineOctets = mailLineOctets;
        this.offered = offered;
        this.words = words;
    }

    /** The EHLO keyword, in capitals. */
    public String keyword() {
        return keyword;
    }

    public String rfc() {
        return rfc;
    }

    /** Octets by which it lengthens the MAIL line. */
    public int mailLineOctets() {
        return mailLineOctets;
    }

    /** Whether a server in this situation offers it. */
    public boolean isOffered(Situation situation) {
        return offered.test(situation);
    }

    /** Its line in the answer to EHLO. */
    public String line(Situation situation) {
        String behind = words.apply(situation);
        return behind.isEmpty() ? keyword : keyword + " " + behind;
    }

    /** The lines of all that is offered, in the order of this table. */
    public static List<String> offer(Situation situation) {
        List<String> lines = new ArrayList<>();
        for (Extension extension : values()) {
            if (extension.isOffered(situation)) {
                lines.add(extension.line(situation));
            }
        }
        return lines;
    }

    /** The extension of an EHLO keyword, in any case of letters. */
    public static Optional<Extension> ofKeyword(String keyword) {
        for (Extension extension : values()) {
            if (extension.keyword.equalsIgnoreCase(keyword)) {
                return Optional.of(extension);
            }
        }
        return Optional.empty();
    }
}
