package org.hikyaku.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.Users;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.Https;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who comes in by a token, and what the failures of others cost. */
class TokenLoginTest {
    private static final String TEXT = """
            hostname = mail.here.example
            local { domains = [here.example], postmaster = "anna@here.example" }
            auth { users = /users, mechanisms = [PLAIN, XOAUTH2, OAUTHBEARER]
              oauth { introspection = "https://login.here.example/introspect", scopes = [mail, send] }
            }
            """;
    private static final Config CONFIG = ConfigReader.fromText(TEXT);
    private static final String HASH = "{BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";
    private static final String USERS = "anna@here.example:" + HASH + "bob@here.example:" + HASH;
    private static final TlsFacts TLS = new TlsFacts("TLSv1.3", "", List.of(), false);

    private interface Body {
        void run(LoginCheck check) throws Exception;
    }

    /** The authorization server knows the tokens {@code of-NAME}, and breaks over others that begin with "break". */
    private static Https.Answer web(Https.Question question) throws IOException {
        String form = new String(question.body(), UTF_8);
        String token = URLDecoder.decode(form.replaceAll("token=([^&]*)&.*", "$1"), UTF_8);
        if (token.startsWith("break")) {
            throw new IOException("gone");
        }
        String answer = token.startsWith("of-")
                ? "{\"active\":true,\"scope\":\"send mail\",\"username\":\"" + token.substring(3) + "\"}"
                : "{\"active\":false}";
        return new Https.Answer(200, answer.getBytes(UTF_8), Duration.ZERO);
    }

    private static long with(Body body) {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(bare -> {
                try (Disk.File out = bare.disk().create(Path.of("/users"))) {
                    out.write(0, ByteBuffer.wrap(USERS.getBytes(UTF_8)));
                }
                Users.Loaded loaded = Users.load(bare.disk(), Path.of("/users"));
                assertThat(loaded.problems()).isEmpty();
                Users users = loaded.users();
                LoginCheck check = new LoginCheck(
                        TokenJudgeTest.withWeb(bare, TokenLoginTest::web),
                        () -> users,
                        "bob@here.example"::equals,
                        CONFIG.auth(),
                        new byte[32]);
                body.run(check);
                check.close();
            });
            return sim.events().count(Event.AUTH_SERVER_LOST);
        }
    }

    private static Verdict login(LoginCheck check, String user, String token) {
        SessionFacts facts = new SessionFacts(
                "s1",
                CONFIG,
                "submission",
                InetAddress.ofLiteral("192.0.2.7"),
                Optional.empty(),
                Optional.of(TLS),
                Optional.empty());
        return check.answer(new Question.LoginToken(user, token), facts);
    }

    @ParameterizedTest
    @CsvSource({
        "'', of-anna@here.example, anna@here.example, ''",
        "anna@here.example, of-anna@here.example, anna@here.example, ''",
        "anna, of-Anna@Here.example, anna@here.example, ''",
        "bob@here.example, of-anna@here.example, , the token is of anna@here.example",
        "nobody@here.example, of-nobody@here.example, , 'the token is of nobody@here.example, who is no user here'",
        "anna@here.example, another, , the token is not active",
    })
    void theTokenSaysWhoItIsAndHeMustBeAUserAndTheLogHearsWhyNot(
            String claimed, String token, String user, String why) {
        with(check -> assertThat(login(check, claimed, token))
                .isEqualTo(new Verdict.Token(Optional.ofNullable(user), user == null ? "mail send" : "", why)));
    }

    @Test
    void aGoodTokenOpensNoClosedAccount() {
        with(check -> assertThat(login(check, "", "of-bob@here.example"))
                .isEqualTo(new Verdict.Reject(Replies.ACCOUNT_DISABLED)));
    }

    @Test
    void aServerThatCannotBeAskedIsNoFailureOfTheClient() {
        long lost = with(check -> {
            for (int i = 0; i < 50; i++) {
                assertThat(login(check, "", "break" + i)).isEqualTo(new Verdict.Reject(Replies.LOGIN_UNAVAILABLE));
            }
            assertThat(login(check, "", "of-anna@here.example")).isInstanceOf(Verdict.Token.class);
        });
        assertThat(lost).isEqualTo(50);
    }

    @Test
    void wrongTokensAreCountedAsWrongPasswordsAre() {
        with(check -> {
            for (int i = 0; i < CONFIG.auth().failuresPerAddressMax(); i++) {
                login(check, "", "wrong");
            }
            assertThat(login(check, "", "of-anna@here.example"))
                    .isEqualTo(new Verdict.Close(Replies.TOO_MANY_LOGIN_FAILURES));
        });
    }

    @Test
    void tokensAreOfferedWhereThereIsWhomToAsk() {
        assertThat(offered(CONFIG)).containsExactly("PLAIN", "XOAUTH2", "OAUTHBEARER");
        Config nobody = ConfigReader.fromText(TEXT.replaceAll("introspection = [^,]*, ", ""));
        assertThat(offered(nobody)).containsExactly("PLAIN");
    }

    private static List<String> offered(Config config) {
        try (SimWorld sim = new SimWorld(1)) {
            LoginMechanisms mechanisms =
                    new LoginMechanisms(() -> config, Users::none, sim.world().entropy());
            return mechanisms.offered(TLS);
        }
    }
}
