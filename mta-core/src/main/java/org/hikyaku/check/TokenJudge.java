package org.hikyaku.check;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.hikyaku.config.AuthSettings;
import org.hikyaku.world.Https;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whether an OAuth 2.0 token holds, and for whom: asked of the authorization server by introspection (RFC 7662) over HTTPS,
 * or looked at by ourselves where it is signed ({@link SignedTokens}). What the server said is remembered by the token's hash for {@code auth.oauth.cache_for}, never beyond the token's own end.
 *
 * <p><i>Failure:</i> {@link Found.Unknown} when the server cannot be asked or its answer cannot be read: nothing is then said
 * of the token.
 */
final class TokenJudge {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int ANSWER_MAX = 64 * 1024;
    private static final int CACHE_MAX = 10_000;
    private static final int ASKED_AT_ONCE_MAX = 32;
    private static final int SECRET_FILE_MAX = 4096;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final World world;
    private final Cache<String, Known> known =
            Caffeine.newBuilder().maximumSize(CACHE_MAX).executor(Runnable::run).build();

    private final Tasks.Permits asking;
    private final SignedTokens signed;

    /** What was said once, under the settings {@code by}. */
    private record Known(String user, Instant until, AuthSettings.OAuth by) {}

    /** What is found. */
    sealed interface Found {
        record Holds(String user) implements Found {}

        record Not(String why) implements Found {}

        record Unknown(String why) implements Found {}
    }

    TokenJudge(World world) {
        this.world = world;
        this.asking = world.tasks().permits(ASKED_AT_ONCE_MAX);
        this.signed = new SignedTokens(world);
    }

    /** Waits. */
    Found judge(String token, AuthSettings.OAuth by) {
        if (by.jwks().isPresent()) {
            return signed.judge(token, by);
        }
        String key = hash(token);
        Known before = known.getIfPresent(key);
        if (before != null && before.by().equals(by) && world.clock().now().isBefore(before.until())) {
            return new Found.Holds(before.user());
        }
        known.invalidate(key);
        if (by.introspection().isEmpty()) {
            return new Found.Unknown("neither auth.oauth.introspection nor auth.oauth.jwks is set");
        }
        if (!asking.acquire(LIMIT)) {
            return new Found.Unknown("too many tokens are being asked about");
        }
        try {
            return asked(token, key, by);
        } finally {
            asking.release();
        }
    }

    private Found asked(String token, String key, AuthSettings.OAuth by) {
        try {
            Https.Answer answer = world.https().ask(question(token, by));
            return answer.status() == 200
                    ? read(JSON.readTree(answer.body()), key, by)
                    : new Found.Unknown("the authorization server answered " + answer.status());
        } catch (IOException e) {
            return new Found.Unknown("the authorization server: " + e.getMessage());
        } catch (JacksonException e) { // its message may show some of the answer
            return new Found.Unknown("the authorization server: an answer that is no JSON");
        }
    }

    /** RFC 7662 2.1; the client's name and secret as RFC 6749 2.3.1 has them. */
    private Https.Question question(String token, AuthSettings.OAuth by) throws IOException {
        String secret = by.clientSecretFile().isEmpty()
                ? ""
                : new String(world.disk().readAll(by.clientSecretFile().get(), SECRET_FILE_MAX), StandardCharsets.UTF_8)
                        .lines()
                        .findFirst()
                        .orElse("");
        String pair = encoded(by.clientId().orElse("")) + ":" + encoded(secret);
        List<Https.Field> fields = List.of(
                new Https.Field("Content-Type", "application/x-www-form-urlencoded"),
                new Https.Field("Accept", "application/json"),
                new Https.Field(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8))));
        byte[] body = ("token=" + encoded(token) + "&token_type_hint=access_token").getBytes(StandardCharsets.UTF_8);
        return new Https.Question(URI.create(by.introspection().orElseThrow()), fields, body, LIMIT, ANSWER_MAX);
    }

    /** RFC 7662 2.2: without {@code active} all else means nothing. */
    private Found read(JsonNode answer, String key, AuthSettings.OAuth by) {
        if (!answer.path("active").asBoolean(false)) {
            return new Found.Not("the token is not active");
        }
        String user = answer.path(by.userField()).asString("");
        if (user.isEmpty()) {
            return new Found.Not("the token names no " + by.userField());
        }
        List<String> scopes = Arrays.asList(answer.path("scope").asString("").split(" "));
        if (!scopes.containsAll(by.scopes())) {
            return new Found.Not("the token lacks a scope");
        }
        if (!by.audiences().isEmpty() && !hasAudience(answer.path("aud"), by.audiences())) {
            return new Found.Not("the token is for others");
        }
        Instant now = world.clock().now();
        Instant end = answer.path("exp").isNumber()
                ? Instant.ofEpochSecond(answer.path("exp").asLong())
                : now.plus(by.cacheFor());
        if (!now.isBefore(end)) {
            return new Found.Not("the token has expired");
        }
        Instant until = end.isBefore(now.plus(by.cacheFor())) ? end : now.plus(by.cacheFor());
        known.put(key, new Known(user, until, by));
        return new Found.Holds(user);
    }

    /** RFC 7662 2.2: one, or a list. */
    private static boolean hasAudience(JsonNode said, List<String> wanted) {
        if (!said.isArray()) {
            return wanted.contains(said.asString(""));
        }
        for (JsonNode each : said) {
            if (wanted.contains(each.asString(""))) {
                return true;
            }
        }
        return false;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String hash(String token) {
        try {
            byte[] octets = token.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
