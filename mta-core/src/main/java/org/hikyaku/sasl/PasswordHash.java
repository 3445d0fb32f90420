package org.hikyaku.sasl;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.apache.commons.codec.digest.Sha2Crypt;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * A stored password, in the notations that Dovecot's passwd-file and ours share: {@code {SCRAM-SHA-256}},
 * {@code {SCRAM-SHA-1}}, {@code {ARGON2ID}}, {@code {SHA512-CRYPT}}, {@code {SHA256-CRYPT}}, {@code {BLF-CRYPT}}, {@code {CRYPT}} for the last
 * three. Read by {@link PasswordHashReader}, which also bounds what a check may cost.
 *
 * <p>Checking costs from milliseconds to half a second of a core on purpose: never on a loop. Comparisons take the same
 * time whatever differs. SCRAM keys are made of the SASLprep form of a password (RFC 5802 2.2); all other notations, as in
 * Dovecot, of its octets as they came.
 *
 * <p><i>Failure:</i> a password that a notation cannot take does not fit.
 */
public sealed interface PasswordHash {
    /** Whether {@code password} (UTF-8) is the one that was stored. */
    boolean fits(byte[] password);

    /** The scheme and what follows, as it stands in the file. */
    String text();

    /** SCRAM keys: {@code {SCRAM-SHA-256}iterations,salt,StoredKey,ServerKey}, base64; or {@code {SCRAM-SHA-1}...}. */
    record ScramHash(ScramKeys keys) implements PasswordHash {
        @Override
        public boolean fits(byte[] password) {
            Optional<ScramKeys> made = Scram.keys(keys.digest(), password, keys.salt(), keys.iterations());
            return made.isPresent() && MessageDigest.isEqual(made.get().storedKey(), keys.storedKey());
        }

        @Override
        public String text() {
            return "{" + keys.digest().mechanism() + "}" + parameters(keys);
        }

        /** What stands behind the scheme. */
        public static String parameters(ScramKeys keys) {
            Base64.Encoder base64 = Base64.getEncoder();
            return keys.iterations() + "," + base64.encodeToString(keys.salt()) + ","
                    + base64.encodeToString(keys.storedKey()) + "," + base64.encodeToString(keys.serverKey());
        }

        @Override
        public String toString() {
            return "ScramHash";
        }
    }

    /** Argon2id (RFC 9106), {@code $argon2id$v=19$m=65536,t=3,p=1$salt$hash}; memory in KiB. */
    record Argon2id(int memory, int passes, int lanes, byte[] salt, byte[] hash, String text) implements PasswordHash {
        @Override
        public boolean fits(byte[] password) {
            Argon2Parameters parameters = new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                    .withMemoryAsKB(memory)
                    .withIterations(passes)
                    .withParallelism(lanes)
                    .withSalt(salt)
                    .build();
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(parameters);
            byte[] made = new byte[hash.length];
            generator.generateBytes(password, made);
            return MessageDigest.isEqual(made, hash);
        }

        @Override
        public String toString() {
            return "Argon2id";
        }
    }

    /** SHA-crypt, {@code $6$[rounds=n$]salt$hash} or {@code $5$...}. */
    record ShaCrypt(String crypted, String text) implements PasswordHash {
        @Override
        public boolean fits(byte[] password) {
            byte[] copy = password.clone(); // the library wipes what it is given
            String made = crypted.startsWith("$6$")
                    ? Sha2Crypt.sha512Crypt(copy, crypted)
                    : Sha2Crypt.sha256Crypt(copy, crypted);
            return same(made, crypted);
        }

        @Override
        public String toString() {
            return "ShaCrypt";
        }
    }

    /** bcrypt, {@code $2y$12$...}; looks at 72 octets of a password. */
    record Bcrypt(String crypted, String text) implements PasswordHash {
        @Override
        public boolean fits(byte[] password) {
            byte[] seen = password.length > 72 ? Arrays.copyOf(password, 72) : password;
            return OpenBSDBCrypt.checkPassword(crypted, seen.clone());
        }

        @Override
        public String toString() {
            return "Bcrypt";
        }
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.US_ASCII), b.getBytes(StandardCharsets.US_ASCII));
    }
}
