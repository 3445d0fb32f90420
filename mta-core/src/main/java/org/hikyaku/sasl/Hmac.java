package org.hikyaku.sasl;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * HMAC (RFC 2104) of one key, made for being asked many thousand times: the two digests that have taken in the key's block
 * are kept and copied, which spares half of the work of a {@code Mac} that takes it in anew at each answer.
 *
 * <p><i>Failure:</i> a digest that cannot be copied (those of the platform can) is an {@link IllegalStateException}.
 */
final class Hmac {
    /** Octets of a block of SHA-1 and of SHA-256. */
    private static final int BLOCK = 64;

    private final MessageDigest inner;
    private final MessageDigest outer;

    Hmac(ScramDigest kind, byte[] key) {
        byte[] block = Arrays.copyOf(key.length > BLOCK ? kind.hash(key) : key, BLOCK);
        this.inner = kind.start();
        this.outer = kind.start();
        inner.update(masked(block, 0x36));
        outer.update(masked(block, 0x5c));
    }

    byte[] of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    byte[] of(byte[]... parts) {
        MessageDigest within = copy(inner);
        for (byte[] part : parts) {
            within.update(part);
        }
        MessageDigest around = copy(outer);
        around.update(within.digest());
        return around.digest();
    }

    /** Puts the answer for {@code octets} in the place of {@code octets}, which are as many as a hash has. */
    void replace(byte[] octets) {
        try {
            MessageDigest within = copy(inner);
            within.update(octets);
            within.digest(octets, 0, octets.length);
            MessageDigest around = copy(outer);
            around.update(octets);
            around.digest(octets, 0, octets.length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] masked(byte[] block, int mask) {
        byte[] out = block.clone();
        for (int i = 0; i < out.length; i++) {
            out[i] ^= (byte) mask;
        }
        return out;
    }

    private static MessageDigest copy(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }
}
