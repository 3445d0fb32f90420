package org.hikyaku.smtp.client;

import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.OriginalRecipient;
import org.hikyaku.smtp.Xtext;

/**
 * The MAIL and RCPT lines of a transaction for a server: each parameter only where the message needs it or its sender asked for
 * it, and the server knows it. Pure.
 */
final class Lines {
    /** RFC 2852 4: nine digits. */
    private static final long BY_MAX = 999_999_999;

    private Lines() {}

    /** SIZE wherever it is known (RFC 6152 3, RFC 6531 3.4 for the others). */
    static String mail(Transaction transaction, ServerOffer offer, boolean loggedIn) {
        StringBuilder line =
                new StringBuilder("MAIL FROM:<").append(transaction.sender()).append('>');
        if (offer.has(Extension.SIZE)) {
            line.append(" SIZE=").append(transaction.size());
        }
        switch (transaction.body().octets()) {
            case SEVEN_BIT -> {}
            case EIGHT_BIT -> line.append(" BODY=8BITMIME");
            case BINARY -> line.append(" BODY=BINARYMIME");
        }
        if (transaction.utf8()) {
            line.append(" SMTPUTF8");
        }
        if (offer.has(Extension.DSN)) {
            dsn(line, transaction.wishes());
        }
        String submitter = transaction.wishes().submitter();
        if (loggedIn && !submitter.isEmpty()) { // RFC 4954 5: only to whom we have proved who we are
            line.append(" AUTH=").append(submitter.equals("<>") ? submitter : Xtext.encode(submitter));
        }
        if (offer.has(Extension.MT_PRIORITY) && transaction.wishes().ranked()) { // RFC 6710 4.2
            line.append(" MT-PRIORITY=").append(transaction.priority());
        }
        if (offer.has(Extension.NO_SOLICITING)
                && !transaction.wishes().solicitation().isEmpty()) {
            line.append(" SOLICIT=").append(transaction.wishes().solicitation()); // RFC 3865 2.7
        }
        if (offer.has(Extension.REQUIRETLS) && transaction.wishes().tls() == Wishes.Tls.REQUIRED) {
            line.append(" REQUIRETLS"); // RFC 8689 4.2.1, 5
        }
        if (offer.has(Extension.DELIVERBY)) {
            transaction
                    .wishes()
                    .deadline()
                    .ifPresent(by -> line.append(" BY=")
                            .append(Math.clamp(transaction.bySeconds(), -BY_MAX, BY_MAX))
                            .append(by.returns() ? ";R" : ";N")
                            .append(by.trace() ? "T" : ""));
        }
        return line.toString();
    }

    /** RFC 3461 5.2.1 (a), (b): as it came, and nothing where nothing came. */
    private static void dsn(StringBuilder line, Wishes wishes) {
        switch (wishes.ret()) {
            case FULL -> line.append(" RET=FULL");
            case HEADERS -> line.append(" RET=HDRS");
            case UNSAID -> {}
        }
        if (!wishes.envelopeId().isEmpty()) {
            line.append(" ENVID=").append(Xtext.encode(wishes.envelopeId()));
        }
    }

    static String rcpt(Transaction transaction, Recipient recipient, ServerOffer offer) {
        StringBuilder line =
                new StringBuilder("RCPT TO:<").append(recipient.address()).append('>');
        if (offer.has(Extension.DSN)) {
            notify(line, wanted(transaction, recipient.wanted(), offer), transaction.utf8());
        }
        return line.toString();
    }

    /** RFC 2852 4.1.4.2: a server that does not know the deadline is to tell of a delay. */
    private static Notify wanted(Transaction transaction, Notify notify, ServerOffer offer) {
        boolean asEver =
                transaction.wishes().deadline().isEmpty() || offer.has(Extension.DELIVERBY) || notify.isNever();
        return asEver ? notify : notify.with((notify.isSaid() ? notify.when() : Notify.FAILURE) | Notify.DELAY);
    }

    /** RFC 3461 5.2.1 (c), (d). */
    private static void notify(StringBuilder line, Notify notify, boolean utf8) {
        if (notify.isSaid()) {
            List<String> words = new ArrayList<>(3);
            if (notify.isNever()) {
                words.add("NEVER");
            }
            if (notify.ofSuccess()) {
                words.add("SUCCESS");
            }
            if (notify.ofFailure()) {
                words.add("FAILURE");
            }
            if (notify.ofDelay()) {
                words.add("DELAY");
            }
            line.append(" NOTIFY=").append(String.join(",", words));
        }
        if (!notify.original().isEmpty()) {
            line.append(" ORCPT=").append(OriginalRecipient.write(notify.original(), utf8));
        }
    }
}
