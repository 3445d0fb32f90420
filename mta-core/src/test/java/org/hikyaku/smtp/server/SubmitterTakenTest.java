package org.hikyaku.smtp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sasl.PlainServer;
import org.hikyaku.sasl.ServerMechanism;
import org.hikyaku.sasl.ServerMechanisms;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 4954 5: whom we believe who submitted a message. */
class SubmitterTakenTest {
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mx.example.org
            local { domains = [example.org], postmaster = "a@example.org" }
            auth { users = /etc/users, submitter_trusted = ["gate@example.org"] }
            """);
    private static final TlsFacts TLS = new TlsFacts("TLSv1.3", "TLS_AES_128_GCM_SHA256", List.of(), false);

    /** PLAIN alone. */
    private static final ServerMechanisms PLAIN = new ServerMechanisms() {
        @Override
        public List<String> offered(TlsFacts tls) {
            return List.of("PLAIN");
        }

        @Override
        public Optional<ServerMechanism> begin(String name, TlsFacts tls) {
            return Optional.of(new PlainServer());
        }
    };

    private final SmtpSession session =
            new SmtpSession("s1", CONFIG, "submissions", InetAddress.ofLiteral("203.0.113.5"), PLAIN, 0);

    private List<Action> say(String line) {
        byte[] octets = line.getBytes(UTF_8);
        return session.on(new Input.Line(octets, 0, octets.length), 0);
    }

    private void pass() {
        session.on(new Input.Answer(Verdict.PASS), 0);
    }

    /** What is put down of MAIL with {@code parameter} from {@code user}. */
    private String taken(String user, String parameter) {
        session.on(new Input.Connected(Instant.EPOCH), 0);
        session.on(new Input.Secured(TLS), 0);
        pass();
        say("EHLO c.example");
        pass();
        String message = "\0" + user + "\0secret";
        say("AUTH PLAIN " + Base64.getEncoder().encodeToString(message.getBytes(UTF_8)));
        pass();
        Action asked = say("MAIL FROM:<" + user + ">" + parameter).getLast();
        return ((Question.Sender) ((Action.Ask) asked).question()).wishes().submitter();
    }

    @ParameterizedTest
    @CsvSource({
        "joe@example.org, ' AUTH=joe@example.org', joe@example.org",
        "joe@example.org, ' AUTH=Joe@Example.org', Joe@example.org",
        "joe@example.org, ' AUTH=ann@example.org', <>",
        "gate@example.org, ' AUTH=e+3Dmc2@elsewhere.example', e=mc2@elsewhere.example",
        "gate@example.org, ' AUTH=nobody', <>",
        "gate@example.org, ' AUTH=<>', <>",
        "joe@example.org, '', ''"
    })
    void aUserIsBelievedOfHimselfAndATrustedOneOfAll(String user, String parameter, String submitter) {
        assertThat(taken(user, parameter)).isEqualToIgnoringCase(submitter);
    }
}
