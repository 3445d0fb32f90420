package org.hikyaku.smtp.client;

import java.time.Instant;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
import org.junit.jupiter.api.Test;

/** What a client says of a message to a server that knows the extension, and what it keeps for itself. */
class LinesTest {
    private static Transaction mail(Wishes wishes, boolean utf8, Notify... notifies) {
        List<Recipient> to = List.of(notifies).stream()
                .map(notify -> new Recipient(Address.of("b@y.example"), Address.of("b@y.example"), notify))
                .toList();
        return new Transaction(Address.of("a@x.example"), to, 0, wishes, 90, 100, Body.ofData(false), utf8);
    }

    /** RFC 3461 5.2.1. */
    @Test
    void whatTheSenderWantsToHearIsPassedOnAsItCame() {
        Transaction mail = mail(
                Wishes.NONE.with(Wishes.Ret.HEADERS).withEnvelopeId("Q+1 =2"),
                false,
                new Notify(0, ""),
                new Notify(Notify.SUCCESS | Notify.DELAY, "rfc822;B+x@y.example"),
                Notify.NONE,
                new Notify(Notify.UNSAID, "utf-8;\u7528@y.example"));
        Talk.ready("DSN", "PIPELINING")
                .begins(mail)
                .hears(
                        "MAIL FROM:<a@x.example> RET=HDRS ENVID=Q+2B1+20+3D2",
                        "RCPT TO:<b@y.example> NOTIFY=NEVER",
                        "RCPT TO:<b@y.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;B+2Bx@y.example",
                        "RCPT TO:<b@y.example>",
                        "RCPT TO:<b@y.example> ORCPT=utf-8;\\x{7528}@y.example",
                        "DATA");
    }

    /** RFC 3461 5.2.2 (a). */
    @Test
    void aServerWithoutDsnHearsNothingOfIt() {
        Transaction mail = mail(
                Wishes.NONE.with(Wishes.Ret.FULL).withEnvelopeId("Q1"), false, new Notify(Notify.SUCCESS, "rfc822;b"));
        Talk.ready("PIPELINING").begins(mail).hears("MAIL FROM:<a@x.example>", "RCPT TO:<b@y.example>", "DATA");
    }

    /** RFC 6710 4.2, 4.3. */
    @Test
    void aPriorityThatWasAskedForIsToldToAServerThatKnowsThem() {
        Transaction plain = mail(Wishes.NONE.withRanked(true), false, Notify.NONE);
        Transaction low = new Transaction(
                plain.sender(), plain.recipients(), -3, plain.wishes(), 0, 100, Body.ofData(false), false);
        Talk.ready("MT-PRIORITY", "PIPELINING")
                .begins(low)
                .hears("MAIL FROM:<a@x.example> MT-PRIORITY=-3", "RCPT TO:<b@y.example>", "DATA");
        Talk.ready("PIPELINING").begins(low).hears("MAIL FROM:<a@x.example>", "RCPT TO:<b@y.example>", "DATA");
        Talk.ready("MT-PRIORITY", "PIPELINING")
                .begins(new Transaction(
                        plain.sender(), plain.recipients(), 2, Wishes.NONE, 0, 100, Body.ofData(false), false))
                .hears("MAIL FROM:<a@x.example>", "RCPT TO:<b@y.example>", "DATA"); // ours alone
    }

    /** RFC 8689 4.2.1, 5. */
    @Test
    void thatTlsIsRequiredIsPassedOn() {
        Transaction secret = mail(Wishes.NONE.with(Wishes.Tls.REQUIRED), false, Notify.NONE);
        Talk.ready("REQUIRETLS", "PIPELINING")
                .begins(secret)
                .hears("MAIL FROM:<a@x.example> REQUIRETLS", "RCPT TO:<b@y.example>", "DATA");
        Talk.ready("REQUIRETLS", "PIPELINING")
                .begins(mail(Wishes.NONE.with(Wishes.Tls.OPTIONAL), false, Notify.NONE))
                .hears("MAIL FROM:<a@x.example>", "RCPT TO:<b@y.example>", "DATA");
    }

    /** RFC 3865 2.7. */
    @Test
    void whatTheHeaderSaysOfSolicitationIsToldToAServerThatAsks() {
        Transaction mail = mail(Wishes.NONE.withSolicitation("net.example:ADV"), false, Notify.NONE);
        Talk.ready("NO-SOLICITING", "PIPELINING")
                .begins(mail)
                .hears("MAIL FROM:<a@x.example> SOLICIT=net.example:ADV", "RCPT TO:<b@y.example>", "DATA");
        Talk.ready("PIPELINING").begins(mail).hears("MAIL FROM:<a@x.example>", "RCPT TO:<b@y.example>", "DATA");
    }

    /** RFC 2852 4, 4.1.4. */
    @Test
    void whatIsLeftOfTheTimeIsToldToAServerThatKnowsDeliverBy() {
        Wishes returns = Wishes.NONE.with(new Wishes.Deadline(Instant.EPOCH, true, false));
        Wishes notifies = Wishes.NONE.with(new Wishes.Deadline(Instant.EPOCH, false, true));
        Talk.ready("DELIVERBY", "PIPELINING", "DSN")
                .begins(mail(returns, false, Notify.NONE))
                .hears("MAIL FROM:<a@x.example> BY=90;R", "RCPT TO:<b@y.example>", "DATA");
        Talk.ready("DELIVERBY 60", "PIPELINING")
                .begins(mail(notifies, false, Notify.NONE))
                .hears("MAIL FROM:<a@x.example> BY=90;NT", "RCPT TO:<b@y.example>", "DATA");
    }

    /** RFC 2852 4.1.4.2. */
    @Test
    void aServerThatDoesNotIsAskedToTellOfDelays() {
        Wishes notifies = Wishes.NONE.with(new Wishes.Deadline(Instant.EPOCH, false, false));
        Talk.ready("DSN", "PIPELINING")
                .begins(mail(notifies, false, Notify.NONE, new Notify(Notify.SUCCESS, ""), new Notify(0, "")))
                .hears(
                        "MAIL FROM:<a@x.example>",
                        "RCPT TO:<b@y.example> NOTIFY=FAILURE,DELAY",
                        "RCPT TO:<b@y.example> NOTIFY=SUCCESS,DELAY",
                        "RCPT TO:<b@y.example> NOTIFY=NEVER",
                        "DATA");
    }

    /** RFC 6533 3. */
    @Test
    void inATransactionWithSmtputf8LettersBeyondAsciiStandAsTheyAre() {
        Transaction mail = mail(Wishes.NONE, true, new Notify(Notify.UNSAID, "utf-8;\u7528@y.example"));
        Talk.ready("DSN", "SMTPUTF8", "PIPELINING")
                .begins(mail)
                .hears(
                        "MAIL FROM:<a@x.example> SMTPUTF8",
                        "RCPT TO:<b@y.example> ORCPT=utf-8;\u7528@y.example",
                        "DATA");
    }
}
