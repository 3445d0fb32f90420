package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.hikyaku.mail.Content;
import org.hikyaku.queue.Outcome;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Hop.Security;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SmtpAgentTest {
    private static final String ONE = "198.51.100.1";
    private static final String TWO = "198.51.100.2";
    private static final List<Hop> FIRST = List.of(Errand.hop(ONE, Security.OPPORTUNISTIC));
    private static final List<Hop> BOTH =
            List.of(Errand.hop(ONE, Security.OPPORTUNISTIC), Errand.hop(TWO, Security.OPPORTUNISTIC));

    private final SimWorld sim = new SimWorld(7);
    private final Connections connections = new Connections();
    private final SmtpAgent agent = new SmtpAgent(sim.world(), connections);
    private final FakeMx one = Errand.mx(sim, ONE);
    private final FakeMx two = Errand.mx(sim, TWO);

    @AfterEach
    void close() {
        sim.close();
    }

    private List<String> deliver(List<Hop> hops, String... recipients) {
        return Errand.words(Errand.deliver(sim, agent, Errand.delivery(hops, recipients)));
    }

    private static @Nullable String when(String line, String prefix, String said) {
        return line.startsWith(prefix) ? said : null;
    }

    @Test
    void severalRecipientsGoInOneTransaction() {
        assertThat(deliver(FIRST, "b@y.example", "c@y.example")).containsExactly("delivered", "delivered");
        assertThat(one.mails).hasSize(1);
        assertThat(one.mails.getFirst().text()).isEqualTo(Errand.TEXT);
        assertThat(one.mails.getFirst().recipients()).containsExactly("<b@y.example>", "<c@y.example>");
    }

    @Test
    void moreRecipientsThanTheSettingGoInFurtherTransactionsOfOneConnection() {
        Delivery delivery = Errand.delivery(
                Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example", "c@y.example", "d@y.example"),
                Errand.config("delivery.recipients_per_transaction_max=2\n"),
                FIRST.getFirst());
        assertThat(Errand.words(Errand.deliver(sim, agent, delivery)))
                .containsOnly("delivered")
                .hasSize(3);
        assertThat(one.mails).hasSize(2);
        assertThat(one.sessions).hasSize(1);
    }

    @Test
    void theNextMessageGoesOverTheIdleConnectionUntilItIsTooOld() {
        deliver(FIRST, "b@y.example");
        deliver(FIRST, "c@y.example");
        assertThat(one.sessions).hasSize(1);
        assertThat(connections.idle()).isEqualTo(1);
        sim.runFor(Errand.CONFIG.delivery().connectionIdle().plusSeconds(1));
        assertThat(connections.idle()).isZero();
        assertThat(one.commands()).endsWith("QUIT");
    }

    @Test
    void aConnectionIsUsedForNoMoreMessagesThanTheSetting() {
        Delivery delivery = Errand.delivery(
                Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example"),
                Errand.config("delivery.messages_per_connection_max=2\n"),
                FIRST.getFirst());
        for (int i = 0; i < 5; i++) {
            Errand.deliver(sim, agent, delivery);
        }
        assertThat(one.sessions).hasSize(3);
    }

    @Test
    void anIdleConnectionThatItsHostHasEndedCostsOnlyANewOne() {
        for (String ending : List.of(FakeMx.CLOSE, FakeMx.RESET, "421 idle too long")) {
            deliver(FIRST, "b@y.example");
            int before = one.sessions.size();
            one.script = (session, line) -> session == one.sessions.getLast() && one.sessions.size() == before
                    ? when(line, "MAIL", ending)
                    : null;
            assertThat(deliver(FIRST, "c@y.example")).as(ending).containsExactly("delivered");
            assertThat(one.sessions).hasSize(before + 1);
        }
    }

    @Test
    void whatAHostSaysForGoodOfARecipientIsFinal() {
        one.script = (session, line) -> when(line, "RCPT TO:<b", "550 no such user");
        assertThat(deliver(BOTH, "b@y.example", "c@y.example")).containsExactly("failed 5.0.0", "delivered");
        assertThat(two.sessions).isEmpty();
    }

    @Test
    void whoIsPutOffByOneHostIsBroughtToTheNext() {
        one.script = (session, line) -> when(line, "RCPT TO:<b", "450 4.2.0 later");
        assertThat(deliver(BOTH, "b@y.example", "c@y.example")).containsExactly("delivered", "delivered");
        assertThat(two.mails.getFirst().recipients()).containsExactly("<b@y.example>");
    }

    @Test
    void tooManyRecipientsAreBroughtInAFurtherTransaction() { // RFC 5321 4.5.3.1.10
        one.script = (session, line) ->
                line.startsWith("RCPT") && session.recipients.size() >= 2 ? "452 4.5.3 too many" : null;
        assertThat(deliver(FIRST, "b@y.example", "c@y.example", "d@y.example", "e@y.example", "f@y.example"))
                .containsOnly("delivered");
        assertThat(one.mails).hasSize(3);
        assertThat(one.sessions).hasSize(1);
    }

    @Test
    void aHostThatFailsBeforeTheMailHandsOverToTheNext() {
        List<String> ways = List.of(
                "554 go away",
                "421 busy",
                "450 later",
                FakeMx.CLOSE,
                FakeMx.RESET,
                FakeMx.SILENCE,
                "hello",
                "250-" + "x".repeat(9000));
        for (String way : ways) {
            one.script = (session, line) -> line.isEmpty() ? way : null;
            assertThat(deliver(BOTH, "b@y.example")).as(way).containsExactly("delivered");
        }
        assertThat(one.mails).isEmpty();
    }

    @Test
    void noHostReachedLetsTheMailWait() {
        Hop nobody = Errand.hop("198.51.100.9", Security.OPPORTUNISTIC);
        assertThat(deliver(List.of(nobody), "b@y.example")).containsExactly("retry 4.4.1");
        assertThat(deliver(List.of(nobody, FIRST.getFirst()), "b@y.example")).containsExactly("delivered");
    }

    @Test
    void closingAtEachPhaseIsNeverMoreThanADelay() {
        for (String phase : List.of("", "EHLO", "MAIL", "RCPT", "DATA", ".")) {
            for (String way : List.of(FakeMx.CLOSE, FakeMx.RESET)) {
                one.mails.clear();
                String or = phase.equals("EHLO") ? "HELO" : phase;
                one.script = (session, line) -> {
                    boolean here = phase.isEmpty() ? line.isEmpty() : line.startsWith(phase) || line.startsWith(or);
                    return here ? way : null;
                };
                assertThat(deliver(FIRST, "b@y.example"))
                        .as(phase + " " + way)
                        .hasSize(1)
                        .allMatch(w -> w.matches("retry 4.4.[12]"));
                assertThat(one.mails).isEmpty();
            }
        }
    }

    @Test
    void silenceAtEachPhaseEndsAtItsLimit() {
        one.offer = List.of("8BITMIME");
        for (String phase : List.of("EHLO", "MAIL", "RCPT", "DATA", ".")) {
            one.script = (session, line) -> when(line, phase, FakeMx.SILENCE);
            assertThat(deliver(FIRST, "b@y.example")).as(phase).containsExactly("retry 4.4.2");
            sim.runFor(HostMemory.FIRST);
        }
    }

    @Test
    void aServerThatLosesRepliesWhilePipeliningIsNotBelieved() {
        for (String lost : List.of("MAIL", "RCPT TO:<b", "DATA")) {
            one.mails.clear();
            one.script = (session, line) -> when(line, lost, FakeMx.SILENCE);
            assertThat(deliver(FIRST, "b@y.example", "c@y.example"))
                    .as(lost)
                    .hasSize(2)
                    .allMatch(w -> w.startsWith("retry 4."));
            assertThat(one.mails).isEmpty();
        }
    }

    @Test
    void aLostReplyToTheDotIsNotTriedElsewhereAtOnce() { // RFC 1047
        one.script = (session, line) -> when(line, ".", FakeMx.RESET);
        assertThat(deliver(BOTH, "b@y.example")).containsExactly("retry 4.4.2");
        assertThat(two.sessions).isEmpty();
    }

    @Test
    void repliesToTheMessageDecide() {
        one.script = (session, line) -> when(line, ".", "554 5.7.1 spam");
        assertThat(deliver(BOTH, "b@y.example")).containsExactly("failed 5.7.1");
        one.script = (session, line) -> when(line, ".", "451 4.3.0 disk");
        assertThat(deliver(BOTH, "c@y.example")).containsExactly("delivered");
        assertThat(two.mails).hasSize(1);
    }

    @Test
    void a421InTheMiddleKeepsWhatWasSaidBefore() {
        one.script = (session, line) ->
                line.startsWith("RCPT TO:<b") ? "550 5.1.1 no" : when(line, "RCPT TO:<c", "421 4.3.2 enough");
        assertThat(deliver(FIRST, "b@y.example", "c@y.example", "d@y.example"))
                .containsExactly("failed 5.1.1", "retry 4.3.2", "retry 4.3.2");
    }

    @Test
    void aServerThatKnowsNoEhloGetsHelo() {
        one.script = (session, line) -> when(line, "EHLO", "502 unknown");
        assertThat(deliver(FIRST, "b@y.example")).containsExactly("delivered");
        assertThat(one.sessions).hasSize(1);
        two.script = (session, line) -> when(line, "EHLO", FakeMx.CLOSE);
        assertThat(deliver(BOTH.subList(1, 2), "b@y.example")).containsExactly("delivered");
        assertThat(two.sessions).hasSize(2);
        assertThat(two.commands()).startsWith("EHLO me.example", "HELO me.example");
    }

    @Test
    void tlsIsTakenWhereItIsOffered() {
        one.offer = List.of("STARTTLS", "PIPELINING");
        assertThat(deliver(FIRST, "b@y.example")).containsExactly("delivered TLSv1.3");
        assertThat(deliver(List.of(Errand.hop(ONE, Security.NONE)), "b@y.example"))
                .containsExactly("delivered");
    }

    @Test
    void aBrokenHandshakeIsTriedAgainInClearOnANewConnection() { // RFC 7435 3
        one.offer = List.of("STARTTLS", "PIPELINING");
        one.script = (session, line) -> line.equals("STARTTLS") ? FakeMx.RESET : null;
        assertThat(deliver(FIRST, "b@y.example")).containsExactly("delivered");
        assertThat(one.sessions).hasSize(2);
        assertThat(sim.events().count(Event.TLS_RETRY_CLEAR)).isEqualTo(1);
    }

    @Test
    void whereTlsIsRequiredAnyCertificateWillDoAndNothingGoesInClear() {
        List<Hop> hop = List.of(Errand.hop(ONE, Security.REQUIRED));
        assertThat(deliver(hop, "b@y.example")).containsExactly("retry 4.7.4");
        one.offer = List.of("STARTTLS");
        one.script = (session, line) -> line.equals("STARTTLS") ? FakeMx.RESET : null;
        assertThat(deliver(hop, "b@y.example").getFirst()).startsWith("retry 4");
        one.script = (session, line) -> null;
        assertThat(one.mails).isEmpty();
        sim.runFor(HostMemory.FIRST.plusSeconds(1));
        assertThat(deliver(hop, "b@y.example")).containsExactly("delivered TLSv1.3");
    }

    @Test
    void whereTlsMustBeVerifiedNothingGoesOtherwise() {
        List<Hop> hop = List.of(Errand.hop(ONE, Security.VERIFIED));
        assertThat(deliver(hop, "b@y.example")).containsExactly("retry 4.7.4");
        one.offer = List.of("STARTTLS");
        assertThat(deliver(hop, "b@y.example")).containsExactly("retry 4.7.5");
        assertThat(one.mails).isEmpty();
    }

    @Test
    void aMessageIn8BitIsConvertedOrSentBackNeverMangled() {
        String eight = "Content-Type: text/plain; charset=utf-8\r\n\r\na long enough line with caf\u00e9\r\n";
        Delivery delivery = Errand.delivery(
                Errand.message(Errand.content(eight), true, false, "b@y.example"), Errand.CONFIG, FIRST.getFirst());
        assertThat(Errand.words(Errand.deliver(sim, agent, delivery))).containsExactly("delivered");
        assertThat(one.mails.getLast().text()).isEqualTo(eight);
        assertThat(one.mails.getLast().sender()).endsWith(" BODY=8BITMIME");
        connections.close();
        sim.runFor(Duration.ofMinutes(1));
        FakeMx old = Errand.mx(sim, "198.51.100.5");
        old.offer = List.of("SIZE 100000");
        Hop hop = Errand.hop("198.51.100.5", Security.NONE);
        Delivery converted = Errand.delivery(delivery.message(), Errand.CONFIG, hop);
        assertThat(Errand.words(Errand.deliver(sim, agent, converted))).containsExactly("delivered");
        assertThat(old.mails.getLast().text()).contains("caf=E9").contains("quoted-printable");
        assertThat(old.mails.getLast().sender())
                .endsWith(" SIZE=" + old.mails.getLast().text().length());
        String signed = "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\u00e9\r\n--b--\r\n";
        Delivery sealed =
                Errand.delivery(Errand.message(Errand.content(signed), true, false, "b@y.example"), Errand.CONFIG, hop);
        assertThat(Errand.words(Errand.deliver(sim, agent, sealed))).containsExactly("failed 5.6.3");
    }

    @Test
    void whatNeedsSmtpUtf8IsSentOnlyWhereItIsOffered() { // RFC 6531 3.2
        Content utf8 = Errand.content("Subject: caf\u00c3\u00a9\r\n\r\nx\r\n");
        Delivery header =
                Errand.delivery(Errand.message(utf8, true, true, "b@y.example"), Errand.CONFIG, FIRST.getFirst());
        assertThat(Errand.words(Errand.deliver(sim, agent, header))).containsExactly("failed 5.6.7");
        Content plain = Errand.content(Errand.TEXT);
        Delivery address = Errand.delivery(
                Errand.message(plain, false, true, "b@y.example", "\u00fc@y.example"), Errand.CONFIG, FIRST.getFirst());
        assertThat(Errand.words(Errand.deliver(sim, agent, address))).containsExactly("delivered", "failed 5.6.7");
        two.offer = List.of("SMTPUTF8", "8BITMIME");
        Delivery able = Errand.delivery(header.message(), Errand.CONFIG, BOTH.getFirst(), BOTH.getLast());
        assertThat(Errand.words(Errand.deliver(sim, agent, able))).containsExactly("delivered");
        assertThat(two.mails.getLast().sender()).endsWith(" BODY=8BITMIME SMTPUTF8");
    }

    /** RFC 6531 3.2, RFC 5891 4.4: a name of A-labels is an ASCII name. */
    @Test
    void whereOnlyADomainIsBeyondAsciiNoSmtpUtf8IsNeeded() {
        Delivery address = Errand.delivery(
                Errand.message(Errand.content(Errand.TEXT), false, false, "b@b\u00fccher.example"),
                Errand.CONFIG,
                FIRST.getFirst());
        assertThat(Errand.words(Errand.deliver(sim, agent, address))).containsExactly("delivered");
        assertThat(one.commands()).contains("RCPT TO:<b@xn--bcher-kva.example>");
    }

    @Test
    void aMessageOverTheAnnouncedSizeIsNotSent() {
        one.offer = List.of("SIZE 10");
        assertThat(deliver(FIRST, "b@y.example")).containsExactly("failed 5.3.4");
        assertThat(one.commands()).noneMatch(line -> line.startsWith("MAIL"));
    }

    @Test
    void aLongMessageIsSentInPartsWhateverThePeersPace() {
        String text = "Subject: long\r\n\r\n" + ("." + "x".repeat(1500) + "\r\n").repeat(400);
        for (long seed = 0; seed < 5; seed++) {
            try (SimWorld world = new SimWorld(seed)) {
                FakeMx mx = Errand.mx(world, ONE);
                SmtpAgent fresh = new SmtpAgent(world.world(), new Connections());
                Delivery delivery = Errand.delivery(
                        Errand.message(Errand.content(text), false, false, "b@y.example"),
                        Errand.CONFIG,
                        FIRST.getFirst());
                assertThat(Errand.words(Errand.deliver(world, fresh, delivery))).containsExactly("delivered");
                assertThat(mx.mails.getFirst().text()).isEqualTo(text);
            }
        }
    }

    @Test
    void aMessageThatCannotBeReadToItsEndIsNeverSentShort() {
        for (long good : List.of(0L, 100_000L)) {
            Delivery delivery = Errand.delivery(
                    Errand.message(Errand.broken(300_000, good), false, false, "b@y.example"),
                    Errand.CONFIG,
                    FIRST.getFirst());
            assertThat(Errand.words(Errand.deliver(sim, agent, delivery))).containsExactly("retry 4.3.0");
        }
        sim.runFor(Duration.ofMinutes(10));
        assertThat(one.mails).isEmpty();
        assertThat(one.commands()).doesNotContain(".");
    }

    @Test
    void everyFailureIsAnEventWithItsRow() {
        one.script = (session, line) -> when(line, "RCPT", "450 later");
        Outcomes outcomes = Errand.deliver(sim, agent, Errand.delivery(FIRST, "b@y.example"));
        assertThat(((Outcome.Retry) outcomes.all().getFirst()).why().remote()).contains(ONE);
        assertThat(sim.events().lines()).anyMatch(line -> line.contains("RECIPIENT_4XX") && line.contains("450 later"));
    }

    @Test
    void aRefusedSenderIsRefusedForThatMailOnly() { // RFC 5321 4.5.4.1: 5yz to MAIL MUST NOT be cached
        one.script = (session, line) -> when(line, "MAIL", "550 5.7.1 not now");
        assertThat(deliver(FIRST, "b@y.example")).containsExactly("failed 5.7.1");
        one.script = (session, line) -> null;
        assertThat(deliver(FIRST, "b@y.example")).containsExactly("delivered");
    }
}
