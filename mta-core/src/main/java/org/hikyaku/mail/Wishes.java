package org.hikyaku.mail;

import java.time.Instant;
import java.util.Optional;

/**
 * What the sender asks for with a message beyond its delivery, and what else of MAIL's extensions outlives the
 * transaction. Nearly all mail has {@link #NONE}, which is one object for all of it and no octet in the spool.
 *
 * @param binary its lines may hold or lack anything: BODY=BINARYMIME was said (RFC 3030)
 * @param tls by which ways it may travel (RFC 8689)
 * @param ret how much of it goes back with a failure (RFC 3461 4.3)
 * @param envelopeId ENVID, decoded (RFC 3461 4.4); empty when it was not said
 * @param submitter who submitted it, as AUTH= says (RFC 4954 5), decoded; {@code <>} when that host does not know, empty when it was not said
 * @param solicitation the classes of solicitation that its header names (RFC 3865), separated by commas; empty for none
 * @param ranked the envelope's priority was asked for, so it is told to the next host (RFC 6710)
 * @param verp the two signs by which each recipient gets a sender's address of his own ({@link Envelope#senderFor}); empty when none does
 * @param deadline by when it is to be delivered (RFC 2852)
 * @param release not to be delivered before (RFC 4865)
 */
public record Wishes(
        boolean binary,
        Tls tls,
        Ret ret,
        String envelopeId,
        String submitter,
        String solicitation,
        boolean ranked,
        String verp,
        Optional<Deadline> deadline,
        Optional<Release> release) {
    public static final Wishes NONE =
            new Wishes(false, Tls.USUAL, Ret.UNSAID, "", "", "", false, "", Optional.empty(), Optional.empty());

    /** The signs that a sender's address of one recipient may be put together with. */
    public static final String VERP_SIGNS = "+-=";

    /** The connections that will do. */
    public enum Tls {
        /** As the configuration and the receiving domain have it. */
        USUAL,
        /** REQUIRETLS: only under TLS, to a host that is proved and promises the same. */
        REQUIRED,
        /** TLS-Required: No: rather in clear than not at all. */
        OPTIONAL
    }

    /** How much of a message a failure brings back. */
    public enum Ret {
        UNSAID,
        FULL,
        HEADERS
    }

    /**
     * BY= of MAIL.
     *
     * @param at the time by which it is to be there
     * @param returns mode R: not later; else mode N: the sender is told, and it is tried on
     * @param trace every hop is to be told to the sender
     */
    public record Deadline(Instant at, boolean returns, boolean trace) {}

    /**
     * HOLDFOR= or HOLDUNTIL= of MAIL.
     *
     * @param said what the client wrote, as RFC 4865 5.1.2 wants it told: {@code for;3600}, {@code until;2026-12-24T18:00:00Z}
     */
    public record Release(Instant at, String said) {}

    public Wishes withBinary(boolean is) {
        return new Wishes(is, tls, ret, envelopeId, submitter, solicitation, ranked, verp, deadline, release);
    }

    public Wishes with(Tls way) {
        return new Wishes(binary, way, ret, envelopeId, submitter, solicitation, ranked, verp, deadline, release);
    }

    public Wishes with(Ret much) {
        return new Wishes(binary, tls, much, envelopeId, submitter, solicitation, ranked, verp, deadline, release);
    }

    public Wishes withEnvelopeId(String id) {
        return new Wishes(binary, tls, ret, id, submitter, solicitation, ranked, verp, deadline, release);
    }

    public Wishes withSubmitter(String mailbox) {
        return new Wishes(binary, tls, ret, envelopeId, mailbox, solicitation, ranked, verp, deadline, release);
    }

    public Wishes withSolicitation(String classes) {
        return new Wishes(binary, tls, ret, envelopeId, submitter, classes, ranked, verp, deadline, release);
    }

    public Wishes withRanked(boolean is) {
        return new Wishes(binary, tls, ret, envelopeId, submitter, solicitation, is, verp, deadline, release);
    }

    public Wishes withVerp(String signs) {
        return new Wishes(binary, tls, ret, envelopeId, submitter, solicitation, ranked, signs, deadline, release);
    }

    public Wishes with(Deadline by) {
        return new Wishes(
                binary, tls, ret, envelopeId, submitter, solicitation, ranked, verp, Optional.of(by), release);
    }

    public Wishes with(Release until) {
        return new Wishes(
                binary, tls, ret, envelopeId, submitter, solicitation, ranked, verp, deadline, Optional.of(until));
    }

    /** Whether these are two signs for {@link #verp}. */
    public static boolean areVerpSigns(String signs) {
        return signs.length() == 2
                && VERP_SIGNS.indexOf(signs.charAt(0)) >= 0
                && VERP_SIGNS.indexOf(signs.charAt(1)) >= 0;
    }

    /** What of this still holds when a list sends the message on in its own name (RFC 3461 5.2.7.1, RFC 8689 6). */
    public Wishes ofList() {
        return new Wishes(binary, tls, Ret.UNSAID, "", "", solicitation, ranked, "", Optional.empty(), release);
    }

    public boolean isNone() {
        return equals(NONE);
    }
}
