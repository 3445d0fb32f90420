package org.hikyaku.smtp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sasl.ServerMechanism;
import org.hikyaku.sasl.ServerMechanisms;
import org.hikyaku.sasl.TokenServer;
import org.hikyaku.smtp.Replies;
import org.junit.jupiter.api.Test;

/** AUTH OAUTHBEARER in a session: RFC 7628 4. */
class TokenDialogTest {
    private static final ServerMechanisms TOKENS = new ServerMechanisms() {
        @Override
        public List<String> offered(TlsFacts tls) {
            return List.of("OAUTHBEARER");
        }

        @Override
        public Optional<ServerMechanism> begin(String name, TlsFacts tls) {
            return Optional.of(new TokenServer(true));
        }
    };

    private final SmtpSession session = new SmtpSession(
            "s1",
            ConfigReader.fromText("hostname=mx.example.org\nlocal.domains=[example.org]\n"
                    + "local.postmaster=\"a@example.org\"\nauth.users=/etc/users"),
            "submissions",
            InetAddress.ofLiteral("203.0.113.5"),
            TOKENS,
            0);

    TokenDialogTest() {
        session.on(new Input.Connected(Instant.EPOCH), 0);
        session.on(new Input.Secured(new TlsFacts("TLSv1.3", "", List.of(), false)), 0);
        answer(Verdict.PASS);
        say("EHLO c.example");
        answer(Verdict.PASS);
    }

    private List<Action> say(String line) {
        byte[] octets = line.getBytes(UTF_8);
        return session.on(new Input.Line(octets, 0, octets.length), 0);
    }

    private List<Action> answer(Verdict verdict) {
        return session.on(new Input.Answer(verdict), 0);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    private void present() {
        assertThat(say("AUTH OAUTHBEARER " + base64("n,a=a@example.org,\u0001auth=Bearer abc\u0001\u0001")))
                .containsExactly(new Action.Ask(new Question.LoginToken("a@example.org", "abc")));
    }

    @Test
    void whomTheTokenNamesIsLoggedIn() {
        present();
        assertThat(answer(new Verdict.Token(Optional.of("a@example.org"), "", "")))
                .contains(new Action.Send(Replies.AUTHENTICATED));
        assertThat(session.facts().user()).hasValue("a@example.org");
    }

    @Test
    void aTokenThatDoesNotHoldIsExplainedThenRefused() {
        present();
        assertThat(answer(new Verdict.Token(Optional.empty(), "mail", "the token has expired")))
                .containsExactly(new Action.Send(
                        Replies.challenge(base64("{\"status\":\"invalid_token\",\"scope\":\"mail\"}"))));
        assertThat(say(base64("\u0001")))
                .contains(
                        new Action.Send(Replies.WRONG_CREDENTIALS),
                        new Action.Tell(new Note.AuthFailed("a@example.org", "OAUTHBEARER", "the token has expired")));
        assertThat(session.facts().user()).isEmpty();
    }

    @Test
    void whereNobodyCanBeAskedItIsToBeTriedLater() {
        present();
        assertThat(answer(new Verdict.Reject(Replies.LOGIN_UNAVAILABLE)))
                .contains(new Action.Send(Replies.LOGIN_UNAVAILABLE));
    }
}
