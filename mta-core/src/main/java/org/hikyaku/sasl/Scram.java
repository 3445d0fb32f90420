package org.hikyaku.sasl;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The arithmetic of SCRAM (RFC 5802 3, RFC 7677 3), shared by both sides and by the password file. Pure.
 *
 * <p><i>Failure:</i> a password that cannot be prepared, or a message that is none, gives empty.
 */
public final class Scram {
    /** RFC 5802 5.1, RFC 7677 4; Dovecot refuses less. */
    public static final int ITERATIONS_MIN = 4096;
    /** What a file or a server may ask of us: about half a second of one core. */
    public static final int ITERATIONS_MAX = 1_000_000;
    /** What we write: about 25 ms of one core for a login by PLAIN, the same at the client for one by SCRAM. */
    public static final int ITERATIONS = 50_000;

    private static final int MESSAGE_MAX = 2048;

    private Scram() {}

    /** The SHA-256 keys of a password (SASLprep is applied here); empty when the password cannot be prepared. */
    public static Optional<ScramKeys> keys(byte[] password, byte[] salt, int iterations) {
        return keys(ScramDigest.SHA_256, password, salt, iterations);
    }

    /** The keys of a password (SASLprep is applied here); empty when the password cannot be prepared. */
    public static Optional<ScramKeys> keys(ScramDigest digest, byte[] password, byte[] salt, int iterations) {
        return SaslPrep.prepare(password).map(prepared -> {
            Hmac salted = new Hmac(digest, salted(digest, prepared, salt, iterations));
            byte[] stored = digest.hash(salted.of("Client Key"));
            return new ScramKeys(digest, salt, iterations, stored, salted.of("Server Key"), true);
        });
    }

    /** Hi() of RFC 5802 2.2, which is PBKDF2 with one block. */
    static byte[] salted(ScramDigest digest, byte[] prepared, byte[] salt, int iterations) {
        Hmac hmac = new Hmac(digest, prepared);
        byte[] u = hmac.of(salt, new byte[] {0, 0, 0, 1});
        byte[] sum = u.clone();
        for (int i = 1; i < iterations; i++) {
            hmac.replace(u);
            for (int j = 0; j < sum.length; j++) {
                sum[j] ^= u[j];
            }
        }
        return sum;
    }

    static byte[] hmac(ScramDigest digest, byte[] key, String text) {
        return new Hmac(digest, key).of(text);
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

    /** One attribute of a message. */
    record Attribute(char name, String value) {}
}
