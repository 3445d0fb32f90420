package org.hikyaku.peers;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/** An authorization server's key, the list in which it publishes it (RFC 7517), and tokens signed with it (RFC 9068). */
final class TokenIssuer {
    static final String NAME = "https://login.osaka.test";
    static final String AUDIENCE = "mail";

    private final KeyPair pair;

    TokenIssuer() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        pair = generator.generateKeyPair();
    }

    String keys() {
        RSAPublicKey key = (RSAPublicKey) pair.getPublic();
        return "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"one\",\"alg\":\"RS256\",\"n\":\"%s\",\"e\":\"%s\"}]}"
                .formatted(base64(unsigned(key.getModulus())), base64(unsigned(key.getPublicExponent())));
    }

    private static byte[] unsigned(BigInteger number) {
        byte[] octets = number.toByteArray();
        return octets[0] == 0 ? Arrays.copyOfRange(octets, 1, octets.length) : octets;
    }

    /** A token of {@code user}; with a negative time it is over. */
    String token(String user, Duration good) throws GeneralSecurityException {
        String claims = "{\"iss\":\"%s\",\"aud\":\"%s\",\"sub\":\"7\",\"email\":\"%s\",\"exp\":%d}"
                .formatted(NAME, AUDIENCE, user, Instant.now().plus(good).getEpochSecond());
        String signed = base64("{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"one\"}") + "." + base64(claims);
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(pair.getPrivate());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + base64(signature.sign());
    }

    private static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String base64(byte[] octets) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }
}
