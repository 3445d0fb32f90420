package org.hikyaku.it.dialog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.mail.Address;
import org.hikyaku.sasl.ChannelBindings;
import org.hikyaku.sasl.ClientMechanism;
import org.hikyaku.sasl.Mechanisms;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.Spool;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What is stored, and what happens beside the dialog: trace header, limits, stop, a store that fails. */
class ReceivingTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String HELLO = "EHLO client.example\r\n";
    private static final String START = "MAIL FROM:<a@client.example>\r\nRCPT TO:<joe@example.org>\r\nDATA\r\n";
    private static final String LOGIN = "AUTH PLAIN AGpvZUBleGFtcGxlLm9yZwBzZWNyZXQ=\r\n";

    private final SimWorld sim = new SimWorld(7);
    private final SimHost client = sim.remote("client", "203.0.113.5");
    private final Rig rig = rig();

    private Rig rig() {
        List<Rig> made = new ArrayList<>();
        sim.run(world -> made.add(new Rig(world)));
        return made.getFirst();
    }

    @AfterEach
    void end() {
        sim.close();
    }

    /** All that the server answers to {@code said}, in so many pieces, until it falls silent or closes. */
    private static List<String> talk(World world, String listener, String... pieces) throws Exception {
        List<String> heard = new ArrayList<>();
        try (WirePeer peer = new WirePeer(world, Rig.endpoint(listener))) {
            if (listener.equals("submissions")) {
                peer.startTls();
            }
            for (String piece : pieces) {
                peer.send(piece.getBytes(UTF_8));
                peer.pause(Duration.ofSeconds(1));
            }
            while (!peer.isSilent()) {
                String line = peer.line(LIMIT);
                if (line == null) {
                    break;
                }
                heard.add(line);
            }
        }
        world.tasks().sleep(Duration.ofSeconds(1));
        return heard;
    }

    private List<String> talk(String listener, String... pieces) {
        List<String> heard = new ArrayList<>();
        sim.run(client, world -> heard.addAll(talk(world, listener, pieces)));
        return heard;
    }

    private Rig.Stored only() {
        assertThat(rig.stored).hasSize(1);
        return rig.stored.getFirst();
    }

    /** RFC 5321 4.4, 3.6.3; RFC 3848. */
    @Test
    void receivedTellsNameAddressProtocolIdRecipientAndDate() {
        talk("mx", HELLO + START, "Subject: x\r\n\r\n..y\r\n.\r\n");
        assertThat(only().text()).isEqualTo("Subject: x\r\n\r\n.y\r\n");
        assertThat(only().prepended())
                .matches("Received: from client\\.example \\(\\[203\\.0\\.113\\.5\\]\\)\r\n"
                        + "\tby mx\\.example\\.org with ESMTP id [0-9a-z]{13}\r\n"
                        + "\tfor <joe@example\\.org>;\r\n"
                        + "\t[A-Z][a-z]{2}, \\d{1,2} [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d \\+0000\r\n");
        assertThat(only().origin().kind()).isEqualTo(Origin.Kind.SMTP);
        assertThat(only().envelope().sender()).isEqualTo(Address.of("a@client.example"));
    }

    /** PROXY protocol 2: the session is that of the client whom the proxy names. */
    @Test
    void theClientOfAProxyIsWhomItsHeaderNames() {
        talk("proxied", "PROXY TCP6 2001:db8::7 2001:db8::1 56324 25\r\n" + HELLO + START, "Subject: x\r\n\r\n.\r\n");
        assertThat(only().prepended()).startsWith("Received: from client.example ([IPv6:2001:db8::7])\r\n");
        assertThat(only().origin().client()).isEqualTo("2001:db8::7");
    }

    private List<String> told(Event event) {
        return sim.events().lines().stream()
                .filter(line -> line.startsWith(event.label() + " "))
                .toList();
    }

    /** Postfix XCLIENT_README, Server response. */
    @Test
    void theClientOfAnXclientIsWhomItNames() {
        talk("spoken", HELLO + "XCLIENT ADDR=198.51.100.7 HELO=sent.example PROTO=SMTP\r\n" + START, "\r\n.\r\n");
        assertThat(only().prepended()).startsWith("Received: from sent.example ([198.51.100.7])\r\n");
        assertThat(only().prepended()).contains(" with SMTP id ");
        assertThat(only().origin().client()).isEqualTo("198.51.100.7");
        assertThat(told(Event.SESSION_PROXIED))
                .singleElement()
                .asString()
                .contains("how=XCLIENT")
                .contains("proxy=203.0.113.5");
    }

    /** Postfix XFORWARD_README, Server operation: for the log, and for one message. */
    @Test
    void whatIsForwardedStandsInTheLogAlone() {
        talk(
                "spoken",
                HELLO + "XFORWARD NAME=mail.example ADDR=198.51.100.7\r\nXFORWARD IDENT=4abc\r\n" + START,
                "\r\n.\r\n",
                START,
                "\r\n.\r\n",
                "XFORWARD HELO=late.example\r\nRSET\r\n" + START,
                "\r\n.\r\n");
        assertThat(rig.stored).hasSize(3).allSatisfy(each -> {
            assertThat(each.prepended()).startsWith("Received: from client.example ([203.0.113.5])\r\n");
            assertThat(each.origin().client()).isEqualTo("203.0.113.5");
        });
        assertThat(told(Event.MESSAGE_FORWARDED))
                .singleElement()
                .asString()
                .contains("name=mail.example addr=198.51.100.7")
                .contains("ident=4abc");
    }

    /** RFC 3848; RFC 2033 4.2: one message, however many replies. */
    @Test
    void lmtpStoresOneMessageForAllItsReplies() {
        List<String> heard = talk(
                "lmtp",
                "LHLO client.example\r\nMAIL FROM:<>\r\nRCPT TO:<joe@example.org>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\n",
                "\r\n.\r\n");
        assertThat(heard.subList(heard.size() - 2, heard.size()))
                .allMatch(line -> line.startsWith("250 2.0.0 Message taken as "));
        assertThat(only().prepended()).contains(" with LMTP id ");
    }

    /** Three of one client are the limit here: those of a proxy are many clients. */
    @Test
    void connectionsOfAProxyAreCountedByClient() {
        sim.run(client, world -> {
            List<WirePeer> open = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                WirePeer peer = new WirePeer(world, Rig.endpoint("proxied"));
                peer.send(("PROXY TCP4 198.51.100." + (i < 4 ? 7 : 8) + " 192.0.2.1 1 25\r\n").getBytes(UTF_8));
                assertThat(peer.line(LIMIT)).startsWith(i == 3 ? "421 4.7.0" : "220");
                open.add(peer);
            }
            open.forEach(WirePeer::close);
        });
    }

    /** RFC 5321 7.2: several recipients do not learn of each other. */
    @Test
    void receivedNamesNoneOfSeveralRecipients() {
        talk(
                "mx",
                HELLO + "MAIL FROM:<>\r\nRCPT TO:<joe@example.org>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\n",
                "\r\n.\r\n");
        assertThat(only().prepended()).doesNotContain("for <").doesNotContain("ann@");
        assertThat(only().envelope().recipients()).hasSize(2);
    }

    @Test
    void aNameThatIsNoDomainIsShownHarmless() {
        talk("mx", "EHLO a);b(c@d\r\n" + START, "\r\n.\r\n");
        assertThat(only().prepended()).startsWith("Received: from [203.0.113.5] (helo a??b?c?d)\r\n");
    }

    @Test
    void heloMakesItSmtp() {
        talk("mx", "HELO client.example\r\n" + START, "\r\n.\r\n");
        assertThat(only().prepended()).contains(" with SMTP id ");
    }

    /** RFC 6409 8.2, 8.3; RFC 3848 (ESMTPSA); RFC 8314 4.3 (tls clause). */
    @Test
    void submissionAddsDateAndMessageIdWhereTheyAreMissing() {
        String mail = "MAIL FROM:<joe@example.org>\r\nRCPT TO:<x@elsewhere.example>\r\nDATA\r\n";
        talk("submissions", HELLO + LOGIN, mail, "From: joe@example.org\r\n\r\nx\r\n.\r\n");
        assertThat(only().prepended())
                .contains(" with ESMTPSA id ")
                .containsPattern("\r\n\ttls [A-Z0-9_]+ \\(TLSv1\\.[23]\\);")
                .containsPattern("\r\nDate: [A-Z][a-z]{2}, .* \\+0000\r\n")
                .containsPattern("\r\nMessage-ID: <[0-9a-z.]+@mx\\.example\\.org>\r\n$");
        assertThat(only().prepended()).contains(only().messageId());
        assertThat(only().origin().user()).isEqualTo("joe@example.org");
        rig.stored.clear();
        talk(
                "submissions",
                HELLO + LOGIN,
                mail,
                "From: joe@example.org\r\nDate: then\r\nMessage-ID: <1@x>\r\n\r\nx\r\n.\r\n");
        assertThat(only().prepended()).doesNotContain("Date:").doesNotContain("Message-ID:");
        assertThat(only().messageId()).isEqualTo("<1@x>");
    }

    @Test
    void mailFromElsewhereGetsNoDateAndNoMessageId() {
        talk("mx", HELLO + START, "Subject: x\r\n\r\n.\r\n");
        assertThat(only().prepended()).doesNotContain("Date:").doesNotContain("Message-ID:");
    }

    /** A text without header must not have its first line taken for one of ours. */
    @Test
    void anEmptyLineIsPutBeforeATextWithoutHeader() {
        talk("mx", HELLO + START, "just words\r\n.\r\n");
        assertThat(only().prepended()).endsWith("+0000\r\n\r\n");
    }

    /** RFC 6531 3.6, 4.3: found from the bytes and the addresses. */
    @Test
    void whatAMessageNeedsIsFoundFromIt() {
        talk(
                "mx",
                HELLO + "MAIL FROM:<jörg@client.example> SMTPUTF8\r\nRCPT TO:<joe@example.org>\r\nDATA\r\n",
                "\r\nx\r\n.\r\n");
        assertThat(only().envelope().needsUtf8()).isTrue();
        assertThat(only().envelope().needs8Bit()).isFalse();
        assertThat(only().prepended()).contains(" with UTF8SMTP id ");
        rig.stored.clear();
        talk(
                "mx",
                HELLO + "MAIL FROM:<a@client.example> SMTPUTF8\r\nRCPT TO:<joe@example.org>\r\nDATA\r\n",
                "Subject: x\r\n\r\né\r\n.\r\n");
        assertThat(only().envelope().needsUtf8()).isFalse();
        assertThat(only().envelope().needs8Bit()).isTrue();
        rig.stored.clear();
        talk(
                "mx",
                HELLO + "MAIL FROM:<a@client.example> SMTPUTF8\r\nRCPT TO:<joe@example.org>\r\nDATA\r\n",
                "Subject: é\r\n\r\nx\r\n.\r\n");
        assertThat(only().envelope().needsUtf8()).isTrue();
    }

    /** RFC 6531 3.2: such a domain has an ASCII form, and leaves in it. */
    @Test
    void aDomainBeyondAsciiIsTakenAndNeedsNothing() {
        talk(
                "mx",
                HELLO + "MAIL FROM:<a@bücher.example> SMTPUTF8\r\nRCPT TO:<joe@example.org>\r\nDATA\r\n",
                "Subject: x\r\n\r\nx\r\n.\r\n");
        assertThat(only().envelope().needsUtf8()).isFalse();
        assertThat(only().envelope().sender()).hasToString("a@xn--bcher-kva.example");
    }

    /** RFC 3030 2: the octets of the chunks and no others, cut where no line ends. */
    @Test
    void chunksAreStoredAsTheyCame() {
        talk(
                "mx",
                HELLO
                        + START.replace(
                                "DATA\r\n",
                                "BDAT 16\r\nSubject: x\r\n\r\n.\rBDAT 18 LAST\r\n\n..dots\r\n.\r\nNOOP\r\n"));
        assertThat(only().text()).isEqualTo("Subject: x\r\n\r\n.\r\n..dots\r\n.\r\nNOOP\r\n");
        assertThat(only().envelope().needs8Bit()).isFalse();
        rig.stored.clear();
        talk("fix", HELLO + START.replace("DATA\r\n", "BDAT 20 LAST\r\nSubject: x\r\n\r\na\nb\r\u00e9"));
        assertThat(only().text()).isEqualTo("Subject: x\r\n\r\na\r\nb\r\n\u00e9");
        assertThat(only().envelope().needs8Bit()).isTrue();
    }

    /** RFC 3030 3: all bits of each octet. */
    @Test
    void binaryOctetsAreStoredAsTheyCame() {
        String binary = START.replace(">\r\nRCPT", "> BODY=BINARYMIME\r\nRCPT").replace("DATA\r\n", "");
        String body = "a\nb\rc\0\r\n.\r\n\n";
        talk("fix", HELLO + binary + "BDAT 14\r\nSubject: x\r\n\r\n", "BDAT 12 LAST\r\n" + body);
        assertThat(rig.drafts.getFirst().octets()).isEqualTo(("Subject: x\r\n\r\n" + body).getBytes(UTF_8));
        assertThat(only().envelope().wishes().binary()).isTrue();
        rig.stored.clear();
        talk("fix", HELLO + START, "Subject: x\r\n\r\nx\r\n.\r\n");
        assertThat(only().envelope().wishes().binary()).isFalse();
    }

    @Test
    void aClientThatGoesAwayBetweenChunksLeavesNothing() {
        talk("mx", HELLO + START.replace("DATA\r\n", "BDAT 14\r\nSubject: x\r\n\r\n"));
        talk("mx", HELLO + START.replace("DATA\r\n", "BDAT 14 LAST\r\nSubject: x\r\n"));
        talk("mx", HELLO + START.replace("DATA\r\n", "BDAT 14\r\nSubject: x\r\n\r\nQUIT\r\n"));
        assertThat(rig.stored).isEmpty();
        assertThat(rig.drafts).hasSize(3).allMatch(draft -> draft.aborted);
        assertThat(rig.listeners.sessions()).isZero();
    }

    /** bare_lf = fix: each bare CR or LF inside is mended, the end is only the true one. */
    @Test
    void fixMendsTheTextAndNeverItsEnd() {
        talk("fix", HELLO + START, "\r\na\n.\nb\r.\r\nc\r\n.\nd\n.\r\ne\r\n.\r\n");
        assertThat(only().text()).isEqualTo("\r\na\r\n.\r\nb\r\n.\r\nc\r\n\r\nd\r\n.\r\ne\r\n");
    }

    @Test
    void aClientThatGoesAwayLeavesNothing() {
        talk("mx", HELLO + START, "Subject: x\r\n\r\nhalf");
        assertThat(rig.stored).isEmpty();
        assertThat(rig.drafts).hasSize(1).allMatch(draft -> draft.aborted);
        assertThat(rig.listeners.sessions()).isZero();
    }

    @Test
    void aRefusedMessageLeavesNothing() {
        assertThat(talk("mx", HELLO + START, "a\nb\r\n.\r\n").getLast()).startsWith("550 5.5.2");
        assertThat(rig.stored).isEmpty();
        assertThat(rig.drafts).allMatch(draft -> draft.aborted);
    }

    /** No 250 for what is not stored (RFC 5321 6.1), and the session goes on. */
    @Test
    void aStoreThatFailsIsTold() {
        rig.failure = Optional.of(new Spool.SpoolFailure(true, "no room"));
        List<String> heard = talk("mx", HELLO + START, ".\r\n", START, ".\r\nQUIT\r\n");
        assertThat(heard).filteredOn(line -> line.startsWith("452 4.3.1")).hasSize(2);
        assertThat(heard.getLast()).startsWith("221");
        rig.failure = Optional.of(new Spool.SpoolFailure(false, "a bad disk"));
        assertThat(talk("mx", HELLO + START, ".\r\n").getLast()).startsWith("451 4.3.0");
    }

    @Test
    void withoutRoomMailIsPutOff() {
        rig.room = false;
        assertThat(talk("mx", HELLO + START)).anyMatch(line -> line.startsWith("452 4.3.1"));
        assertThat(rig.drafts).isEmpty();
    }

    /** RFC 5321 3.8: 421 to those over the limit; RFC 8314: no words where TLS is expected. */
    @Test
    void anAddressHasALimitOfConnections() {
        sim.run(client, world -> {
            List<WirePeer> peers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                peers.add(new WirePeer(world, Rig.endpoint("mx")));
                assertThat(peers.getLast().line(LIMIT)).startsWith("220");
            }
            WirePeer fourth = new WirePeer(world, Rig.endpoint("mx"));
            assertThat(fourth.line(LIMIT)).startsWith("421 4.7.0");
            assertThat(fourth.line(LIMIT)).isNull();
            WirePeer secured = new WirePeer(world, Rig.endpoint("submissions"));
            assertThat(secured.line(LIMIT)).isNull();
            peers.getFirst().close();
            world.tasks().sleep(Duration.ofSeconds(2));
            assertThat(new WirePeer(world, Rig.endpoint("mx")).line(LIMIT)).startsWith("220");
        });
    }

    /** RFC 5321 3.8: idle sessions get 421, a message on its way comes to its reply. */
    @Test
    void stopEndsIdleSessionsAndLetsMessagesComeIn() {
        sim.run(client, world -> {
            WirePeer idle = new WirePeer(world, Rig.endpoint("mx"));
            assertThat(idle.line(LIMIT)).startsWith("220");
            WirePeer busy = new WirePeer(world, Rig.endpoint("mx"));
            busy.send((HELLO + START).getBytes(UTF_8));
            while (!String.valueOf(busy.line(LIMIT)).startsWith("354")) {
                // EHLO's lines
            }
            sim.world().tasks().start("stop", () -> rig.listeners.stop(Duration.ofMinutes(1)));
            assertThat(idle.line(LIMIT)).startsWith("421 4.3.2");
            assertThat(idle.line(LIMIT)).isNull();
            world.tasks().sleep(Duration.ofSeconds(5));
            busy.send("x\r\n.\r\n".getBytes(UTF_8));
            assertThat(busy.line(LIMIT)).startsWith("250 2.0.0");
            assertThat(busy.line(LIMIT)).startsWith("421 4.3.2");
            assertThat(busy.line(LIMIT)).isNull();
        });
        assertThat(rig.stored).hasSize(1);
        assertThat(rig.listeners.sessions()).isZero();
    }

    @Test
    void stopDoesNotWaitForEver() {
        sim.run(client, world -> {
            WirePeer busy = new WirePeer(world, Rig.endpoint("mx"));
            busy.send((HELLO + START).getBytes(UTF_8));
            world.tasks().sleep(Duration.ofSeconds(2));
            int left = rig.listeners.stop(Duration.ofSeconds(10));
            assertThat(left).isZero();
        });
        assertThat(rig.stored).isEmpty();
    }

    @Test
    void atTheBoundOfDraftMemoryReadingPauses() {
        rig.pressure = true;
        sim.run(client, world -> {
            WirePeer peer = new WirePeer(world, Rig.endpoint("mx"));
            peer.send((HELLO + START).getBytes(UTF_8));
            world.tasks().sleep(Duration.ofSeconds(2));
            for (int i = 0; i < 50; i++) {
                peer.send(("x".repeat(998) + "\r\n").getBytes(UTF_8));
                world.tasks().sleep(Duration.ofMillis(100));
            }
            MemoryDraft draft = rig.drafts.getFirst();
            assertThat(draft.size()).isLessThan(30_000);
            assertThat(draft.reliefs).hasSize(1);
            while (draft.size() < 50_000) {
                draft.reliefs.removeFirst().run();
                world.tasks().sleep(Duration.ofSeconds(1));
            }
            peer.send(".\r\n".getBytes(UTF_8));
            world.tasks().sleep(Duration.ofSeconds(1));
            List.copyOf(draft.reliefs).forEach(Runnable::run);
            String line = "";
            while (!line.startsWith("250 2.0.0")) {
                line = String.valueOf(peer.line(LIMIT));
            }
        });
        assertThat(only().text()).hasSize(50_000);
    }

    /** A client that never begins its TLS is left, without a word in clear. */
    @Test
    void aHandshakeHasATimeLimit() {
        sim.run(client, world -> {
            WirePeer peer = new WirePeer(world, Rig.endpoint("submissions"));
            assertThat(peer.line(Duration.ofMinutes(6))).isNull();
        });
    }

    /** RFC 5802, RFC 7677 through RFC 4954: right and wrong password. */
    @Test
    void scramProvesThePassword() {
        sim.run(client, world -> {
            WirePeer peer = new WirePeer(world, Rig.endpoint("submissions"));
            peer.startTls();
            peer.send(HELLO.getBytes(UTF_8));
            while (!String.valueOf(peer.line(LIMIT)).startsWith("250 ")) {
                // EHLO's lines
            }
            assertThat(scram(peer, "wrong")).startsWith("535 5.7.8");
            assertThat(scram(peer, "secret")).startsWith("235 2.7.0");
        });
    }

    private static String scram(WirePeer peer, String password) throws Exception {
        byte[] random = new byte[Mechanisms.RANDOM_OCTETS];
        ClientMechanism mechanism = Mechanisms.client(
                        List.of("SCRAM-SHA-256"), "joe@example.org", password, random, ChannelBindings.NONE)
                .orElseThrow();
        Base64.Encoder encoder = Base64.getEncoder();
        String said = "AUTH SCRAM-SHA-256 "
                + encoder.encodeToString(mechanism.initial().orElseThrow());
        while (true) {
            peer.send((said + "\r\n").getBytes(UTF_8));
            String line = String.valueOf(peer.line(LIMIT));
            if (!line.startsWith("334 ")) {
                return line;
            }
            said = switch (mechanism.next(Base64.getDecoder().decode(line.substring(4)))) {
                case ClientMechanism.Answer.Send send -> encoder.encodeToString(send.octets());
                case ClientMechanism.Answer.GiveUp giveUp -> "*";
            };
        }
    }

    /** The list of look-alikes in the shared suites: inside DATA with a second transaction behind it. */
    @Test
    void noSmugglingSequenceOfTheSuiteEndsTheData() throws IOException {
        Path suite = DialogsTest.directory()
                .resolve("../../../shared/suites/smuggling/smuggling-basic.yaml")
                .normalize();
        Assumptions.assumeTrue(Files.exists(suite), "NOT RUN: no " + suite);
        Matcher matcher = Pattern.compile("sequence: \"(.*)\"\\s+expect: (.*)").matcher(Files.readString(suite));
        int tried = 0;
        while (matcher.find()) {
            String sequence =
                    matcher.group(1).replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0");
            boolean isEnd = matcher.group(2).strip().equals("end of data");
            for (String listener : List.of("mx", "fix")) {
                rig.stored.clear();
                String second = "MAIL FROM:<evil@client.example>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\nevil\r\n.\r\n";
                talk(listener, HELLO + START, "text" + sequence + second);
                assertThat(rig.stored)
                        .as("%s on %s", matcher.group(1), listener)
                        .filteredOn(stored -> stored.envelope().sender().local().equals("evil"))
                        .hasSize(isEnd ? 1 : 0);
            }
            tried++;
        }
        assertThat(tried).isGreaterThanOrEqualTo(8);
    }

    /** RFC 2920 3.2, and the property behind all framing: where the stream is cut changes nothing. */
    @Test
    void cutsOfTheStreamChangeNothing() {
        String all = HELLO + "NOOP\nx\r\nRSET\r\n" + START + "Subject: x\r\n\r\n..dots\r\n.\r\n"
                + "MAIL FROM:<b@client.example> SIZE=10\r\nRCPT TO:<no@example.org>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\n"
                + "bare\nline\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<joe@example.org>\r\nDATA\r\n.\r\nQUIT\r\n";
        List<String> whole = normal(talk("mx", all));
        assertThat(whole.getLast()).startsWith("221");
        List<Rig.Stored> stored = List.copyOf(rig.stored);
        assertThat(stored).hasSize(2);
        for (int cut = 1; cut < all.length(); cut++) {
            rig.stored.clear();
            assertThat(normal(talk("mx", all.substring(0, cut), all.substring(cut))))
                    .as("cut at %s", cut)
                    .isEqualTo(whole);
            assertThat(rig.stored)
                    .extracting(Rig.Stored::text)
                    .isEqualTo(stored.stream().map(Rig.Stored::text).toList());
            assertThat(rig.stored)
                    .extracting(Rig.Stored::envelope)
                    .isEqualTo(stored.stream().map(Rig.Stored::envelope).toList());
        }
        rig.stored.clear();
        assertThat(normal(talk("mx", all.split("(?s)(?<=.)")))).isEqualTo(whole);
    }

    private static List<String> normal(List<String> heard) {
        return heard.stream()
                .map(line -> line.replaceAll("taken as \\w+", "taken"))
                .toList();
    }
}
