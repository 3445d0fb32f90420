package org.hikyaku.smtp.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sasl.ServerMechanism;
import org.hikyaku.sasl.ServerMechanisms;
import org.hikyaku.smtp.ReplyWriter;
import org.jspecify.annotations.NullMarked;

/** What a proxy says behind XCLIENT and XFORWARD: whatever it is, a reply and a session that goes on. */
@NullMarked
public final class AttributesFuzz {
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mx.example.org
            local { domains = [example.org], postmaster = "a@example.org" }
            auth.users = /etc/users
            limits.errors_per_session_max = 100
            listeners.mx.proxy { networks = ["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"], xclient = true, xforward = true }
            """);
    private static final int LINES_MAX = 5;

    private static final class NoMechanisms implements ServerMechanisms {
        @Override
        public List<String> offered(TlsFacts tls) {
            return List.of();
        }

        @Override
        public Optional<ServerMechanism> begin(String name, TlsFacts tls) {
            return Optional.empty();
        }
    }

    private AttributesFuzz() {}

    public static void run(byte[] octets) {
        SmtpSession session =
                new SmtpSession("s", CONFIG, "mx", InetAddress.ofLiteral("203.0.113.5"), new NoMechanisms(), 0);
        session.on(new Input.Connected(Instant.EPOCH), 0);
        session.on(new Input.Answer(Verdict.PASS), 0);
        new String(octets, ISO_8859_1)
                .lines()
                .filter(line -> line.length() < 900 && line.indexOf('\0') < 0)
                .limit(LINES_MAX)
                .forEach(line -> {
                    say(session, "XFORWARD " + line);
                    say(session, "XCLIENT " + line);
                });
        assertThat(session.isClosed()).isFalse();
        assertThat(session.facts().helo().orElse("")).matches("[!-~]*");
        assertThat(session.facts().user().orElse("")).matches("[!-~]*");
    }

    private static void say(SmtpSession session, String line) {
        byte[] octets = line.getBytes(ISO_8859_1);
        List<Action> actions = List.copyOf(session.on(new Input.Line(octets, 0, octets.length), 0));
        if (actions.getLast() instanceof Action.Rest) {
            actions = List.copyOf(session.on(new Input.Rested(), 0));
        } else if (actions.getLast() instanceof Action.Ask) {
            actions = List.copyOf(session.on(new Input.Answer(Verdict.PASS), 0));
        }
        assertThat(actions).filteredOn(Action.Send.class::isInstance).hasSize(1);
        for (Action action : actions) {
            if (action instanceof Action.Send send) {
                assertThat(new String(ReplyWriter.octets(send.reply()), ISO_8859_1))
                        .matches("(?s)(\\d{3}[ -][ -~]*\r\n)+");
            }
        }
    }
}
