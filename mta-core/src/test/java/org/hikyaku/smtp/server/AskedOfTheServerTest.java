package org.hikyaku.smtp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.HeaderScan;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.mail.Wishes;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Reply;
import org.junit.jupiter.api.Test;

/** What clients ask for in MAIL and in the header of a message: who may, and what is stored of it. */
class AskedOfTheServerTest {
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname=mx.example.org
            local.domains=[example.org]
            local.postmaster="a@example.org"
            auth.users=/etc/users
            extensions { no_soliciting=["net.example:ADV"], priority_max=4, priority_networks=["192.0.2.0/24"] }
            """);
    private static final String STRANGER = "203.0.113.5";
    private static final String PARTNER = "192.0.2.5";

    /** What is stored of a message from {@code client}. */
    private static Action.Commit commit(String client, String parameters, String header) {
        SmtpSession session = new SmtpSession("s1", CONFIG, "mx", InetAddress.ofLiteral(client), new NoMechanisms(), 0);
        session.on(new Input.Connected(Instant.EPOCH), 0);
        pass(session);
        for (String line :
                List.of("EHLO c.example", "MAIL FROM:<x@c.example>" + parameters, "RCPT TO:<a@example.org>")) {
            say(session, line);
            pass(session);
        }
        say(session, "DATA");
        session.on(new Input.DraftOpened(new SpoolId(1), Instant.EPOCH), 0);
        HeaderScan scan = new HeaderScan(1000);
        byte[] octets = (header + "\r\n").getBytes(UTF_8);
        scan.feed(octets, 0, octets.length);
        session.on(
                new Input.DataEnd(new Input.DataFacts(0, false, false, false, false, scan.facts()), new Nothing()), 0);
        return pass(session).stream()
                .filter(Action.Commit.class::isInstance)
                .map(Action.Commit.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private static Reply reply(String client, String mail) {
        SmtpSession session = new SmtpSession("s1", CONFIG, "mx", InetAddress.ofLiteral(client), new NoMechanisms(), 0);
        session.on(new Input.Connected(Instant.EPOCH), 0);
        pass(session);
        say(session, "EHLO c.example");
        pass(session);
        say(session, mail);
        return pass(session).stream()
                .filter(Action.Send.class::isInstance)
                .map(a -> ((Action.Send) a).reply())
                .findFirst()
                .orElseThrow();
    }

    private static void say(SmtpSession session, String line) {
        byte[] octets = line.getBytes(UTF_8);
        session.on(new Input.Line(octets, 0, octets.length), 0);
    }

    private static List<Action> pass(SmtpSession session) {
        return List.copyOf(session.on(new Input.Answer(Verdict.PASS), 0));
    }

    /** RFC 6710 4.1. */
    @Test
    void whoMayRaiseMayDoSoUpToTheBound() {
        assertThat(reply(PARTNER, "MAIL FROM:<x@c.example> MT-PRIORITY=4").enhanced())
                .isEqualTo("2.1.0");
        Reply lowered = reply(PARTNER, "MAIL FROM:<x@c.example> MT-PRIORITY=9");
        assertThat(lowered.enhanced()).isEqualTo("2.3.6");
        assertThat(lowered.text()).contains("4 is the priority");
        assertThat(commit(PARTNER, " MT-PRIORITY=9", "").envelope().priority()).isEqualTo(4);
        assertThat(commit(STRANGER, " MT-PRIORITY=9", "").envelope().priority()).isZero();
        assertThat(commit(STRANGER, " MT-PRIORITY=-5", "").envelope().priority())
                .isEqualTo(-5);
    }

    /** RFC 6710 4.1 (2), 7. */
    @Test
    void thePriorityStandsInReceivedWhereItWasAskedFor() {
        assertThat(new String(commit(PARTNER, " MT-PRIORITY=3", "").prepended(), UTF_8))
                .containsPattern("\\r\\n\\tPRIORITY 3;?\\r\\n|\\r\\n\\tPRIORITY 3;");
        assertThat(new String(commit(PARTNER, "", "").prepended(), UTF_8)).doesNotContain("PRIORITY");
        assertThat(commit(PARTNER, "", "").envelope().wishes().ranked()).isFalse();
        assertThat(commit(PARTNER, " MT-PRIORITY=0", "").envelope().wishes().ranked())
                .isTrue();
    }

    /** RFC 6758 3.1 (4a). */
    @Test
    void withoutTheParameterASingleFieldCountsUnderTheSameRules() {
        assertThat(commit(PARTNER, "", "MT-Priority: 3 (urgent)\r\n").envelope().priority())
                .isEqualTo(3);
        assertThat(commit(STRANGER, "", "MT-Priority: 3\r\n").envelope().priority())
                .isZero();
        assertThat(commit(STRANGER, "", "mt-priority:-3\r\n").envelope().priority())
                .isEqualTo(-3);
        assertThat(commit(PARTNER, " MT-PRIORITY=1", "MT-Priority: 3\r\n")
                        .envelope()
                        .priority())
                .isEqualTo(1);
        for (String unclear :
                List.of("MT-Priority: 3\r\nMT-Priority: 3\r\n", "MT-Priority: x\r\n", "MT-Priority: 10\r\n")) {
            assertThat(commit(PARTNER, "", unclear).envelope().wishes().ranked())
                    .isFalse();
        }
    }

    /** RFC 8689 4.1. */
    @Test
    void theFieldTlsRequiredIsStoredWithTheMessage() {
        assertThat(commit(STRANGER, "", "TLS-Required: No\r\n")
                        .envelope()
                        .wishes()
                        .tls())
                .isEqualTo(Wishes.Tls.OPTIONAL);
        assertThat(commit(STRANGER, "", "TLS-Required: Yes\r\n")
                        .envelope()
                        .wishes()
                        .tls())
                .isEqualTo(Wishes.Tls.USUAL);
    }

    /** RFC 3865 2.1, 2.3, 2.4. */
    @Test
    void aClassThatIsNotWantedIsRefusedAtMail() {
        assertThat(refused("MAIL FROM:<x@c.example> SOLICIT=org.example:X,NET.example:adv")
                        .text())
                .contains("SOLICIT=NET.example:adv");
        assertThat(refused("MAIL FROM:<x@c.example> SOLICIT=1").code()).isEqualTo(501);
        assertThat(reply(STRANGER, "MAIL FROM:<x@c.example> SOLICIT=org.example:X")
                        .code())
                .isEqualTo(250);
    }

    private static Reply refused(String mail) {
        SmtpSession session =
                new SmtpSession("s1", CONFIG, "mx", InetAddress.ofLiteral(STRANGER), new NoMechanisms(), 0);
        session.on(new Input.Connected(Instant.EPOCH), 0);
        pass(session);
        say(session, "EHLO c.example");
        pass(session);
        byte[] octets = mail.getBytes(UTF_8);
        return session.on(new Input.Line(octets, 0, octets.length), 0).stream()
                .filter(Action.Send.class::isInstance)
                .map(a -> ((Action.Send) a).reply())
                .findFirst()
                .orElseThrow();
    }

    /** RFC 3865 2.3, 2.7. */
    @Test
    void whatTheHeaderNamesIsStoredOrRefused() {
        assertThat(commit(STRANGER, "", "Solicitation: org.example:X,org.example:Y\r\n")
                        .envelope()
                        .wishes()
                        .solicitation())
                .isEqualTo("org.example:X,org.example:Y");
        assertThat(commit(STRANGER, "", "Solicitation: not a word\r\n")
                        .envelope()
                        .wishes()
                        .isNone())
                .isTrue();
        assertThatThrownBy(() -> commit(STRANGER, "", "Solicitation: net.example:ADV\r\n"))
                .isInstanceOf(RuntimeException.class); // nothing is stored
    }

    private static final class Nothing implements Content {
        @Override
        public long size() {
            return 0;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return 0;
        }
    }
}
