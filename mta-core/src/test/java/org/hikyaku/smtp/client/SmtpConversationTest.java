package org.hikyaku.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ChannelBindings;
import org.hikyaku.sasl.ClientMechanism;
import org.hikyaku.sasl.Mechanisms;
import org.hikyaku.smtp.client.Terms.Tls;
import org.hikyaku.smtp.client.Trouble.Kind;
import org.junit.jupiter.api.Test;

class SmtpConversationTest {
    @Test
    void withoutPipeliningEachCommandWaitsForItsReply() {
        Talk.ready("SIZE 1000")
                .begins(Talk.mail("b@y.example", "c@y.example"))
                .hears("MAIL FROM:<a@x.example> SIZE=100")
                .says("250 ok")
                .hears("RCPT TO:<b@y.example>")
                .says("250 ok")
                .hears("RCPT TO:<c@y.example>")
                .says("550 5.1.1 no")
                .hears("DATA")
                .says("354 go")
                .hears("BODY")
                .bodySent()
                .says("250 2.0.0 queued as 1")
                .hears("DONE: taken 250, RECIPIENT REPLY 550");
    }

    @Test
    void withPipeliningAllGoesInOneFlight() { // RFC 2920 3.1
        Talk.ready("PIPELINING")
                .begins(Talk.mail("b@y.example", "c@y.example"))
                .hears("MAIL FROM:<a@x.example>", "RCPT TO:<b@y.example>", "RCPT TO:<c@y.example>", "DATA")
                .says("250 ok", "450 later", "251 will forward", "354 go")
                .hears("BODY")
                .bodySent()
                .says("250 ok")
                .hears("DONE: RECIPIENT REPLY 450, taken 250");
    }

    @Test
    void whenAllAreRefusedButDataWasTakenALoneDotEndsIt() { // RFC 2920 3.1
        Talk.ready("PIPELINING")
                .begins(Talk.mail("b@y.example"))
                .hears("MAIL FROM:<a@x.example>", "RCPT TO:<b@y.example>", "DATA")
                .says("250 ok", "550 no", "354 go")
                .hears(".")
                .says("554 nobody")
                .hears("DONE: RECIPIENT REPLY 550")
                .begins(Talk.mail("c@y.example"))
                .hears("MAIL FROM:<a@x.example>", "RCPT TO:<c@y.example>", "DATA");
    }

    @Test
    void whenAllAreRefusedAndDataTooTheNextTransactionBeginsWithRset() {
        Talk.ready("PIPELINING")
                .begins(Talk.mail("b@y.example"))
                .says("250 ok", "550 no", "503 no recipients")
                .begins(Talk.mail("c@y.example"))
                .hears(
                        "MAIL FROM:<a@x.example>",
                        "RCPT TO:<b@y.example>",
                        "DATA",
                        "DONE: RECIPIENT REPLY 550",
                        "RSET",
                        "MAIL FROM:<a@x.example>",
                        "RCPT TO:<c@y.example>",
                        "DATA")
                .says("250 flushed", "250 ok", "250 ok", "354 go")
                .hears("BODY");
    }

    @Test
    void aRefusedSenderIsRefusedForAllEvenWhenRecipientsWereTaken() {
        Talk.ready("PIPELINING")
                .begins(Talk.mail("b@y.example"))
                .says("550 5.7.1 not you", "250 ok", "354 go")
                .hears(
                        "MAIL FROM:<a@x.example>",
                        "RCPT TO:<b@y.example>",
                        "DATA",
                        "DONE (no more): MAIL REPLY 550",
                        "CLOSE"); // a lone dot would deliver an empty message
        Talk.ready()
                .begins(Talk.mail("b@y.example"))
                .says("451 later")
                .hears("MAIL FROM:<a@x.example>", "DONE: MAIL REPLY 451");
    }

    @Test
    void aReplyToDataOtherThan354CountsForThoseTaken() {
        Talk.ready("PIPELINING")
                .begins(Talk.mail("b@y.example", "c@y.example"))
                .says("250 ok", "550 no", "250 ok", "451 busy")
                .hears(
                        "MAIL FROM:<a@x.example>",
                        "RCPT TO:<b@y.example>",
                        "RCPT TO:<c@y.example>",
                        "DATA",
                        "DONE: RECIPIENT REPLY 550, DATA REPLY 451");
    }

    @Test
    void lmtpAnswersForEachRecipientAfterTheDot() { // RFC 2033 4.2
        Talk.readyLmtp()
                .begins(Talk.mail("b@y.example", "c@y.example", "d@y.example"))
                .says("250 ok", "250 ok", "550 no", "250 ok", "354 go")
                .bodySent()
                .says("250 stored", "452 4.2.2 full")
                .hears(
                        "MAIL FROM:<a@x.example>",
                        "RCPT TO:<b@y.example>",
                        "RCPT TO:<c@y.example>",
                        "RCPT TO:<d@y.example>",
                        "DATA",
                        "BODY",
                        "DONE: taken 250, RECIPIENT REPLY 550, END_OF_DATA REPLY 452");
    }

    @Test
    void lmtpRecipientsAnsweredBeforeTheConnectionEndedKeepTheirAnswer() {
        Talk talk = Talk.readyLmtp()
                .begins(Talk.mail("b@y.example", "c@y.example"))
                .says("250 ok", "250 ok", "250 ok", "354 go");
        talk.acts.clear();
        talk.bodySent()
                .says("250 stored")
                .lost(Kind.LOST)
                .hears("DONE (no more): taken 250, END_OF_DATA LOST", "CLOSE");
    }

    @Test
    void parametersAreSentOnlyWhereNeededAndOffered() {
        Transaction both =
                new Transaction(Address.of("\u00fc@x.example"), List.of(Address.of("b@y.example")), 9, true, true);
        Talk.ready("8BITMIME", "SMTPUTF8", "PIPELINING", "SIZE")
                .begins(both)
                .hears("MAIL FROM:<\u00fc@x.example> SIZE=9 BODY=8BITMIME SMTPUTF8", "RCPT TO:<b@y.example>", "DATA");
        Talk.ready("8BITMIME").begins(both).hears("DONE: MAIL NEEDS_SMTPUTF8");
        Talk.ready("SMTPUTF8").begins(both).hears("DONE: MAIL NEEDS_8BITMIME");
    }

    @Test
    void anInternationalDomainIsSentAsALabels() { // RFC 6531 3.2
        Talk.ready("PIPELINING")
                .begins(Talk.mail("b@b\u00fccher.example"))
                .hears("MAIL FROM:<a@x.example>", "RCPT TO:<b@xn--bcher-kva.example>", "DATA");
    }

    @Test
    void aMessageOverTheAnnouncedSizeIsNotSent() { // RFC 1870 6.3
        Talk talk = Talk.ready("SIZE 99").begins(Talk.mail("b@y.example")).hears("DONE: MAIL TOO_LARGE");
        assertThat(talk.conversation.isReady()).isTrue();
        Talk.ready("SIZE 0").begins(Talk.mail("b@y.example")).hears("MAIL FROM:<a@x.example> SIZE=100");
    }

    @Test
    void ehloUnknownFallsBackToHelo() { // RFC 5321 3.2
        for (String code : List.of("500", "501", "502", "504", "550")) {
            new Talk(Talk.terms(Tls.IF_OFFERED))
                    .says("220 hi", code + " what?")
                    .hears("EHLO me.example", "HELO me.example")
                    .says("250 hello")
                    .hears("READY");
        }
        new Talk(Talk.terms(Tls.NO))
                .says("220 hi", "502 what?", "550 go away")
                .hears("EHLO me.example", "HELO me.example", "UNUSABLE HELLO REPLY 550", "QUIT");
    }

    @Test
    void aServerThatHungUpOnEhloGetsHelo() {
        new Talk(Talk.terms(Tls.NO))
                .says("220 hi")
                .lost(Kind.LOST)
                .hears("EHLO me.example", "UNUSABLE HELLO LOST", "CLOSE");
        Terms helo = new Terms("me.example", false, Tls.NO, true, Optional.empty(), Talk.PATIENCE);
        new Talk(helo).says("220 hi").hears("HELO me.example").says("250 hi").hears("READY");
    }

    @Test
    void startTlsForgetsWhatWasSaidInClear() { // RFC 3207 4.2
        new Talk(Talk.terms(Tls.IF_OFFERED))
                .says("220 hi")
                .says(Talk.ehlo("STARTTLS", "SIZE 5"))
                .says("220 go", "250 injected", "250-half")
                .hears("EHLO me.example", "STARTTLS", "STARTTLS!")
                .says("250 injected")
                .secured()
                .hears("EHLO me.example")
                .says(Talk.ehlo("PIPELINING"))
                .begins(Talk.mail("b@y.example"))
                .hears("READY", "MAIL FROM:<a@x.example>", "RCPT TO:<b@y.example>", "DATA");
    }

    @Test
    void startTlsRefusedGoesOnInClearUnlessItIsRequired() {
        new Talk(Talk.terms(Tls.IF_OFFERED))
                .says("220 hi")
                .says(Talk.ehlo("STARTTLS"))
                .says("454 4.7.0 not now")
                .hears("EHLO me.example", "STARTTLS", "READY");
        new Talk(Talk.terms(Tls.REQUIRED))
                .says("220 hi")
                .says(Talk.ehlo("STARTTLS"))
                .says("454 4.7.0 not now")
                .hears("EHLO me.example", "STARTTLS", "UNUSABLE STARTTLS REPLY 454", "QUIT");
        new Talk(Talk.terms(Tls.REQUIRED))
                .says("220 hi")
                .says(Talk.ehlo())
                .hears("EHLO me.example", "UNUSABLE STARTTLS TLS_NOT_OFFERED", "QUIT");
    }

    @Test
    void aFailedHandshakeIsToldAsSuch() {
        new Talk(Talk.terms(Tls.IF_OFFERED))
                .says("220 hi")
                .says(Talk.ehlo("STARTTLS"))
                .says("220 go")
                .lost(Kind.TLS_FAILED)
                .hears("EHLO me.example", "STARTTLS", "STARTTLS!", "UNUSABLE STARTTLS TLS_FAILED", "CLOSE");
    }

    private static Optional<ClientMechanism> user(List<String> offered, TlsFacts tls) {
        byte[] random = new byte[Mechanisms.RANDOM_OCTETS];
        return Mechanisms.client(offered, "user", "secret", random, ChannelBindings.ofClient(tls));
    }

    @Test
    void aLoginIsSentOnlyUnderTls() {
        new Talk(Talk.login(SmtpConversationTest::user))
                .says("220 hi")
                .says(Talk.ehlo("AUTH PLAIN"))
                .hears("EHLO me.example", "UNUSABLE AUTH AUTH_WITHOUT_TLS", "QUIT");
        new Talk(Talk.login(SmtpConversationTest::user))
                .says("220 hi")
                .says(Talk.ehlo("STARTTLS"))
                .says("220 go")
                .secured()
                .says(Talk.ehlo("AUTH PLAIN"))
                .says("235 2.7.0 welcome")
                .hears(
                        "EHLO me.example",
                        "STARTTLS",
                        "STARTTLS!",
                        "EHLO me.example",
                        "AUTH PLAIN AHVzZXIAc2VjcmV0",
                        "READY");
    }

    @Test
    void loginAnswersTwoChallenges() {
        Talk talk = underTls("AUTH LOGIN", SmtpConversationTest::user);
        talk.hears("AUTH LOGIN")
                .says("334 VXNlcm5hbWU6")
                .hears("dXNlcg==")
                .says("334 UGFzc3dvcmQ6")
                .hears("c2VjcmV0")
                .says("535 5.7.8 wrong")
                .hears("UNUSABLE AUTH REPLY 535", "QUIT");
    }

    @Test
    void aChallengeThatCannotBeReadIsCancelled() { // RFC 4954 4
        underTls("AUTH LOGIN", SmtpConversationTest::user)
                .hears("AUTH LOGIN")
                .says("334 !!!")
                .hears("*")
                .says("501 cancelled")
                .hears("UNUSABLE AUTH AUTH_DOUBTED", "QUIT");
    }

    @Test
    void aScramSuccessThatTheServerDidNotProveIsNotBelieved() {
        Talk talk = underTls("AUTH SCRAM-SHA-256", SmtpConversationTest::user);
        assertThat(talk.acts).hasSize(1);
        talk.acts.clear();
        talk.says("235 sure, welcome").hears("UNUSABLE AUTH AUTH_DOUBTED", "QUIT");
    }

    @Test
    void noCommonMechanismIsTold() {
        underTls("AUTH GSSAPI", SmtpConversationTest::user).hears("UNUSABLE AUTH AUTH_NO_MECHANISM", "QUIT");
    }

    private static Talk underTls(String offer, Terms.Login login) {
        Talk talk = new Talk(Talk.login(login))
                .says("220 hi")
                .says(Talk.ehlo("STARTTLS"))
                .says("220 go")
                .secured();
        talk.acts.clear();
        return talk.says(Talk.ehlo(offer));
    }

    @Test
    void a421EndsItAtAnyTime() { // RFC 5321 3.8
        new Talk(Talk.terms(Tls.NO)).says("421 busy").hears("UNUSABLE GREETING SHUTTING_DOWN 421", "CLOSE");
        Talk.ready().says("421 idle too long").hears("UNUSABLE IDLE SHUTTING_DOWN 421", "CLOSE");
        Talk.ready("PIPELINING")
                .begins(Talk.mail("b@y.example", "c@y.example", "d@y.example"))
                .says("250 ok", "550 no", "421 enough")
                .hears(
                        "MAIL FROM:<a@x.example>",
                        "RCPT TO:<b@y.example>",
                        "RCPT TO:<c@y.example>",
                        "RCPT TO:<d@y.example>",
                        "DATA",
                        "DONE (no more): RECIPIENT REPLY 550, RECIPIENT SHUTTING_DOWN 421, RECIPIENT SHUTTING_DOWN 421",
                        "CLOSE");
    }

    @Test
    void aReplyInTheMiddleOfTheMessageEndsTheTransaction() {
        Talk talk = Talk.ready("PIPELINING").begins(Talk.mail("b@y.example")).says("250 ok", "250 ok", "354 go");
        talk.acts.clear();
        talk.says("552 5.3.4 too big").hears("DONE (no more): BODY REPLY 552", "CLOSE");
        Talk early = Talk.ready("PIPELINING").begins(Talk.mail("b@y.example")).says("250 ok", "250 ok", "354 go");
        early.acts.clear();
        early.says("250 queued").hears("DONE (no more): BODY GARBAGE", "CLOSE");
    }

    @Test
    void theReplyToTheDotThatNeverCameIsTheHostsPossibleCopy() {
        Talk talk = Talk.ready("PIPELINING").begins(Talk.mail("b@y.example")).says("250 ok", "250 ok", "354 go");
        talk.acts.clear();
        talk.bodySent().lost(Kind.LOST).hears("DONE (no more): END_OF_DATA LOST", "CLOSE");
    }

    @Test
    void answersThatDoNotFitAreGarbage() {
        Talk.ready("PIPELINING")
                .begins(Talk.mail("b@y.example"))
                .says("250 ok", "354 go")
                .hears(
                        "MAIL FROM:<a@x.example>",
                        "RCPT TO:<b@y.example>",
                        "DATA",
                        "DONE (no more): RECIPIENT GARBAGE",
                        "CLOSE");
        Talk.ready("PIPELINING")
                .begins(Talk.mail("b@y.example"))
                .says("250 ok", "250 ok", "250 ok")
                .hears(
                        "MAIL FROM:<a@x.example>",
                        "RCPT TO:<b@y.example>",
                        "DATA",
                        "DONE (no more): DATA GARBAGE",
                        "CLOSE");
        Talk.ready().says("250 surprise").hears("UNUSABLE IDLE GARBAGE", "CLOSE");
        new Talk(Talk.terms(Tls.NO)).says("SSH-2.0-OpenSSH_9").hears("UNUSABLE GREETING GARBAGE", "CLOSE");
    }

    @Test
    void aRefusedGreetingIsAnsweredByQuit() { // RFC 5321 3.1
        new Talk(Talk.terms(Tls.NO))
                .says("554 no mail here")
                .hears("UNUSABLE GREETING REPLY 554", "QUIT")
                .says("221 bye")
                .hears("CLOSE");
    }

    @Test
    void eachWaitHasItsOwnLimit() { // RFC 5321 4.5.3.2
        Talk talk = new Talk(Talk.terms(Tls.NO)).waits(Duration.ofMillis(999)).hears();
        talk.waits(Duration.ofMillis(1)).hears("UNUSABLE GREETING TIMEOUT", "CLOSE");
        Talk body = Talk.ready("PIPELINING").begins(Talk.mail("b@y.example")).says("250 ok", "250 ok", "354 go");
        body.acts.clear();
        body.waits(Duration.ofSeconds(5)).hears();
        body.conversation.bodyProgress(body.now);
        body.waits(Duration.ofSeconds(5)).hears();
        body.bodySent().waits(Duration.ofMillis(6999)).hears();
        body.waits(Duration.ofMillis(1)).hears("DONE (no more): END_OF_DATA TIMEOUT", "CLOSE");
        assertThat(body.conversation.deadline()).isEmpty();
    }

    @Test
    void quitIsWaitedForOnlyItsLimit() {
        Talk talk = Talk.ready();
        talk.acts.addAll(talk.conversation.quit(talk.now));
        talk.hears("QUIT").waits(Duration.ofSeconds(8)).hears("CLOSE");
    }

    @Test
    void everyRecipientGetsAFateWhereverTheConnectionEnds() {
        String[] replies = {"250 ok", "250 ok", "550 no", "354 go"};
        for (int heard = 0; heard <= replies.length; heard++) {
            Talk talk = Talk.ready("PIPELINING").begins(Talk.mail("b@y.example", "c@y.example"));
            for (int i = 0; i < heard; i++) {
                talk.says(replies[i]);
            }
            talk.acts.clear();
            talk.lost(Kind.LOST);
            assertThat(talk.acts).hasSize(2);
            assertThat(((Act.Done) talk.acts.getFirst()).fates()).hasSize(2).allMatch(Fate.Refused.class::isInstance);
            assertThat(talk.acts.getLast()).isEqualTo(new Act.Close());
        }
    }

    @Test
    void a521ToEhloIsNoReasonForHelo() { // RFC 7504 3
        new Talk(Talk.terms(Tls.NO))
                .says("220 hi", "521 no mail here")
                .hears("EHLO me.example", "UNUSABLE HELLO REPLY 521", "QUIT");
    }

    @Test
    void ofAnUnknownCodeTheFirstDigitDecides() { // RFC 5321 4.2.1
        Talk.ready("PIPELINING")
                .begins(Talk.mail("b@y.example", "c@y.example", "d@y.example"))
                .says("299 ok", "277 ok", "477 later", "577 no", "354 go")
                .bodySent()
                .says("298 ok")
                .hears(
                        "MAIL FROM:<a@x.example>",
                        "RCPT TO:<b@y.example>",
                        "RCPT TO:<c@y.example>",
                        "RCPT TO:<d@y.example>",
                        "DATA",
                        "BODY",
                        "DONE: taken 298, RECIPIENT REPLY 477, RECIPIENT REPLY 577");
    }
}
