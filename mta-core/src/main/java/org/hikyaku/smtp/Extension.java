package org.hikyaku.smtp;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * THE table of SMTP extensions, for both sides: EHLO keyword, where it is written down, by how much it lengthens the MAIL
 * and RCPT lines, when a server offers it and with which words behind the keyword. The commands and parameters that it brings, the server
 * declares in one file for each ({@code smtp.server}, {@code Features}).
 */
@SuppressWarnings("ImmutableEnumChecker") // lists made by List.of, functions without state
public enum Extension {
    PIPELINING("PIPELINING", "RFC 2920", 0),
    /** RFC 1870 3: the limit stands behind the keyword; 0 would say that there is none. */
    SIZE("SIZE", "RFC 1870", 26, s -> true, s -> Long.toString(s.bounds().size())),
    EIGHTBITMIME("8BITMIME", "RFC 6152", 17),
    CHUNKING("CHUNKING", "RFC 3030", 0),
    /** A value of the parameter BODY, 16 octets with its keyword as the RFC counts (RFC 3030 3). */
    BINARYMIME("BINARYMIME", "RFC 3030", 16),
    /** RFC 3207 4.2: not offered once TLS is up. */
    STARTTLS("STARTTLS", "RFC 3207", 0, s -> s.tlsPossible() && !s.secured(), s -> ""),
    /** RFC 4954 4: no mechanism is offered that the connection is too weak for; all of ours want TLS. */
    AUTH("AUTH", "RFC 4954", 500, s -> s.secured() && !s.mechanisms().isEmpty(), s -> String.join(" ", s.mechanisms())),
    ENHANCEDSTATUSCODES("ENHANCEDSTATUSCODES", "RFC 2034", 0),
    /** RFC 6531 3.1: no words behind the keyword. */
    SMTPUTF8("SMTPUTF8", "RFC 6531", 10),
    /** RFC 3461 5.4: ENVID and RET to MAIL, NOTIFY and ORCPT to RCPT, at their longest. */
    DSN("DSN", "RFC 3461", 116, 543),
    /** RFC 9422: what the replies 452 and 421 would say otherwise, said beforehand. */
    LIMITS(
            "LIMITS",
            "RFC 9422",
            0,
            s -> true,
            s -> "RCPTMAX=" + s.bounds().recipients() + " MAILMAX=" + s.bounds().messages()),
    /** RFC 6710 3: without the name of a policy, for that is the operator's. */
    MT_PRIORITY("MT-PRIORITY", "RFC 6710", 15),
    /** RFC 4865 4.2: of submission only, with how long and until when a message may be kept. */
    FUTURERELEASE(
            "FUTURERELEASE",
            "RFC 4865",
            34,
            s -> s.bounds().hold().isPresent(),
            s -> s.bounds().hold().map(Hold::words).orElse("")),
    /** RFC 2852 2: without a least time, for there is none here. */
    DELIVERBY("DELIVERBY", "RFC 2852", 17),
    /** RFC 8689 2: offered under TLS only. */
    REQUIRETLS("REQUIRETLS", "RFC 8689", 11, Situation::secured, s -> ""),
    /** RFC 3865 2.1, 2.8: only where the operator named classes. */
    NO_SOLICITING(
            "NO-SOLICITING",
            "RFC 3865",
            1007,
            s -> !s.bounds().unwanted().isEmpty(),
            s -> String.join(",", s.bounds().unwanted())),
    /** Of Postfix: only for whom the operator lets. */
    XVERP("XVERP", "Postfix VERP", 9, s -> s.bounds().verp(), s -> ""),
    HELP("HELP", "RFC 5321", 0, s -> s.door().help(), s -> ""),
    /** RFC 5321 3.5.2: MUST be listed where it is there. */
    EXPN("EXPN", "RFC 5321", 0, s -> s.door().expn(), s -> ""),
    /** RFC 1985: to those who have a queue that they may start. */
    ETRN("ETRN", "RFC 1985", 0, s -> s.door().etrn(), s -> ""),
    /** RFC 2645 5.1.1: where kept mail is fetched, and there little else. */
    ATRN("ATRN", "RFC 2645", 0, s -> s.door().odmr(), s -> ""),
    /** Offered to proxies of ours alone; behind it the attributes that are taken. */
    XCLIENT(
            "XCLIENT",
            "Postfix XCLIENT",
            0,
            s -> s.door().xclient(),
            s -> "NAME ADDR PORT PROTO HELO DESTADDR DESTPORT" + (s.door().xlogin() ? " LOGIN" : "")),
    XFORWARD(
            "XFORWARD", "Postfix XFORWARD", 0, s -> s.door().xforward(), s -> "NAME ADDR PORT PROTO HELO IDENT SOURCE");

    /**
     * What a server's offer depends on.
     *
     * @param tlsPossible the listener takes STARTTLS
     * @param secured TLS is up
     * @param mechanisms of SASL, in the order to be shown; empty when the listener takes no AUTH
     * @param door what the listener has for this client
     */
    public record Situation(boolean tlsPossible, boolean secured, List<String> mechanisms, Bounds bounds, Door door) {}

    /**
     * How much is taken of a client.
     *
     * @param size octets of a message
     * @param recipients of a message
     * @param messages of a connection
     * @param hold how long a message may be kept back; empty where none may
     * @param unwanted classes of solicitation
     * @param verp a sender's address may be made for each recipient
     */
    public record Bounds(
            long size, int recipients, int messages, Optional<Hold> hold, List<String> unwanted, boolean verp) {}

    /** How long, and so until when at the most, a message may be kept back (RFC 4865 3). */
    public record Hold(Duration longest, Instant until) {
        String words() {
            return longest.toSeconds() + " " + until.truncatedTo(ChronoUnit.SECONDS);
        }
    }

    /**
     * What a listener has for some clients only.
     *
     * @param xclient he may say for whom he speaks
     * @param xlogin and whose login that is
     * @param xforward he may say where messages are from
     * @param etrn he may have a queue started
     * @param odmr mail is fetched here, none is taken
     */
    public record Door(
            boolean xclient, boolean xlogin, boolean xforward, boolean expn, boolean help, boolean etrn, boolean odmr) {
        /** For anybody. */
        public static final Door PUBLIC = new Door(false, false, false, false, true, false, false);
    }

    private final String keyword;
    private final String rfc;
    private final int mailLineOctets;
    private final int rcptLineOctets;
    private final Predicate<Situation> offered;
    private final Function<Situation, String> words;

    Extension(String keyword, String rfc, int mailLineOctets) {
        this(keyword, rfc, mailLineOctets, 0);
    }

    Extension(String keyword, String rfc, int mailLineOctets, int rcptLineOctets) {
        this(keyword, rfc, mailLineOctets, rcptLineOctets, s -> true, s -> "");
    }

    Extension(
            String keyword,
            String rfc,
            int mailLineOctets,
            Predicate<Situation> offered,
            Function<Situation, String> words) {
        this(keyword, rfc, mailLineOctets, 0, offered, words);
    }

    Extension(
            String keyword,
            String rfc,
            int mailLineOctets,
            int rcptLineOctets,
            Predicate<Situation> offered,
            Function<Situation, String> words) {
        this.keyword = keyword;
        this.rfc = rfc;
        this.mailLineOctets = mailLineOctets;
        this.rcptLineOctets = rcptLineOctets;
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

    /** Octets by which it lengthens the RCPT line. */
    public int rcptLineOctets() {
        return rcptLineOctets;
    }

    /** Whether a server in this situation offers it. */
    public boolean isOffered(Situation situation) {
        return (!situation.door().odmr() || isOfOdmr()) && offered.test(situation);
    }

    /** Whether it makes sense where no mail is taken (RFC 2645 5.4). */
    private boolean isOfOdmr() {
        return switch (this) {
            case STARTTLS, AUTH, ATRN, ENHANCEDSTATUSCODES, HELP -> true;
            default -> false;
        };
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
