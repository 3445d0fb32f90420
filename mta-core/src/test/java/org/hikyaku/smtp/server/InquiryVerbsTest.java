package org.hikyaku.smtp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Reply;
import org.junit.jupiter.api.Test;

/** What VRFY makes of what policy found. */
class InquiryVerbsTest {
    private static final Config CONFIG = ConfigReader.fromText("hostname=mx.example.org\nlocal.domains=[example.org]\n"
            + "local.postmaster=\"a@example.org\"\nauth.users=/etc/users\nlisteners.mx.vrfy=on");

    private final SmtpSession session =
            new SmtpSession("s1", CONFIG, "mx", InetAddress.ofLiteral("203.0.113.5"), new NoMechanisms(), 0);

    InquiryVerbsTest() {
        session.on(new Input.Connected(Instant.EPOCH), 0);
        session.on(new Input.Answer(Verdict.PASS), 0);
    }

    private Reply verify(String text, Address... found) {
        byte[] octets = ("VRFY " + text).getBytes(UTF_8);
        assertThat(session.on(new Input.Line(octets, 0, octets.length), 0))
                .containsExactly(new Action.Ask(new Question.Verify(text.replace(" SMTPUTF8", ""), false)));
        List<Action> actions = session.on(new Input.Answer(new Verdict.Found(List.of(found))), 0);
        return ((Action.Send) actions.getFirst()).reply();
    }

    /** RFC 6531 3.7.4.2. */
    @Test
    void lettersBeyondAsciiAreToldToThoseWhoAskForThem() {
        Address address = Address.of("jörg@example.org");
        assertThat(verify("jörg", address).text()).startsWith("252 2.6.8 ");
        assertThat(verify("jörg SMTPUTF8", address).text()).isEqualTo("250 2.1.5 <jörg@example.org>");
    }

    @Test
    void eachAddressHasALine() {
        assertThat(verify("staff", Address.of("a@example.org"), Address.of("b@example.org"))
                        .lines())
                .containsExactly("<a@example.org>", "<b@example.org>");
    }
}
