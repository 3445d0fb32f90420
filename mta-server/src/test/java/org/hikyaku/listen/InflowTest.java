package org.hikyaku.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sasl.ServerMechanism;
import org.hikyaku.sasl.ServerMechanisms;
import org.hikyaku.smtp.server.Input;
import org.hikyaku.smtp.server.SmtpSession;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a client's octets are taken, and what becomes of those that are not. */
class InflowTest {
    private static final int MUCH = 64 * 1024 + 1;

    private final PaperWire wire = new PaperWire();
    private final List<String> lines = new ArrayList<>();
    private final SmtpSession session = new SmtpSession(
            "s1", ConfigReader.fromText("""
                    hostname = mx.example.org
                    local { domains = [example.org], postmaster = "a@example.org" }
                    auth.users = /etc/users
                    """), "mx", InetAddress.ofLiteral("203.0.113.5"), new Nobody(), 0);
    private Consumer<Input> alsoDone = input -> {};
    private final Inflow inflow = new Inflow(
            new Stopped(),
            wire,
            session,
            () -> {
                throw new IllegalStateException("no message comes here");
            },
            this::feed,
            Runnable::run);

    private record Nobody() implements ServerMechanisms {
        @Override
        public List<String> offered(TlsFacts tls) {
            return List.of();
        }

        @Override
        public Optional<ServerMechanism> begin(String name, TlsFacts tls) {
            return Optional.empty();
        }
    }

    private record Stopped() implements Clock {
        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public long nanos() {
            return 0;
        }
    }

    InflowTest() {
        session.on(new Input.Connected(Instant.EPOCH), 0);
        session.on(new Input.Answer(Verdict.PASS), 0);
    }

    private void feed(Input input) {
        if (input instanceof Input.Line line) {
            lines.add(new String(line.octets(), line.from(), line.to() - line.from(), US_ASCII));
        }
        session.on(input, 0);
        alsoDone.accept(input);
    }

    private void comes(String text) {
        byte[] octets = text.getBytes(US_ASCII);
        inflow.take(octets, 0, octets.length);
    }

    private void answered() {
        session.on(new Input.Answer(Verdict.PASS), 0);
        inflow.goOn();
    }

    @Test
    void whatComesWhileAnAnswerIsDueIsHeldAndNothingMoreIsRead() {
        comes("EHLO a.example\r\nNOOP\r\nRS");
        assertThat(lines).containsExactly("EHLO a.example");
        assertThat(wire.paused).isTrue();
        comes("ET\r\n"); // was on its way already

        answered();
        assertThat(lines).containsExactly("EHLO a.example", "NOOP", "RSET");
        assertThat(wire.paused).isFalse();
    }

    @Test
    void whoLeavesOurRepliesUnreadIsNotHeard() {
        wire.unsent = MUCH;
        inflow.written();
        comes("NOOP\r\n");
        assertThat(lines).isEmpty();
        assertThat(wire.paused).isTrue();

        wire.unsent = 0;
        inflow.writable();
        assertThat(lines).containsExactly("NOOP");
        assertThat(wire.paused).isFalse();
    }

    /** RFC 3207 4.2. */
    @Test
    void nothingThatCameInClearIsTakenAfterTls() {
        alsoDone = input -> inflow.forget();
        comes("NOOP\r\nRSET\r\nNO");
        alsoDone = input -> {};
        comes("RSET\r\n");
        assertThat(lines).containsExactly("NOOP", "RSET");
    }

    @Test
    void nothingIsTakenAfterTheEnd() {
        alsoDone = input -> inflow.end();
        comes("NOOP\r\nRSET\r\n");
        comes("RSET\r\n");
        inflow.goOn();
        assertThat(lines).containsExactly("NOOP");
        assertThat(inflow.isOver()).isTrue();
    }

    /** RFC 2645 5.3. */
    @Test
    void whatComesBehindATurnIsTheOtherSides() {
        Heir heir = new Heir();
        alsoDone = input -> inflow.passOn(heir);
        comes("NOOP\r\n220 we are the server now\r\n");
        assertThat(lines).containsExactly("NOOP");
        assertThat(heir.heard).hasToString("220 we are the server now\r\n");
        assertThat(inflow.heir()).isSameAs(heir);
    }

    @Test
    void whatWasHeldBeforeATurnIsTheOtherSidesToo() {
        Heir heir = new Heir();
        comes("EHLO a.example\r\n220 here");
        inflow.passOn(heir);
        assertThat(heir.heard).hasToString("220 here");
        assertThat(wire.paused).isFalse();
    }

    private static final class Heir implements WireHandler {
        final StringBuilder heard = new StringBuilder();

        @Override
        public void opened(Wire opened) {}

        @Override
        public void received(byte[] octets, int offset, int length) {
            heard.append(new String(octets, offset, length, US_ASCII));
        }

        @Override
        public void secured(TlsFacts facts) {}

        @Override
        public void closed(@Nullable WireFailure cause) {}
    }
}
