package org.hikyaku.smtp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.mail.HeaderScan;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.ChunkFramer;
import org.hikyaku.smtp.CommandParser;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.junit.jupiter.api.Test;

/** The machine alone: what policy may say, and time. The dialogs say the rest. */
class SmtpSessionTest {
    private static final Config CONFIG = ConfigReader.fromText(
            "hostname=mx.example.org\nlocal.domains=[example.org]\nlocal.postmaster=\"a@example.org\"\nauth.users=/etc/users");

    private long now = -1000;
    private SmtpSession session =
            new SmtpSession("s1", CONFIG, "mx", InetAddress.ofLiteral("203.0.113.5"), new NoMechanisms(), now);

    private List<Action> on(Input input) {
        return List.copyOf(session.on(input, now));
    }

    private List<Action> say(String line) {
        byte[] octets = line.getBytes(UTF_8);
        return on(new Input.Line(octets, 0, octets.length));
    }

    private List<Action> pass() {
        return on(new Input.Answer(Verdict.PASS));
    }

    private static List<Integer> codes(List<Action> actions) {
        return actions.stream()
                .filter(Action.Send.class::isInstance)
                .map(a -> ((Action.Send) a).reply().code())
                .toList();
    }

    private void greet() {
        assertThat(on(new Input.Connected(Instant.EPOCH))).containsExactly(new Action.Ask(new Question.Connect()));
        assertThat(codes(pass())).containsExactly(220);
        say("EHLO client.example");
        assertThat(codes(pass())).containsExactly(250);
    }

    /** RFC 5321 7.8: 1s, 2s, 4s... and no more than the bound. */
    @Test
    void manyErrorsAreAnsweredLaterAndLater() {
        greet();
        List<Duration> waits = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            List<Action> actions = say("XYZZY");
            if (actions.getLast() instanceof Action.Rest rest) {
                assertThat(codes(actions)).isEmpty();
                waits.add(rest.time());
                assertThat(codes(on(new Input.Rested()))).containsExactly(500);
            } else {
                assertThat(codes(actions)).containsExactly(500);
            }
        }
        assertThat(waits)
                .containsExactly(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10));
    }

    private void refuseEarlyTalkers() {
        Config strict = ConfigReader.fromText(
                "hostname=mx.example.org\nlocal.domains=[example.org]\nlocal.postmaster=\"a@example.org\"\nauth.users=/etc/users\nlisteners.mx.early_talkers=refuse");
        session = new SmtpSession("s1", strict, "mx", InetAddress.ofLiteral("203.0.113.5"), new NoMechanisms(), now);
    }

    private List<Action> sayMore(String line) {
        session.spoke();
        session.followed();
        return say(line);
    }

    /** RFC 2920 3.1: EHLO, DATA, NOOP, VRFY, EXPN; RFC 3207 4: STARTTLS. */
    @Test
    void whatIsSentBehindTheEndOfAGroupEndsTheSession() {
        for (String last :
                List.of("EHLO client.example", "HELO a", "NOOP", "VRFY a", "STARTTLS", "DATA", "AUTH PLAIN")) {
            refuseEarlyTalkers();
            greet();
            assertThat(sayMore(last)).contains(new Action.Send(Replies.SENT_AHEAD));
            assertThat(session.isClosed()).as(last).isTrue();
        }
    }

    @Test
    void aGroupMayBeSentAtOnce() {
        refuseEarlyTalkers();
        greet();
        sayMore("RSET");
        sayMore("MAIL FROM:<x@client.example>");
        session.spoke();
        pass();
        sayMore("RCPT TO:<a@example.org>");
        session.spoke();
        assertThat(codes(pass())).containsExactly(250);
        say("DATA");
        on(new Input.DraftOpened(new SpoolId(1), Instant.EPOCH));
        session.spoke();
        endData();
        session.spoke();
        pass();
        session.spoke();
        assertThat(codes(on(new Input.Stored()))).containsExactly(250);
    }

    /** Not behind the command, but before its reply. */
    @Test
    void aMessageThatComesBefore354EndsTheSession() {
        refuseEarlyTalkers();
        greet();
        say("MAIL FROM:<x@client.example>");
        pass();
        say("RCPT TO:<a@example.org>");
        pass();
        say("DATA");
        session.spoke();
        assertThat(codes(on(new Input.DraftOpened(new SpoolId(1), Instant.EPOCH))))
                .containsExactly(554);
        assertThat(session.isClosed()).isTrue();
    }

    /** By default it is noted, once. */
    @Test
    void whoSendsAheadIsNoted() {
        greet();
        List<Action> first = sayMore("NOOP");
        assertThat(first).contains(new Action.Tell(new Note.SpokeEarly(false)));
        assertThat(codes(first)).containsExactly(250);
        assertThat(sayMore("NOOP")).hasSize(1);
    }

    private void inData() {
        greet();
        say("MAIL FROM:<x@client.example>");
        pass();
        say("RCPT TO:<a@example.org>");
        pass();
        assertThat(say("DATA")).containsExactly(new Action.OpenDraft());
        assertThat(codes(on(new Input.DraftOpened(new SpoolId(1), Instant.EPOCH))))
                .containsExactly(354);
    }

    private List<Action> endData() {
        HeaderFacts headers = new HeaderScan(1000).facts();
        return on(new Input.DataEnd(new Input.DataFacts(0, false, false, false, false, headers), new Nothing()));
    }

    /** RFC 5321 3.1: after 554 only QUIT, and the session is not closed before it. */
    @Test
    void aRefusedClientMayOnlyQuit() {
        on(new Input.Connected(Instant.EPOCH));
        List<Action> actions = on(new Input.Answer(new Verdict.Reject(new Reply(550, "5.7.1", "no"))));
        assertThat(codes(actions)).containsExactly(554);
        assertThat(session.isClosed()).isFalse();
        assertThat(codes(say("EHLO client.example"))).containsExactly(503);
        assertThat(codes(say("NOOP"))).containsExactly(503);
        assertThat(codes(say("QUIT"))).containsExactly(221);
        assertThat(session.isClosed()).isTrue();
    }

    @Test
    void policyMayCloseAtAnyQuestion() {
        greet();
        say("MAIL FROM:<x@client.example>");
        List<Action> actions = on(new Input.Answer(new Verdict.Close(Replies.TOO_MANY_FROM_YOU)));
        assertThat(codes(actions)).containsExactly(421);
        assertThat(session.isClosed()).isTrue();
    }

    /** RFC 5321 6.1: the reply follows the storing, never comes before it. */
    @Test
    void no250BeforeStored() {
        inData();
        assertThat(endData()).singleElement().isInstanceOf(Action.Ask.class);
        assertThat(pass()).singleElement().isInstanceOf(Action.Commit.class);
        assertThat(codes(on(new Input.Stored()))).containsExactly(250);
        assertThat(session.messages()).isOne();
    }

    @Test
    void theReplyToWhatIsNotStoredSaysWhetherTryingAgainHelps() { // RFC 5321 4.2.1
        inData();
        endData();
        pass();
        List<List<Integer>> replies = List.of(
                codes(on(new Input.NotStored(false))),
                codes(again(new Input.NotStored(true))),
                codes(again(new Input.NotStored(false, true))));
        assertThat(replies).containsExactly(List.of(451), List.of(452), List.of(550));
        assertThat(session.messages()).isZero();
    }

    /** A further transaction in the same session, with this answer to its storing. */
    private List<Action> again(Input stored) {
        say("MAIL FROM:<x@client.example>");
        pass();
        say("RCPT TO:<a@example.org>");
        pass();
        say("DATA");
        on(new Input.DraftOpened(new SpoolId(2), Instant.EPOCH));
        endData();
        pass();
        return on(stored);
    }

    @Test
    void holdIsStoredAndDiscardIsNot() {
        inData();
        endData();
        List<Action> held = on(new Input.Answer(new Verdict.Hold("odd")));
        assertThat(held)
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.Commit.class, c -> assertThat(c.hold()).isEqualTo("odd"));
        on(new Input.Stored());
        say("MAIL FROM:<x@client.example>");
        pass();
        say("RCPT TO:<a@example.org>");
        pass();
        say("DATA");
        on(new Input.DraftOpened(new SpoolId(2), Instant.EPOCH));
        endData();
        List<Action> discarded = on(new Input.Answer(new Verdict.Discard("junk")));
        assertThat(codes(discarded)).containsExactly(250);
        assertThat(discarded).contains(new Action.AbortDraft()).noneMatch(Action.Commit.class::isInstance);
    }

    @Test
    void headersOfPolicyStandBelowReceived() {
        inData();
        endData();
        List<Action> actions = on(new Input.Answer(new Verdict.Pass(List.of("X-Seen: yes"))));
        assertThat(actions)
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.Commit.class,
                        commit -> assertThat(new String(commit.prepended(), UTF_8))
                                .startsWith("Received: ")
                                .endsWith("\r\nX-Seen: yes\r\n"));
    }

    /** What is under way on our side is waited for, however long it takes. */
    @Test
    void noTimeOutWhileWeAreTheSlowOnes() {
        inData();
        endData();
        pass();
        assertThat(session.deadline()).isEqualTo(Long.MAX_VALUE);
        now += Duration.ofHours(3).toNanos();
        assertThat(on(new Input.TimedOut())).isEmpty();
        assertThat(codes(on(new Input.Stored()))).containsExactly(250);
    }

    @Test
    void aTimerThatComesTooEarlyDoesNothing() {
        greet();
        long before = session.deadline();
        now += Duration.ofMinutes(4).toNanos();
        assertThat(on(new Input.TimedOut())).isEmpty();
        assertThat(session.deadline()).isEqualTo(before);
        now += Duration.ofMinutes(1).toNanos();
        assertThat(codes(on(new Input.TimedOut()))).containsExactly(421);
    }

    @Test
    void theSessionHasAnEnd() {
        greet();
        for (int i = 0; i < 40 && !session.isClosed(); i++) {
            now += Duration.ofMinutes(4).toNanos();
            if (now - session.deadline() >= 0) {
                assertThat(codes(on(new Input.TimedOut()))).containsExactly(421);
            } else {
                say("NOOP");
            }
        }
        assertThat(session.isClosed()).isTrue();
    }

    @Test
    void aMessageTimesOutAndItsDraftIsGivenBack() {
        inData();
        now += Duration.ofMinutes(5).toNanos();
        List<Action> actions = on(new Input.TimedOut());
        assertThat(actions).contains(new Action.AbortDraft());
        assertThat(codes(actions)).containsExactly(421);
    }

    @Test
    void stopWaitsForAMessageAndItsStoring() {
        inData();
        assertThat(on(new Input.Stop())).isEmpty();
        endData();
        pass();
        assertThat(codes(on(new Input.Stored()))).containsExactly(250, 421);
        assertThat(session.isClosed()).isTrue();
    }

    private void inChunks() {
        greet();
        say("MAIL FROM:<x@client.example>");
        pass();
        say("RCPT TO:<a@example.org>");
        pass();
        assertThat(say("BDAT 5")).containsExactly(new Action.OpenDraft());
        assertThat(on(new Input.DraftOpened(new SpoolId(1), Instant.EPOCH)))
                .containsExactly(new Action.ReceiveChunk(5, false, ChunkFramer.LineEnds.REFUSE));
        assertThat(codes(on(new Input.ChunkEnd(false, false, false)))).containsExactly(250);
    }

    /** RFC 3030 2: 250 for each chunk; that of the last only once all is stored. */
    @Test
    void aChunkedMessageIsStoredAtItsLast() {
        inChunks();
        assertThat(say("BDAT 0 LAST")).containsExactly(new Action.ReceiveChunk(0, true, ChunkFramer.LineEnds.REFUSE));
        assertThat(endData()).singleElement().isInstanceOf(Action.Ask.class);
        assertThat(pass()).singleElement().isInstanceOf(Action.Commit.class);
        assertThat(codes(on(new Input.Stored()))).containsExactly(250);
        assertThat(session.messages()).isOne();
    }

    /** RFC 3030 2: accepted and discarded first, the failure is told then; only the first counts. */
    @Test
    void aRefusedChunkIsReadAwayBeforeItsReply() {
        inChunks();
        say("BDAT 3");
        List<Action> failed = on(new Input.ChunkEnd(true, false, false));
        assertThat(codes(failed)).containsExactly(552);
        assertThat(failed).contains(new Action.AbortDraft());
        assertThat(say("BDAT 7")).containsExactly(new Action.Skip(7));
        assertThat(session.inData()).isTrue();
        assertThat(codes(on(new Input.Skipped()))).containsExactly(552);
        assertThat(say("BDAT 8 LAST")).containsExactly(new Action.Skip(8));
        assertThat(codes(on(new Input.Skipped()))).containsExactly(552);
        assertThat(session.errors()).isOne();
        assertThat(say("BDAT 9 LAST")).containsExactly(new Action.Skip(9));
        assertThat(codes(on(new Input.Skipped()))).containsExactly(503);
        assertThat(session.errors()).isEqualTo(2);
    }

    @Test
    void stopWaitsForTheChunksOfAMessage() {
        inChunks();
        assertThat(on(new Input.Stop())).isEmpty();
        say("BDAT 0 LAST");
        endData();
        pass();
        assertThat(codes(on(new Input.Stored()))).containsExactly(250, 421);
    }

    @Test
    void aMessageWhoseNextChunkDoesNotComeIsGivenUp() {
        inChunks();
        now += Duration.ofMinutes(5).toNanos();
        List<Action> actions = on(new Input.TimedOut());
        assertThat(actions).contains(new Action.AbortDraft());
        assertThat(codes(actions)).containsExactly(421);
    }

    /** RFC 3207 4.2: the transaction and the name are forgotten. */
    @Test
    void tlsBeginsAllAnew() {
        greet();
        assertThat(say("STARTTLS")).endsWith(new Action.StartTls());
        on(new Input.Secured(new TlsFacts("TLSv1.3", "TLS_AES_128_GCM_SHA256", List.of(), false)));
        assertThat(session.facts().helo()).isEmpty();
        assertThat(codes(say("MAIL FROM:<x@client.example>"))).containsExactly(503);
    }

    @Test
    void nothingOfALoginIsShown() {
        byte[] line = "AUTH PLAIN c2VjcmV0".getBytes(UTF_8);
        List<String> shown = new ArrayList<>();
        shown.add(new Input.Line(line, 0, line.length).toString());
        shown.add(CommandParser.parse(line, 0, line.length).toString());
        assertThat(shown).noneMatch(text -> text.contains("c2VjcmV0"));
    }
}
