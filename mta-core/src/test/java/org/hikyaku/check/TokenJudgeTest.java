package org.hikyaku.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.check.TokenJudge.Found;
import org.hikyaku.config.AuthSettings;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Https;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7662. */
class TokenJudgeTest {
    private static final String TEXT = """
            hostname = mail.here.example
            local { domains = [here.example], postmaster = "anna@here.example" }
            auth { users = /etc/users
              oauth { introspection = "https://login.here.example/introspect", client_id = "a b", user_field = sub
                scopes = [mail], audiences = [mx], cache_for = 5m }
            }
            """;
    private static final Config CONFIG = ConfigReader.fromText(TEXT);

    static World withWeb(World world, Https web) {
        return new World(
                world.clock(),
                world.disk(),
                world.net(),
                world.resolver(),
                world.tasks(),
                world.entropy(),
                world.events(),
                world.processes(),
                web);
    }

    private interface Body {
        void run(World world, TokenJudge judge, List<Https.Question> asked) throws Exception;
    }

    private static void with(String json, int status, Body body) {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                List<Https.Question> asked = new ArrayList<>();
                String now = Long.toString(world.clock().now().getEpochSecond());
                World with = withWeb(world, question -> {
                    asked.add(question);
                    if (status == 0) {
                        throw new IOException("gone");
                    }
                    String text = json.replace("NOW+60", Long.toString(Long.parseLong(now) + 60))
                            .replace("NOW", now);
                    return new Https.Answer(status, text.getBytes(UTF_8), Duration.ZERO);
                });
                body.run(with, new TokenJudge(with), asked);
            });
        }
    }

    private static Found judge(TokenJudge judge) {
        return judge.judge("a+token", CONFIG.auth().oauth());
    }

    private static final String GOOD =
            "{\"active\":true,\"sub\":\"anna@here.example\",\"scope\":\"openid mail\",\"aud\":[\"x\",\"mx\"],\"exp\":NOW+60}";

    @Test
    void aTokenThatIsActiveHoldsForItsUser() {
        with(GOOD, 200, (world, judge, asked) -> {
            assertThat(judge(judge)).isEqualTo(new Found.Holds("anna@here.example"));
            assertThat(new String(asked.getFirst().body(), UTF_8))
                    .isEqualTo("token=a%2Btoken&token_type_hint=access_token");
            assertThat(asked.getFirst().fields())
                    .contains(new Https.Field("Authorization", "Basic YStiOg==")); // a+b: , RFC 6749 2.3.1
        });
    }

    @Test
    void itIsAskedOnceUntilTheTokenEnds() {
        with(GOOD, 200, (world, judge, asked) -> {
            judge(judge);
            world.tasks().sleep(Duration.ofSeconds(30));
            assertThat(judge(judge)).isInstanceOf(Found.Holds.class);
            assertThat(asked).hasSize(1);
            world.tasks().sleep(Duration.ofSeconds(40));
            assertThat(judge(judge)).isEqualTo(new Found.Not("the token has expired"));
            assertThat(asked).hasSize(2);
        });
    }

    @Test
    void whatWasSaidHoldsUnderTheSettingsItWasSaidUnder() {
        AuthSettings.OAuth stricter = ConfigReader.fromText(TEXT.replace("[mail]", "[mail, more]"))
                .auth()
                .oauth();
        with(GOOD, 200, (world, judge, asked) -> {
            assertThat(judge(judge)).isInstanceOf(Found.Holds.class);
            assertThat(judge.judge("a+token", stricter)).isEqualTo(new Found.Not("the token lacks a scope"));
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"active\":false}",
                "{}",
                "{\"sub\":\"anna@here.example\",\"scope\":\"mail\",\"aud\":\"mx\"}",
                "{\"active\":true,\"scope\":\"mail\",\"aud\":\"mx\"}",
                "{\"active\":true,\"sub\":\"a\",\"scope\":\"mailing\",\"aud\":\"mx\"}",
                "{\"active\":true,\"sub\":\"a\",\"scope\":\"mail\",\"aud\":\"imap\"}",
                "{\"active\":true,\"sub\":\"a\",\"scope\":\"mail\"}",
                "{\"active\":true,\"sub\":\"a\",\"scope\":\"mail\",\"aud\":\"mx\",\"exp\":NOW}"
            })
    void whatIsNotAllThatIsAskedForDoesNotHold(String json) {
        with(json, 200, (world, judge, asked) -> assertThat(judge(judge)).isInstanceOf(Found.Not.class));
    }

    @Test
    void aServerThatCannotBeAskedSaysNothingOfTheToken() {
        with(GOOD, 401, (world, judge, asked) -> assertThat(judge(judge)).isInstanceOf(Found.Unknown.class));
        with(GOOD, 0, (world, judge, asked) -> assertThat(judge(judge)).isInstanceOf(Found.Unknown.class));
        with("no json", 200, (world, judge, asked) -> assertThat(judge(judge)).isInstanceOf(Found.Unknown.class));
    }
}
