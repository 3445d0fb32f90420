package org.hikyaku.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.check.TokenJudge.Found;
import org.hikyaku.config.AuthSettings;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Https;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 7519, RFC 9068 4: tokens that are signed, by keys that are published. */
class SignedTokensTest {
    private static final AuthSettings.OAuth OAUTH =
            ConfigReader.fromText("""
            hostname = mail.here.example
            local { domains = [here.example], postmaster = "anna@here.example" }
            auth { users = /etc/users
              oauth { jwks = "https://login.here.example/keys", issuer = "https://login.here.example", user_field = email
                scopes = [mail], audiences = [mx, other] }
            }
            """).auth().oauth();
    private static final AuthSettings.OAuth MOVED =
            ConfigReader.fromText("""
            hostname = mail.here.example
            local { domains = [here.example], postmaster = "anna@here.example" }
            auth { users = /etc/users
              oauth { jwks = "https://new.here.example/keys", issuer = "https://login.here.example", user_field = email
                scopes = [mail], audiences = [mx, other] }
            }
            """).auth().oauth();
    private static final ECKey FIRST = key("one");
    private static final ECKey SECOND = key("two");

    private static ECKey key(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    /** What the server publishes, and whether it is there; each question is put down. */
    private static final class Web implements Https {
        private List<ECKey> keys = List.of(FIRST);
        private boolean away;
        /** Answers nobody within half a minute. */
        private @Nullable World hangs;

        private final List<Question> asked = new ArrayList<>();

        @Override
        public Answer ask(Question question) throws IOException {
            asked.add(question);
            World still = hangs;
            if (still != null) {
                still.tasks().sleep(Duration.ofSeconds(30));
                throw new IOException("no answer");
            }
            if (away) {
                throw new IOException("gone");
            }
            String set = new JWKSet(List.copyOf(keys)).toString(); // public parts only
            return new Answer(200, set.getBytes(UTF_8), Duration.ofMinutes(30));
        }
    }

    private interface Body {
        void run(World world, TokenJudge judge, Web web) throws Exception;
    }

    private static void with(Body body) {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(bare -> {
                Web web = new Web();
                World world = TokenJudgeTest.withWeb(bare, web);
                body.run(world, new TokenJudge(world), web);
            });
        }
    }

    private static Map<String, Object> good(World world) {
        long now = world.clock().now().getEpochSecond();
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", "https://login.here.example");
        claims.put("aud", List.of("web", "mx"));
        claims.put("exp", now + 600);
        claims.put("scope", "openid mail");
        claims.put("email", "anna@here.example");
        return claims;
    }

    private static String token(Map<String, Object> claims, String keyId, JWSAlgorithm algorithm, JWSSigner signer)
            throws Exception {
        JWSHeader header = new JWSHeader.Builder(algorithm).keyID(keyId).build();
        SignedJWT jwt = new SignedJWT(header, JWTClaimsSet.parse(claims));
        jwt.sign(signer);
        return jwt.serialize();
    }

    private static String token(Map<String, Object> claims, ECKey key) throws Exception {
        return token(claims, key.getKeyID(), JWSAlgorithm.ES256, new ECDSASigner(key));
    }

    @Test
    void aTokenThatIsSignedHoldsForItsUserAndTheKeysAreReadOnce() {
        with((world, judge, web) -> {
            assertThat(judge.judge(token(good(world), FIRST), OAUTH)).isEqualTo(new Found.Holds("anna@here.example"));
            Map<String, Object> other = good(world);
            other.put("email", "bob@here.example");
            other.put("aud", "other");
            other.remove("scope");
            other.put("scp", List.of("mail"));
            assertThat(judge.judge(token(other, FIRST), OAUTH)).isEqualTo(new Found.Holds("bob@here.example"));
            assertThat(web.asked).hasSize(1);
            world.tasks().sleep(Duration.ofMinutes(31));
            judge.judge(token(good(world), FIRST), OAUTH);
            assertThat(web.asked).hasSize(2);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "iss, https://other.example",
        "iss, ",
        "aud, web",
        "aud, ",
        "exp, NOW",
        "exp, ",
        "nbf, NOW+61",
        "scope, mailing",
        "scope, ",
        "email, ",
        "email, ''"
    })
    void whatIsNotAllThatIsAskedForDoesNotHold(String claim, String value) {
        with((world, judge, web) -> {
            long now = world.clock().now().getEpochSecond();
            Map<String, Object> claims = good(world);
            if (value == null) {
                claims.remove(claim);
            } else {
                claims.put(claim, value.startsWith("NOW") ? (Object) (now + (value.equals("NOW") ? 0 : 61)) : value);
            }
            assertThat(judge.judge(token(claims, FIRST), OAUTH)).isInstanceOf(Found.Not.class);
        });
    }

    @Test
    void nothingHoldsThatThePublishedKeyHasNotSigned() {
        with((world, judge, web) -> {
            Map<String, Object> claims = good(world);
            String right = token(claims, FIRST);
            String unsigned = new PlainJWT(JWTClaimsSet.parse(claims)).serialize();
            // RFC 8725 2.1: the public key taken for a shared secret
            byte[] published = FIRST.toPublicJWK().toJSONString().getBytes(UTF_8);
            for (String token : List.of(
                    token(claims, "one", JWSAlgorithm.ES256, new ECDSASigner(SECOND)),
                    token(claims, "one", JWSAlgorithm.HS256, new MACSigner(published)),
                    right.substring(0, right.lastIndexOf('.') + 1),
                    right.substring(0, right.indexOf('.'))
                            + token(good(world), SECOND).substring(right.indexOf('.')),
                    unsigned,
                    "a.b.c",
                    "abc")) {
                assertThat(judge.judge(token, OAUTH)).as(token).isInstanceOf(Found.Not.class);
            }
            assertThat(judge.judge(right, OAUTH)).isInstanceOf(Found.Holds.class);
        });
    }

    @Test
    void aNewKeyIsFoundWithinAMinuteAndUnknownOnesDoNotPressTheServer() {
        with((world, judge, web) -> {
            judge.judge(token(good(world), FIRST), OAUTH);
            web.keys = List.of(SECOND);
            for (int i = 0; i < 10; i++) {
                assertThat(judge.judge(token(good(world), SECOND), OAUTH)).isInstanceOf(Found.Not.class);
            }
            assertThat(web.asked).hasSize(1);
            world.tasks().sleep(Duration.ofSeconds(61));
            assertThat(judge.judge(token(good(world), SECOND), OAUTH)).isInstanceOf(Found.Holds.class);
            assertThat(judge.judge(token(good(world), FIRST), OAUTH)).isInstanceOf(Found.Not.class);
            assertThat(web.asked).hasSize(2);
        });
    }

    @Test
    void aServerThatIsAwayIsAskedSeldomWhateverComes() {
        with((world, judge, web) -> {
            web.away = true;
            for (int i = 0; i < 20; i++) {
                assertThat(judge.judge(token(good(world), FIRST), OAUTH)).isInstanceOf(Found.Unknown.class);
            }
            assertThat(web.asked).as("there are no keys").hasSize(1);
            web.away = false;
            world.tasks().sleep(Duration.ofSeconds(10));
            assertThat(judge.judge(token(good(world), FIRST), OAUTH)).isInstanceOf(Found.Holds.class);
            web.away = true;
            world.tasks().sleep(Duration.ofMinutes(2));
            for (int i = 0; i < 20; i++) {
                assertThat(judge.judge(token(good(world), SECOND), OAUTH)).isInstanceOf(Found.Not.class);
                assertThat(judge.judge(token(good(world), FIRST), OAUTH)).isInstanceOf(Found.Holds.class);
            }
            assertThat(web.asked).as("of keys that nobody knows").hasSize(3);
        });
    }

    @Test
    void aServerThatDoesNotAnswerHoldsUpNoTokenOfAKnownKey() {
        with((world, judge, web) -> {
            judge.judge(token(good(world), FIRST), OAUTH);
            world.tasks().sleep(Duration.ofMinutes(31)); // to be read again
            web.hangs = world;
            world.tasks().start("first", () -> judge.judge(tokenOf(world, FIRST), OAUTH));
            world.tasks().sleep(Duration.ofSeconds(1));
            long before = world.clock().nanos();
            assertThat(judge.judge(token(good(world), FIRST), OAUTH)).isInstanceOf(Found.Holds.class);
            assertThat(Duration.ofNanos(world.clock().nanos() - before)).isLessThan(Duration.ofSeconds(1));
        });
    }

    private static String tokenOf(World world, ECKey key) {
        try {
            return token(good(world), key);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void keysOfAnotherPlaceDoNotMakeTheFirstOfThisOneWaitLonger() {
        with((world, judge, web) -> {
            assertThat(judge.judge(token(good(world), FIRST), OAUTH)).isInstanceOf(Found.Holds.class);
            web.away = true;
            assertThat(judge.judge(token(good(world), FIRST), MOVED)).isInstanceOf(Found.Unknown.class);
            web.away = false;
            assertThat(judge.judge(token(good(world), FIRST), MOVED))
                    .as("it rests")
                    .isInstanceOf(Found.Unknown.class);
            world.tasks().sleep(Duration.ofSeconds(10));
            assertThat(judge.judge(token(good(world), FIRST), MOVED)).isInstanceOf(Found.Holds.class);
        });
    }

    @Test
    void keysServeForADayWhileTheServerIsAway() {
        with((world, judge, web) -> {
            web.away = true;
            assertThat(judge.judge(token(good(world), FIRST), OAUTH)).isInstanceOf(Found.Unknown.class);
            web.away = false;
            world.tasks().sleep(Duration.ofSeconds(10));
            assertThat(judge.judge(token(good(world), FIRST), OAUTH)).isInstanceOf(Found.Holds.class);
            web.away = true;
            world.tasks().sleep(Duration.ofHours(23));
            assertThat(judge.judge(token(good(world), FIRST), OAUTH)).isInstanceOf(Found.Holds.class);
            world.tasks().sleep(Duration.ofHours(2));
            assertThat(judge.judge(token(good(world), FIRST), OAUTH)).isInstanceOf(Found.Unknown.class);
        });
    }
}
