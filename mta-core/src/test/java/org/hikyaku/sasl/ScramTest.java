package org.hikyaku.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hikyaku.sasl.ScramDigest.SHA_1;
import static org.hikyaku.sasl.ScramDigest.SHA_256;

import java.util.Base64;
import java.util.Optional;
import org.hikyaku.sasl.ServerMechanism.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 5802 and RFC 7677, both sides. */
class ScramTest {
    private static final String CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String SERVER_FIRST =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private static final String CLIENT_FINAL = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private static final String SERVER_FINAL = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    private static final byte[] SALT = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");

    private static ScramServer server(String nonce) {
        return new ScramServer(SHA_256, false, ChannelBindings.NONE, nonce);
    }

    private static ScramKeys keys(String password) {
        return Scram.keys(password.getBytes(UTF_8), SALT, 4096).orElseThrow();
    }

    private static String challenge(Step step) {
        assertThat(step).isInstanceOf(Step.Challenge.class);
        return new String(((Step.Challenge) step).octets(), UTF_8);
    }

    private static Step serverAfterFirst(String first) {
        return server(SERVER_NONCE).start(first.getBytes(UTF_8));
    }

    private static Step serverAfterFinal(ScramKeys keys, String last) {
        ScramServer server = server(SERVER_NONCE);
        server.start(("n,,n=user,r=" + CLIENT_NONCE).getBytes(UTF_8));
        server.keys(keys);
        return server.next(last.getBytes(UTF_8));
    }

    private static Step.Failure failure(Step step) {
        assertThat(step).isInstanceOf(Step.Failure.class);
        return (Step.Failure) step;
    }

    @Test
    void theExchangeOfRfc7677Section3OnTheServer() {
        ScramServer server = server(SERVER_NONCE);
        assertThat(challenge(server.start(null))).isEmpty();
        assertThat(server.next(("n,,n=user,r=" + CLIENT_NONCE).getBytes(UTF_8)))
                .isEqualTo(new Step.AskKeys("user", SHA_256));
        assertThat(challenge(server.keys(keys("pencil")))).isEqualTo(SERVER_FIRST);
        assertThat(challenge(server.next(CLIENT_FINAL.getBytes(UTF_8)))).isEqualTo(SERVER_FINAL);
        assertThat(server.next(new byte[0])).isEqualTo(new Step.Success("user"));
    }

    @Test
    void theExchangeOfRfc5802Section5OnBothSides() {
        String nonce = "fyko+d2lbbFgONRv9qkxdawL";
        byte[] salt = Base64.getDecoder().decode("QSXCR+Q6sek8bf92");
        ScramClient client = ScramClient.unbound(SHA_1, "user", "pencil", nonce);
        ScramServer server = new ScramServer(SHA_1, false, ChannelBindings.NONE, "3rfcNHYJY1ZVvWVs7j");
        assertThat(server.name()).isEqualTo("SCRAM-SHA-1").isEqualTo(client.name());
        assertThat(server.start(client.initial().orElseThrow())).isEqualTo(new Step.AskKeys("user", SHA_1));
        String first = challenge(server.keys(
                Scram.keys(SHA_1, "pencil".getBytes(UTF_8), salt, 4096).orElseThrow()));
        assertThat(first).isEqualTo("r=" + nonce + "3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096");
        String last = sent(client.next(first.getBytes(UTF_8)));
        assertThat(last).isEqualTo("c=biws,r=" + nonce + "3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
        String proof = challenge(server.next(last.getBytes(UTF_8)));
        assertThat(proof).isEqualTo("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
        assertThat(sent(client.next(proof.getBytes(UTF_8)))).isEmpty();
        assertThat(client.doubt()).isEmpty();
        assertThat(server.next(new byte[0])).isEqualTo(new Step.Success("user"));
    }

    @Test
    void keysOfTheOtherHashAreNotTaken() {
        ScramServer server = new ScramServer(SHA_1, false, ChannelBindings.NONE, SERVER_NONCE);
        server.start("n,,n=user,r=abc".getBytes(UTF_8));
        assertThat(failure(server.keys(keys("pencil"))).malformed()).isTrue();
    }

    @Test
    void theExchangeOfRfc7677Section3OnTheClient() {
        ScramClient client = ScramClient.unbound(SHA_256, "user", "pencil", CLIENT_NONCE);
        assertThat(client.initial().map(first -> new String(first, UTF_8))).contains("n,,n=user,r=" + CLIENT_NONCE);
        assertThat(sent(client.next(SERVER_FIRST.getBytes(UTF_8)))).isEqualTo(CLIENT_FINAL);
        assertThat(client.doubt()).isPresent();
        assertThat(sent(client.next(SERVER_FINAL.getBytes(UTF_8)))).isEmpty();
        assertThat(client.doubt()).isEmpty();
    }

    private static String sent(ClientMechanism.Answer answer) {
        assertThat(answer).isInstanceOf(ClientMechanism.Answer.Send.class);
        return new String(((ClientMechanism.Answer.Send) answer).octets(), UTF_8);
    }

    @Test
    void aWrongPasswordFailsAsWrongCredentials() {
        assertThat(failure(serverAfterFinal(keys("pencils"), CLIENT_FINAL)).malformed())
                .isFalse();
    }

    @Test
    void madeUpKeysFailEvenWhenTheProofFitsThem() {
        ScramKeys real = keys("pencil");
        ScramKeys madeUp =
                new ScramKeys(SHA_256, real.salt(), real.iterations(), real.storedKey(), real.serverKey(), false);
        assertThat(failure(serverAfterFinal(madeUp, CLIENT_FINAL)).malformed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // another nonce (5.1), another GS2 header than the first message's (6)
                "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
            })
    void aForeignNonceOrHeaderInTheFinalMessageIsRefused(String last) {
        assertThat(failure(serverAfterFinal(keys("pencil"), last)).why()).contains("nonce");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c=biws",
                "r=x,c=biws,p=AAAA",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=AAAA",
                "c=!,r=x,p=!",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
            })
    void aBrokenFinalMessageIsMalformed(String last) {
        assertThat(failure(serverAfterFinal(keys("pencil"), last)).malformed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x,,n=user,r=abc",
                "n",
                "n,",
                "n,,",
                "n,,n=user",
                "n,,r=abc,n=user",
                "n,,n=,r=abc",
                "n,,n=us=er,r=abc",
                "n,,n=us=2cer,r=abc",
                "n,,m=ext,n=user,r=abc",
                "n,,n=user,r=",
                "n,,n=user,r=a\u0007b",
                "n,b=x,n=user,r=abc"
            })
    void aBrokenFirstMessageIsMalformed(String first) {
        assertThat(failure(serverAfterFirst(first)).malformed()).isTrue();
    }

    @Test
    void theFlagYIsTakenAndChannelBindingIsRefused() { // RFC 5802 6
        assertThat(serverAfterFirst("y,,n=user,r=abc")).isEqualTo(new Step.AskKeys("user", SHA_256));
        assertThat(failure(serverAfterFirst("p=tls-exporter,,n=user,r=abc")).malformed())
                .isFalse();
    }

    @Test
    void onlyTheUserHimselfMayBeTheAuthorizationIdentity() {
        assertThat(serverAfterFirst("n,a=user,n=user,r=abc")).isEqualTo(new Step.AskKeys("user", SHA_256));
        assertThat(failure(serverAfterFirst("n,a=admin,n=user,r=abc")).malformed())
                .isFalse();
    }

    @Test
    void escapedAndInternationalNamesAreDecodedAndPrepared() { // RFC 5802 5.1, RFC 4013
        assertThat(serverAfterFirst("n,,n=a=2Cb=3Dc,r=abc")).isEqualTo(new Step.AskKeys("a,b=c", SHA_256));
        assertThat(serverAfterFirst("n,,n=I\u00adX\u2168,r=abc")).isEqualTo(new Step.AskKeys("IXIX", SHA_256));
    }

    @Test
    void aCompositionOfLettersDoesNotMatter() {
        assertThat(keys("caf\u00e9").storedKey()).isEqualTo(keys("cafe\u0301").storedKey());
        assertThat(Scram.keys(new byte[] {(byte) 0xff}, SALT, 4096)).isEmpty();
        assertThat(Scram.keys("a\u0007".getBytes(UTF_8), SALT, 4096)).isEmpty();
    }

    @Test
    void bothSidesOfOursAgreeForAwkwardNamesAndPasswords() {
        ScramClient client = ScramClient.unbound(SHA_256, "tanaka,=@example.org", "p,=\u00fc", "c");
        ScramServer server = server("s");
        Step asked = server.start(client.initial().orElseThrow());
        assertThat(asked).isEqualTo(new Step.AskKeys("tanaka,=@example.org", SHA_256));
        byte[] first = challenge(server.keys(keys("p,=\u00fc"))).getBytes(UTF_8);
        byte[] last =
                challenge(server.next(sent(client.next(first)).getBytes(UTF_8))).getBytes(UTF_8);
        assertThat(server.next(sent(client.next(last)).getBytes(UTF_8))).isInstanceOf(Step.Success.class);
        assertThat(client.doubt()).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=999999999",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=100001",
                "m=x,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "r=rOprNGfwEbeRWgbNEkqOx,s=!,i=4096",
                ""
            })
    void theClientGivesUpOnAServerThatCheats(String serverFirst) {
        ScramClient client = ScramClient.unbound(SHA_256, "user", "pencil", CLIENT_NONCE);
        assertThat(client.next(serverFirst.getBytes(UTF_8))).isInstanceOf(ClientMechanism.Answer.GiveUp.class);
    }

    @Test
    void theClientGivesUpOnAWrongServerSignature() {
        ScramClient client = ScramClient.unbound(SHA_256, "user", "pencil", CLIENT_NONCE);
        client.next(SERVER_FIRST.getBytes(UTF_8));
        assertThat(client.next("v=AAAA".getBytes(UTF_8))).isInstanceOf(ClientMechanism.Answer.GiveUp.class);
        assertThat(client.doubt()).isPresent();
    }

    @Test
    void optionalExtensionsAreIgnored() { // RFC 5802 5.1
        assertThat(serverAfterFirst("n,,n=user,r=abc,x=y")).isEqualTo(new Step.AskKeys("user", SHA_256));
        ScramClient client = ScramClient.unbound(SHA_256, "user", "pencil", CLIENT_NONCE);
        assertThat(client.next((SERVER_FIRST + ",x=y").getBytes(UTF_8)))
                .isInstanceOf(ClientMechanism.Answer.Send.class);
    }
}
