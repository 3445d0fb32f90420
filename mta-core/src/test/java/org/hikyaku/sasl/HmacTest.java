package org.hikyaku.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ours is no other HMAC and no other PBKDF2 than the platform's. */
class HmacTest {
    private static String suffix(ScramDigest digest) {
        return digest == ScramDigest.SHA_1 ? "SHA1" : "SHA256";
    }

    @ParameterizedTest
    @EnumSource
    void itIsThePlatformsForKeysAndTextsOfAllLengths(ScramDigest digest) throws GeneralSecurityException {
        for (int length : new int[] {1, 20, 63, 64, 65, 200}) {
            byte[] key = new byte[length];
            Arrays.fill(key, (byte) length);
            byte[] text = new byte[length * 3];
            Mac mac = Mac.getInstance("Hmac" + suffix(digest));
            mac.init(new SecretKeySpec(key, "Hmac"));
            assertThat(new Hmac(digest, key).of(text)).isEqualTo(mac.doFinal(text));
            byte[] replaced = new byte[digest.octets()];
            new Hmac(digest, key).replace(replaced);
            assertThat(replaced).isEqualTo(mac.doFinal(new byte[digest.octets()]));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSaltedPasswordIsPbkdf2(ScramDigest digest) throws GeneralSecurityException {
        byte[] salt = {1, 2, 3, 4, 5, 6, 7, 8};
        byte[] expected = SecretKeyFactory.getInstance("PBKDF2WithHmac" + suffix(digest))
                .generateSecret(new PBEKeySpec("pencil".toCharArray(), salt, 5000, digest.octets() * 8))
                .getEncoded();
        assertThat(Scram.salted(digest, "pencil".getBytes(java.nio.charset.StandardCharsets.UTF_8), salt, 5000))
                .isEqualTo(expected);
    }
}
