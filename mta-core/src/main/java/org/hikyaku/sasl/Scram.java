package org.hikyaku.sasl;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The arithmetic of SCRAM-SHA-256 (RFC 5802 3, RFC 7677 3), shared by both sides and by the password file. Pure.
 *
 * <p><i>Failure:</i> a Java platform without HMAC-SHA-256 (there is none) is an {@link IllegalStateException}.
 */
public final class Scram {
    static final String NAME = "SCRAM-SHA-256";
    /** Octets of a SHA-256. */
    public static final int KEY_OCTETS = 32;
    /** RFC 7677 3; Dovecot refuses less. */
    public static final int ITERATIONS_MIN = 4096;
    /** What a file or a server may ask of us: about half a second of one core. */
    public static final int ITERATIONS_MAX = 1_000_000;
    /** What we write: about 25 ms of one core for a login by PLAIN, the same at the client for one by SCRAM. */
    public static final int ITERATIONS = 50_000;

    private static final int MESSAGE_MAX = 2048;

    private Scram() {}

    /** The keys of a password (SASLprep is applied here); empty when the password cannot be prepared. */
    public static Optional<ScramKeys> keys(byte[] password, byte[] salt, int iterations) {
        return SaslPrep.prepare(password).map(prepared -> {
            byte[] salted = salted(prepared, salt, iterations);
            byte[] stored = sha256(hmac(salted, "Client Key"));
            return new ScramKeys(salt, iterations, stored, hmac(salted, "Server Key"), true);
        });
    }

    /** Hi() of RFC 5802 2.2, which is PBKDF2 with one block. */
    static byte[] salted(byte[] prepared, byte[] salt, int iterations) {
        Mac mac = mac(prepared);
        mac.update(salt);
        mac.update(new byte[] {0, 0, 0, 1});
        byte[] u = mac.doFinal();
        byte[] sum = u.clone();
        try {
            for (int i = 1; i < iterations; i++) {
                mac.update(u);
                mac.doFinal(u, 0);
                for (int j = 0; j < sum.length; j++) {
                    sum[j] ^= u[j];
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return sum;
    }

    static byte[] hmac(byte[] key, String text) {
        return mac(key).doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] sha256(byte[] octets) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(octets);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] xor(byte[] a, byte[] b) {
        byte[] out = a.clone();
        for (int i = 0; i < out.length; i++) {
            out[i] ^= b[i];
        }
        return out;
    }

    /**
     * Splits {@code x=value,y=value...} (RFC 5802 7); empty when it is no list of attributes, not printable text, or too
     * long.
     */
    static Optional<List<Attribute>> attributes(byte[] message) {
        if (message.length == 0 || message.length > MESSAGE_MAX) {
            return Optional.empty();
        }
        return SaslPrep.decode(message, 0, message.length).flatMap(Scram::attributes);
    }

    static Optional<List<Attribute>> attributes(String text) {
        List<Attribute> found = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            boolean sound = part.length() >= 2
                    && part.charAt(1) == '='
                    && Character.isLetter(part.charAt(0))
                    && part.charAt(0) < 0x80
                    && part.indexOf('\0') < 0;
            if (!sound) {
                return Optional.empty();
            }
            found.add(new Attribute(part.charAt(0), part.substring(2)));
        }
        return Optional.of(found);
    }

    /** Whether {@code nonce} is of printable ASCII without comma, and not absurdly long. */
    static boolean isNonce(String nonce) {
        return !nonce.isEmpty()
                && nonce.length() <= 512
                && nonce.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != ',');
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            // SecretKeySpec refuses an empty key; HMAC pads with zeros, so one zero octet is the same key
            mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One attribute of a message. */
    record Attribute(char name, String value) {}
}
