package org.hikyaku.check;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SimpleSecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.hikyaku.check.TokenJudge.Found;
import org.hikyaku.config.AuthSettings;
import org.hikyaku.world.Https;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Whether a token that is a signed JWT (RFC 7519, RFC 9068) holds, and for whom: by the keys that the authorization server
 * publishes (JWKS, RFC 7517), read over HTTPS and kept for a while. Only signatures by a private key are looked at, never such
 * by a shared secret or none.
 *
 * <p><i>Failure:</i> {@link Found.Unknown} when there are no keys to be had; keys that were read within a day serve while the
 * server is away.
 */
final class SignedTokens {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int KEYS_OCTETS_MAX = 256 * 1024;
    private static final Duration KEPT_LEAST = Duration.ofMinutes(5);
    private static final Duration KEPT_MOST = Duration.ofDays(1);
    /** A token by a key that is not known has the keys read again, so seldom at most; so do those after a try that failed. */
    private static final Duration READ_AGAIN = Duration.ofMinutes(1);
    /** The same, while there are no keys of that place that serve. */
    private static final Duration READ_FIRST_AGAIN = Duration.ofSeconds(10);
    /** How far clocks may differ for {@code nbf}. */
    private static final Duration SKEW = Duration.ofMinutes(1);

    private static final Set<JWSAlgorithm> ALGORITHMS = Set.copyOf(List.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512));

    private final World world;
    private final Tasks.Permits reading;
    private final AtomicReference<@Nullable Published> published = new AtomicReference<>();
    private final AtomicReference<@Nullable Missed> missed = new AtomicReference<>();

    /** Keys of the place {@code from}. */
    private record Published(String from, JWKSet keys, Instant read, Instant until) {}

    /** The place {@code from} could not be read and is left alone until then, by the clock that never goes back. */
    private record Missed(String from, long until, String why) {}

    SignedTokens(World world) {
        this.world = world;
        this.reading = world.tasks().permits(1);
    }

    /** Waits. */
    Found judge(String token, AuthSettings.OAuth by) {
        SignedJWT signed;
        try {
            signed = SignedJWT.parse(token);
        } catch (ParseException e) {
            return new Found.Not("the token is no signed JWT");
        }
        String from = by.jwks().orElseThrow();
        try {
            Published keys = keys(from, Duration.ZERO);
            Optional<JWTClaimsSet> claims = verified(signed, keys);
            if (claims.isEmpty() && !isOf(signed, keys)) {
                claims = verified(signed, keys(from, READ_AGAIN));
            }
            return claims.map(sound -> read(sound, by)).orElse(new Found.Not("the signature is not right"));
        } catch (IOException e) {
            return new Found.Unknown("the authorization server's keys: " + e.getMessage());
        }
    }

    private static boolean isOf(SignedJWT signed, Published keys) {
        String id = signed.getHeader().getKeyID();
        return id != null && keys.keys().getKeyByKeyId(id) != null;
    }

    private static Optional<JWTClaimsSet> verified(SignedJWT signed, Published keys) {
        DefaultJWTProcessor<SimpleSecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSTypeVerifier(
                new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, new ImmutableJWKSet<>(keys.keys())));
        processor.setJWTClaimsSetVerifier((claims, context) -> {}); // by our clock: below
        try {
            return Optional.of(processor.process(signed, null));
        } catch (BadJOSEException | JOSEException e) {
            return Optional.empty();
        }
    }

    /**
     * The keys that are kept.
     *
     * @param age zero: as long as they may be kept; else they are read again when they are that old
     */
    private Published keys(String from, Duration age) throws IOException {
        Published kept = published.get();
        if (kept != null && isGood(kept, from, age)) {
            return kept;
        }
        Optional<String> resting = resting(from);
        if (resting.isPresent()) {
            return old(from, resting.get());
        }
        boolean serves = age.isZero() && serves(kept, from); // nobody waits while another reads them anew
        if (!(serves ? reading.tryAcquire() : reading.acquire(LIMIT))) {
            return old(from, "others wait for them");
        }
        try {
            kept = published.get(); // another may have read them meanwhile, or have tried to
            if (kept != null && isGood(kept, from, age)) {
                return kept;
            }
            Optional<String> rests = resting(from);
            return rests.isPresent() ? old(from, rests.get()) : readAgain(from);
        } finally {
            reading.release();
        }
    }

    /** Why nothing is asked at the moment, after a try that failed. */
    private Optional<String> resting(String from) {
        Missed last = missed.get();
        if (last == null
                || !last.from().equals(from)
                || last.until() - world.clock().nanos() <= 0) {
            return Optional.empty();
        }
        return Optional.of(last.why());
    }

    /** Keys that serve though they should be read again. */
    private Published old(String from, String why) throws IOException {
        Published kept = published.get();
        if (kept == null || !serves(kept, from)) {
            throw new IOException(why);
        }
        return kept;
    }

    private boolean serves(@Nullable Published kept, String from) {
        return kept != null
                && kept.from().equals(from)
                && world.clock().now().isBefore(kept.read().plus(KEPT_MOST));
    }

    private boolean isGood(Published kept, String from, Duration age) {
        Instant now = world.clock().now();
        return kept.from().equals(from)
                && now.isBefore(kept.until())
                && (age.isZero() || now.isBefore(kept.read().plus(age)));
    }

    private Published readAgain(String from) throws IOException {
        try {
            return read(from);
        } catch (IOException e) {
            String why = String.valueOf(e.getMessage());
            Duration rest = serves(published.get(), from) ? READ_AGAIN : READ_FIRST_AGAIN;
            missed.set(new Missed(from, world.clock().nanos() + rest.toNanos(), why));
            return old(from, why);
        }
    }

    private Published read(String from) throws IOException {
        Instant now = world.clock().now();
        try {
            Https.Answer answer = world.https()
                    .ask(new Https.Question(URI.create(from), List.of(), new byte[0], LIMIT, KEYS_OCTETS_MAX));
            if (answer.status() != 200) {
                throw new IOException("answer " + answer.status());
            }
            JWKSet keys = JWKSet.parse(new String(answer.body(), StandardCharsets.UTF_8));
            Published fresh = new Published(from, keys, now, now.plus(lasting(answer.maxAge())));
            published.set(fresh);
            return fresh;
        } catch (ParseException e) {
            throw new IOException("no set of keys", e);
        }
    }

    private static Duration lasting(Duration said) {
        Duration least = said.compareTo(KEPT_LEAST) < 0 ? KEPT_LEAST : said;
        return least.compareTo(KEPT_MOST) > 0 ? KEPT_MOST : least;
    }

    /** RFC 9068 4: issuer, audience and end must be there and right. */
    private Found read(JWTClaimsSet claims, AuthSettings.OAuth by) {
        Instant now = world.clock().now();
        if (!by.issuer().equals(Optional.ofNullable(claims.getIssuer()))) {
            return new Found.Not("the token is another's");
        }
        if (claims.getAudience().stream().noneMatch(by.audiences()::contains)) {
            return new Found.Not("the token is for others");
        }
        if (claims.getExpirationTime() == null
                || !now.isBefore(claims.getExpirationTime().toInstant())) {
            return new Found.Not("the token has expired");
        }
        if (claims.getNotBeforeTime() != null
                && now.plus(SKEW).isBefore(claims.getNotBeforeTime().toInstant())) {
            return new Found.Not("the token does not hold yet");
        }
        if (!scopes(claims).containsAll(by.scopes())) {
            return new Found.Not("the token lacks a scope");
        }
        return claims.getClaim(by.userField()) instanceof String user && !user.isEmpty()
                ? new Found.Holds(user)
                : new Found.Not("the token names no " + by.userField());
    }

    /** {@code scope} (RFC 8693 4.2), or {@code scp} as some servers call it, a list too. */
    private static List<String> scopes(JWTClaimsSet claims) {
        Object said = claims.getClaim(claims.getClaim("scope") == null ? "scp" : "scope");
        return switch (said) {
            case String text -> Arrays.asList(text.split(" "));
            case Collection<?> list -> list.stream().map(String::valueOf).toList();
            case null, default -> List.of();
        };
    }
}
