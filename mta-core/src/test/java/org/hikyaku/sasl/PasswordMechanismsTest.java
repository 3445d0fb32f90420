package org.hikyaku.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ServerMechanism.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PLAIN (RFC 4616), LOGIN, the choice of a mechanism. */
class PasswordMechanismsTest {
    private static final ChannelBindings BOUND =
            ChannelBindings.ofServer(new TlsFacts("TLSv1.3", "", List.of(), false, new byte[0], new byte[32]));

    private static final byte[] RANDOM = new byte[Mechanisms.RANDOM_OCTETS];

    private static Step plain(String message) {
        return new PlainServer().start(message.getBytes(UTF_8));
    }

    @Test
    void plainAsksForTheUsersPasswordAndEndsByTheAnswer() {
        PlainServer server = new PlainServer();
        assertThat(((Step.Challenge) server.start(null)).octets()).isEmpty();
        Step.AskPassword ask = (Step.AskPassword) server.next("\0tim\0tanstaaftanstaaf".getBytes(UTF_8));
        assertThat(ask.user()).isEqualTo("tim");
        assertThat(new String(ask.password(), UTF_8)).isEqualTo("tanstaaftanstaaf");
        assertThat(server.passwordChecked(true)).isEqualTo(new Step.Success("tim"));
        assertThat(server.passwordChecked(true)).isInstanceOf(Step.Failure.class);
    }

    @Test
    void plainTakesOnlyTheUserHimselfAsAuthorizationIdentity() {
        assertThat(plain("tim\0tim\0secret")).isInstanceOf(Step.AskPassword.class);
        assertThat(((Step.Failure) plain("root\0tim\0secret")).malformed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tim", "tim\0secret", "\0\0secret", "\0tim\0", "\0tim\0a\0b", "\0a\u0007\0secret"})
    void plainOfAnotherFormIsMalformed(String message) {
        assertThat(((Step.Failure) plain(message)).malformed()).isTrue();
    }

    @Test
    void plainBeyond255OctetsOrNotUtf8IsMalformed() {
        assertThat(plain("\0" + "a".repeat(255) + "\0b")).isInstanceOf(Step.AskPassword.class);
        String most = "a".repeat(255);
        assertThat(plain(most + "\0" + most + "\0" + most)).isInstanceOf(Step.AskPassword.class);
        assertThat(plain("\0" + "a".repeat(256) + "\0b")).isInstanceOf(Step.Failure.class);
        assertThat(new PlainServer().start(new byte[] {0, (byte) 0xc3, 0, 'x'})).isInstanceOf(Step.Failure.class);
    }

    @Test
    void loginAsksForNameAndPassword() {
        LoginServer server = new LoginServer();
        assertThat(new String(((Step.Challenge) server.start(null)).octets(), UTF_8))
                .isEqualTo("Username:");
        Step second = server.next("tim".getBytes(UTF_8));
        assertThat(new String(((Step.Challenge) second).octets(), UTF_8)).isEqualTo("Password:");
        assertThat(((Step.AskPassword) server.next("x".getBytes(UTF_8))).user()).isEqualTo("tim");
        assertThat(((Step.Failure) server.passwordChecked(false)).malformed()).isFalse();
    }

    @Test
    void loginTakesTheNameAsInitialResponseAndNoEmptyPassword() {
        LoginServer server = new LoginServer();
        assertThat(server.start("tim".getBytes(UTF_8))).isInstanceOf(Step.Challenge.class);
        assertThat(((Step.Failure) server.next(new byte[0])).malformed()).isTrue();
    }

    @Test
    void answersNobodyAskedForEndTheExchange() {
        assertThat(new PlainServer().passwordChecked(true)).isInstanceOf(Step.Failure.class);
        assertThat(new LoginServer().passwordChecked(true)).isInstanceOf(Step.Failure.class);
        assertThat(new ScramServer(ScramDigest.SHA_256, false, ChannelBindings.NONE, "n").passwordChecked(true))
                .isInstanceOf(Step.Failure.class);
    }

    @Test
    void theClientTakesTheStrongestThatIsOffered() {
        assertThat(client("LOGIN", "PLAIN", "SCRAM-SHA-256")).isEqualTo("SCRAM-SHA-256");
        assertThat(client("SCRAM-SHA-1", "PLAIN")).isEqualTo("SCRAM-SHA-1");
        assertThat(client("SCRAM-SHA-1-PLUS", "SCRAM-SHA-1")).isEqualTo("SCRAM-SHA-1");
        assertThat(client("login", "plain")).isEqualTo("PLAIN");
        assertThat(client("LOGIN", "XOAUTH2")).isEqualTo("LOGIN");
        assertThat(Mechanisms.client(List.of("XOAUTH2"), "u", "p", RANDOM, ChannelBindings.NONE))
                .isEmpty();
    }

    @Test
    void theClientBindsWhereBothCan() { // RFC 5802 6
        List<String> all = List.of("PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS");
        assertThat(Mechanisms.client(all, "u", "p", RANDOM, BOUND).orElseThrow().name())
                .isEqualTo("SCRAM-SHA-1-PLUS");
    }

    @Test
    void aServerWithNothingToBindToHasNoPlus() {
        assertThat(Mechanisms.server("SCRAM-SHA-256-PLUS", RANDOM, ChannelBindings.NONE))
                .isEmpty();
    }

    private static String client(String... offered) {
        return Mechanisms.client(List.of(offered), "u", "p", RANDOM, ChannelBindings.NONE)
                .orElseThrow()
                .name();
    }

    @Test
    void theServerKnowsTheMechanismsOfTheTableInAnyCase() {
        for (String name : Mechanisms.NAMES) {
            assertThat(Mechanisms.server(name.toLowerCase(java.util.Locale.ROOT), RANDOM, BOUND)
                            .orElseThrow()
                            .name())
                    .isEqualTo(name);
        }
        assertThat(Mechanisms.server("CRAM-MD5", RANDOM, BOUND)).isEmpty();
    }

    @Test
    void plainAndLoginClientsSpeakWithTheirServers() {
        ClientMechanism plain = SaidAtOnce.plain("tim", "pw");
        assertThat(new PlainServer().start(plain.initial().orElseThrow())).isInstanceOf(Step.AskPassword.class);
        assertThat(plain.next("x".getBytes(UTF_8))).isInstanceOf(ClientMechanism.Answer.GiveUp.class);
        LoginServer server = new LoginServer();
        ClientMechanism login = new LoginClient("tim", "pw");
        Step first = server.start(null);
        Step second =
                server.next(((ClientMechanism.Answer.Send) login.next(((Step.Challenge) first).octets())).octets());
        byte[] answer = ((ClientMechanism.Answer.Send) login.next(((Step.Challenge) second).octets())).octets();
        assertThat(new String(((Step.AskPassword) server.next(answer)).password(), UTF_8))
                .isEqualTo("pw");
        assertThat(login.next(new byte[0])).isInstanceOf(ClientMechanism.Answer.GiveUp.class);
    }
}
