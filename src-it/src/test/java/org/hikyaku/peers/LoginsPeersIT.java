package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Logins without a password: by token, with the keys of an authorization server over HTTPS, and by certificate. curl is the client,
 * and one of ours that logs in to the other.
 */
@ExtendWith(KitExtension.class)
class LoginsPeersIT {
    private static final String JOE = "joe@hikyaku.test";

    private final Kit kit;
    private static HikyakuServer edo;
    private static HikyakuServer osaka;
    private static TokenIssuer issuer;
    private static Process keys;

    LoginsPeersIT(Kit kit) {
        this.kit = kit;
    }

    @BeforeAll
    static void start(Kit kit) throws Exception {
        issuer = new TokenIssuer();
        keys = serveKeys(kit);
        String takes = """
                auth {
                  mechanisms = [EXTERNAL, SCRAM-SHA-256, PLAIN, OAUTHBEARER, XOAUTH2], certificate_names = [%s]
                  oauth { jwks = "https://mx.osaka.test:8443/keys", issuer = "%s", audiences = [%s], user_field = email }
                }
                tls.client_authorities = "%s"
                listeners.submissions.client_certificates = ask
                """;
        osaka = HikyakuServer.makeOsaka(
                kit,
                "logins-osaka",
                takes.formatted("dns", TokenIssuer.NAME, TokenIssuer.AUDIENCE, kit.authority())
                        + "auth.grants = grants\n");
        osaka.addUser("mx.hikyaku.test");
        osaka.secret("grants", "joe@osaka.test: @hikyaku.test\nmx.hikyaku.test: @hikyaku.test");
        edo = HikyakuServer.make(kit, "logins-edo", "");
        Path token = edo.secret("token", issuer.token("joe@osaka.test", Duration.ofHours(1)));
        String there = "host = mx.osaka.test, port = 465, tls = implicit, user = ";
        edo.configure(takes.formatted("email", TokenIssuer.NAME, TokenIssuer.AUDIENCE, kit.authority())
                + "delivery.rules = [ { headers = [\"X-By: token\"], hosts = [ { " + there
                + "\"joe@osaka.test\", token_file = \"" + token + "\" } ] }\n"
                + "{ headers = [\"X-By: certificate\"], hosts = [ { " + there
                + "\"mx.hikyaku.test\", certificate = show } ] } ]\n");
        osaka.start();
        edo.start();
    }

    private static Process serveKeys(Kit kit) throws Exception {
        Path file = Files.writeString(kit.work().resolve("keys.json"), issuer.keys());
        Path log = kit.work().resolve("keys.log");
        String tls = kit.work().resolve("tls/mx.osaka.test").toString();
        Process serving = new ProcessBuilder(kit.in(
                        "peers",
                        List.of(
                                "python3",
                                kit.clientProgram("keys.py"),
                                "192.0.2.28",
                                "8443",
                                tls + ".pem",
                                tls + ".key",
                                file.toString())))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Waiting.until(
                "the authorization server",
                () -> Command.run(List.of("cat", log.toString())).output().contains("ready")
                        ? Optional.of(true)
                        : Optional.empty(),
                () -> "");
        return serving;
    }

    @AfterAll
    static void stop() {
        keys.destroy();
        edo.close();
        osaka.close();
    }

    private Command curl(String mechanism, String header, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "-sSv",
                "--cacert",
                kit.authority().toString(),
                "--login-options",
                "AUTH=" + mechanism,
                "--mail-from",
                JOE,
                "--mail-rcpt",
                header.contains("X-By") ? "joe@osaka.test" : "bob@postfix.test",
                "--upload-file",
                "-",
                "smtps://mx.hikyaku.test:465/there.test"));
        command.addAll(List.of(options));
        String message = "From: " + JOE + "\n" + header + "\n\nhello\n";
        return kit.peer(message.replace("\n", "\r\n"), command); // it sends lines as they are
    }

    private String[] token(String user, Duration good) throws Exception {
        return new String[] {"--user", user + ":", "--oauth2-bearer", issuer.token(user, good)};
    }

    private String[] certificate(String user, String file) {
        String path = kit.work().resolve("tls").resolve(file).toString();
        return new String[] {"--user", user + ":", "--cert", path + ".pem", "--key", path + ".key"};
    }

    /** RFC 7628 3.1, 3.2. */
    @Test
    void aTokenOfTheAuthorizationServerLogsIn() throws Exception {
        curl("OAUTHBEARER", "Subject: by-token", token(JOE, Duration.ofMinutes(5)))
                .good();
        kit.atPostfix("bob", "Subject: by-token\n", edo);
        edo.logged("auth-succeeded", "user=" + JOE, "mechanism=OAUTHBEARER");
    }

    /** RFC 7628 3.2.2. */
    @Test
    void aTokenThatIsOverDoesNot() throws Exception {
        Command ran = curl("OAUTHBEARER", "Subject: no", token(JOE, Duration.ofMinutes(-5)));
        assertThat(ran.code()).isNotZero();
        assertThat(ran.output()).contains("535 5.7.8");
    }

    /** By hand: curl says OAUTHBEARER where it is told to say XOAUTH2. */
    @ParameterizedTest
    @CsvSource({"5, 235", "-5, 334"})
    void xoauth2TakesTheSameTokens(int minutes, String code) throws Exception {
        String response =
                "user=" + JOE + "\u0001auth=Bearer " + issuer.token(JOE, Duration.ofMinutes(minutes)) + "\u0001\u0001";
        try (Talk talk = Talk.to(kit, 465, true)) {
            talk.expect("220");
            assertThat(talk.ask("EHLO there.test")).contains(" XOAUTH2");
            String reply = talk.ask(
                    "AUTH XOAUTH2 " + Base64.getEncoder().encodeToString(response.getBytes(StandardCharsets.US_ASCII)));
            assertThat(reply).startsWith(code);
            if (code.equals("334")) {
                assertThat(talk.ask("")).startsWith("535 5.7.8");
            }
        }
    }

    @Test
    void aTokenBySomebodyElsesKeyDoesNot() throws Exception {
        String forged = new TokenIssuer().token(JOE, Duration.ofMinutes(5));
        Command ran = curl("OAUTHBEARER", "Subject: no", "--user", JOE + ":", "--oauth2-bearer", forged);
        assertThat(ran.code()).isNotZero();
        assertThat(ran.output()).contains("535 5.7.8");
    }

    /** RFC 4422 appendix A. */
    @Test
    void aCertificateOfOurAuthorityLogsItsUserIn() {
        curl("EXTERNAL", "Subject: by-certificate", certificate(JOE, "joe")).good();
        kit.atPostfix("bob", "Subject: by-certificate\n", edo);
        edo.logged("auth-succeeded", "user=" + JOE, "mechanism=EXTERNAL");
    }

    @Test
    void aCertificateOfNobodyIsOfferedNoLoginByIt() {
        assertThat(curl("EXTERNAL", "Subject: no", certificate(JOE, "mx.postfix.test"))
                        .output())
                .contains("AUTH SCRAM-SHA-256 PLAIN OAUTHBEARER XOAUTH2");
    }

    /** RFC 7628 3.1, RFC 4422 appendix A: as the client. */
    @ParameterizedTest
    @CsvSource({"token, OAUTHBEARER, joe@osaka.test", "certificate, EXTERNAL, mx.hikyaku.test"})
    void oneOfOursLogsInToTheOtherWithoutAPassword(String by, String mechanism, String user) {
        curl("EXTERNAL", "Subject: onward-" + by + "\nX-By: " + by, certificate(JOE, "joe"))
                .good();
        osaka.arrived("joe", "Subject: onward-" + by + "\n");
        osaka.logged("auth-succeeded", "user=" + user, "mechanism=" + mechanism);
    }
}
