package org.hikyaku.smtp.server;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.policy.SessionFacts;

/**
 * The header lines put before a message: Received (RFC 5321 4.4), what policy wants, and on submission a Date and a
 * Message-ID if they are missing (RFC 6409 8.2, 8.3).
 *
 * <p>Nothing a client says gets in unless it is a domain, a literal, or stripped to letters that cannot end a comment or
 * a line.
 */
final class TraceHeader {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final int HELO_SHOWN = 64;

    private TraceHeader() {}

    /** All of it, CRLF after each line; an empty line at its end if the message has no header at all. */
    static String prepended(SessionState session, Transaction transaction, HeaderFacts headers) {
        StringBuilder out = new StringBuilder(320);
        received(out, session, transaction);
        for (String line : transaction.headers) {
            out.append(line).append("\r\n");
        }
        if (session.rules().isSubmission()) {
            if (!headers.hasDate()) {
                out.append("Date: ").append(DATE.format(opened(transaction))).append("\r\n");
            }
            if (headers.messageId().isEmpty()) {
                out.append("Message-ID: ")
                        .append(messageId(session, transaction, headers))
                        .append("\r\n");
            }
        }
        return out.append(headers.bodyAtOnce() ? "\r\n" : "").toString();
    }

    /** The message's own, or the one that is added; empty when it has none and gets none. */
    static String messageId(SessionState session, Transaction transaction, HeaderFacts headers) {
        boolean ours = headers.messageId().isEmpty() && session.rules().isSubmission();
        return ours
                ? "<" + transaction.requireId() + "."
                        + Long.toString(opened(transaction).toEpochMilli(), 36) + "@"
                        + session.config().hostname().ascii() + ">"
                : headers.messageId();
    }

    private static void received(StringBuilder out, SessionState session, Transaction transaction) {
        SessionFacts facts = session.facts();
        String by = session.config().hostname().ascii();
        facts.hostUser()
                .ifPresentOrElse(
                        user -> out.append("Received: by ") // RFC 5321 4.4: no name of a host, as there is no other one
                                .append(by)
                                .append(" (Hikyaku, from ")
                                .append(user.shown())
                                .append(")\r\n\t"),
                        () -> from(out.append("Received: from "), facts)
                                .append("\r\n\tby ")
                                .append(by)
                                .append(' '));
        out.append("with ").append(protocol(session, transaction.smtputf8));
        out.append(" id ").append(transaction.requireId());
        if (transaction.recipients.size() == 1) {
            forRecipient(out, transaction.recipients.getFirst().address, transaction.smtputf8);
        }
        if (transaction.wishes.ranked()) {
            out.append("\r\n\tPRIORITY ").append(transaction.priority); // RFC 6710 4.1, 7
        }
        // RFC 8314 4.3
        facts.tls()
                .ifPresent(tls -> out.append("\r\n\ttls ")
                        .append(tls.cipher())
                        .append(" (")
                        .append(tls.version())
                        .append(')'));
        out.append(";\r\n\t").append(DATE.format(opened(transaction))).append("\r\n");
    }

    /** RFC 5321 4.4: the name given at EHLO and the address of the connection. */
    private static StringBuilder from(StringBuilder out, SessionFacts facts) {
        String ip = new IpLiteral(facts.remote()).text();
        String helo = facts.helo().orElse("");
        if (Domain.parse(helo).isPresent()) {
            out.append(helo).append(" (").append(ip).append(')');
        } else {
            out.append(ip).append(" (helo ").append(harmless(helo)).append(')');
        }
        return out;
    }

    private static String harmless(String helo) {
        String cut = helo.length() > HELO_SHOWN ? helo.substring(0, HELO_SHOWN) : helo;
        return cut.replaceAll("[^A-Za-z0-9._:-]", "?");
    }

    /** Told only when there is one recipient: others must not learn of each other (RFC 5321 7.2). */
    private static void forRecipient(StringBuilder out, Address recipient, boolean smtputf8) {
        if (smtputf8 || !recipient.isInternational()) {
            out.append("\r\n\tfor <").append(recipient).append('>');
        }
    }

    /** RFC 3848, RFC 6531 4.3. */
    private static String protocol(SessionState session, boolean smtputf8) {
        if (!session.client().isExtended()) {
            return "SMTP";
        }
        String lmtp = smtputf8 ? "UTF8LMTP" : "LMTP";
        String smtp = smtputf8 ? "UTF8SMTP" : "ESMTP";
        return (session.isLmtp() ? lmtp : smtp)
                + (session.client().isSecured() ? "S" : "")
                + (session.client().isAuthenticated() ? "A" : "");
    }

    private static Instant opened(Transaction transaction) {
        return Objects.requireNonNull(transaction.opened, "no draft");
    }
}
