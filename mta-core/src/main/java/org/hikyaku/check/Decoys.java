package org.hikyaku.check;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.hikyaku.sasl.PasswordHash;
import org.hikyaku.sasl.PasswordHash.ScramHash;
import org.hikyaku.sasl.Scram;
import org.hikyaku.sasl.ScramDigest;
import org.hikyaku.sasl.ScramKeys;
import org.hikyaku.table.Users;

/**
 * What a user who does not exist looks like: always the same salt and iterations for one name, and a check that takes as
 * long as that of some real user, so that nobody learns from outside who is there. Made from a secret that outlives
 * restarts, else a restart would tell made-up salts from real ones. Pure.
 *
 * <p><i>Failure:</i> none.
 */
final class Decoys {
    private static final int SALT_OCTETS = 16;

    private final byte[] secret;

    Decoys(byte[] secret) {
        this.secret = secret.clone();
    }

    /** Keys that no password fits. */
    ScramKeys keys(Users users, String name, ScramDigest digest) {
        Optional<ScramKeys> like = like(users, name).flatMap(user -> user.keys(digest));
        int octets = like.map(keys -> keys.salt().length).orElse(SALT_OCTETS);
        return new ScramKeys(
                digest,
                Arrays.copyOf(derive("salt" + kind(digest), name), octets),
                like.map(ScramKeys::iterations).orElse(Scram.ITERATIONS),
                Arrays.copyOf(derive("stored", name), digest.octets()),
                Arrays.copyOf(derive("server", name), digest.octets()),
                false);
    }

    /** A hash to spend the time on; what it says counts for nothing. */
    PasswordHash hash(Users users, String name) {
        return like(users, name)
                .map(Users.User::password)
                .orElseGet(() -> new ScramHash(keys(users, name, ScramDigest.SHA_256)));
    }

    /** The real user whose kind of entry the name would have. */
    private Optional<Users.User> like(Users users, String name) {
        List<Users.User> all = List.copyOf(users.all());
        if (all.isEmpty()) {
            return Optional.empty();
        }
        byte[] choice = derive("like", name);
        int number = (choice[0] & 0x7f) << 24 | (choice[1] & 0xff) << 16 | (choice[2] & 0xff) << 8 | (choice[3] & 0xff);
        return Optional.of(all.get(number % all.size()));
    }

    /** The salts of a user's two kinds of keys differ, so do those that are made up. */
    private static String kind(ScramDigest digest) {
        return digest == ScramDigest.SHA_256 ? "" : digest.mechanism();
    }

    private byte[] derive(String use, String name) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal((use + "\0" + name).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
