package org.hikyaku.smtp;

import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.jspecify.annotations.Nullable;

/** A command as it was read (RFC 5321 4.1.1 and the extensions): the grammar holds, nothing else is said of it. */
public sealed interface Command {
    /** {@code name} is what the client calls itself: a domain, a literal, or some other word without spaces. */
    record Ehlo(String name) implements Command {}

    record Helo(String name) implements Command {}

    /** LHLO (RFC 2033 4.1). */
    record Lhlo(String name) implements Command {}

    /**
     * MAIL.
     *
     * @param sender {@link Address#NULL} for {@code <>}
     * @param international the path holds octets over 127
     */
    record Mail(Address sender, List<Parameter> parameters, boolean international) implements Command {}

    /** RCPT; a source route before the mailbox was read and is forgotten (RFC 5321 4.1.1.3, appendix C). */
    record Rcpt(Address recipient, List<Parameter> parameters, boolean international) implements Command {}

    record Data() implements Command {}

    /**
     * BDAT (RFC 3030 2): octets of the message follow the line at once.
     *
     * @param octets how many; {@link #UNREADABLE} when the line does not say it
     * @param last whether the message ends with them
     */
    record Bdat(long octets, boolean last) implements Command {
        public static final long UNREADABLE = -1;
    }

    record Rset() implements Command {}

    record Noop() implements Command {}

    record Help() implements Command {}

    record Vrfy(String text) implements Command {}

    record Expn(String text) implements Command {}

    record Quit() implements Command {}

    record StartTls() implements Command {}

    /**
     * AUTH.
     *
     * @param mechanism in capitals
     * @param initial the initial response, still in base64, {@code "="} for an empty one; null when there is none
     */
    record Auth(String mechanism, @Nullable String initial) implements Command {
        @Override
        public String toString() {
            return "Auth[" + mechanism + "]";
        }
    }

    /** XCLIENT (Postfix): attributes with their values, still in xtext. */
    record Xclient(List<Parameter> attributes) implements Command {}

    /** XFORWARD (Postfix). */
    record Xforward(List<Parameter> attributes) implements Command {}

    /**
     * ETRN (RFC 1985 5).
     *
     * @param option {@code '@'}: all below it too; {@code '#'}: a queue of that name; a space: neither
     */
    record Etrn(char option, String node) implements Command {}

    /** ATRN (RFC 2645 5.2.1): of these domains, or of all that are the client's. */
    record Atrn(List<Domain> domains) implements Command {
        public Atrn {
            domains = List.copyOf(domains);
        }
    }

    /** A command of some RFC that this server has not: SEND, SOML, SAML, TURN... */
    record Unimplemented(String word) implements Command {}

    /**
     * What is no command.
     *
     * @param word the first word if it is printable and short, else empty; for the log
     */
    record Faulty(String word, Reply reply) implements Command {}
}
