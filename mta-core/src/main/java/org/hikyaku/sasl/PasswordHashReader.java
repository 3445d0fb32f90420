package org.hikyaku.sasl;

import java.util.Base64;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.sasl.PasswordHash.Argon2id;
import org.hikyaku.sasl.PasswordHash.Bcrypt;
import org.hikyaku.sasl.PasswordHash.ScramHash;
import org.hikyaku.sasl.PasswordHash.ShaCrypt;
import org.jspecify.annotations.Nullable;

/**
 * Reads the password field of a users file. What a check would cost is bounded here, so that no line of a file can eat the
 * server's memory or minutes of its time. Passwords in clear and fast hashes are refused: a file that leaks would give
 * them away.
 *
 * <p><i>Failure:</i> {@link Read.Bad} with a sentence for the one who keeps the file; never the field itself.
 */
public final class PasswordHashReader {
    /** 128 MiB for one check. */
    private static final int ARGON2_MEMORY_MAX = 128 * 1024;

    private static final int ARGON2_PASSES_MAX = 10;
    private static final int ARGON2_LANES_MAX = 8;
    private static final int SHA_CRYPT_ROUNDS_MAX = 500_000;
    private static final int BCRYPT_COST_MAX = 13;
    private static final String TAKEN =
            "use {SCRAM-SHA-256} (hikyaku user passwd writes it), {ARGON2ID}, {SHA512-CRYPT}, {SHA256-CRYPT} or {BLF-CRYPT}";

    private static final Pattern SCHEME = Pattern.compile("\\{([A-Za-z0-9._-]+)}(.*)");
    private static final Pattern SCRAM = Pattern.compile(
            "([1-9][0-9]{0,8}),([A-Za-z0-9+/=]{1,400}),([A-Za-z0-9+/=]{28,44}),([A-Za-z0-9+/=]{28,44})");
    private static final Pattern ARGON2 = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=([0-9]{1,9}),t=([0-9]{1,9}),p=([0-9]{1,9})\\$([A-Za-z0-9+/]{8,128})\\$([A-Za-z0-9+/]{16,128})");
    private static final Pattern SHA_CRYPT = Pattern.compile(
            "\\$([56])\\$(?:rounds=([0-9]{1,9})\\$)?[./A-Za-z0-9]{0,16}\\$([./A-Za-z0-9]{43}|[./A-Za-z0-9]{86})");
    private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$([0-9]{2})\\$[./A-Za-z0-9]{53}");

    private PasswordHashReader() {}

    /** What a field holds. */
    public sealed interface Read {
        record Good(PasswordHash hash) implements Read {}

        record Bad(String why) implements Read {}
    }

    /** Reads {@code {SCHEME}text}; without a scheme it is {@code {CRYPT}}, as in Dovecot. */
    public static Read read(String field) {
        Matcher m = SCHEME.matcher(field);
        String scheme = m.matches() ? m.group(1).toUpperCase(Locale.ROOT) : "CRYPT";
        String text = m.matches() ? m.group(2) : field;
        return switch (scheme) {
            case "SCRAM-SHA-256" -> scram(ScramDigest.SHA_256, text);
            case "SCRAM-SHA-1" -> scram(ScramDigest.SHA_1, text);
            case "ARGON2ID" -> argon2(text, field);
            case "SHA512-CRYPT" -> text.startsWith("$6$") ? crypt(text, field) : form(scheme);
            case "SHA256-CRYPT" -> text.startsWith("$5$") ? crypt(text, field) : form(scheme);
            case "BLF-CRYPT" -> text.startsWith("$2") ? crypt(text, field) : form(scheme);
            case "CRYPT" -> crypt(text, field);
            case "PLAIN", "CLEARTEXT", "CLEAR" -> bad("passwords in clear are refused; " + TAKEN);
            default -> bad("password scheme {" + scheme + "} is not taken; " + TAKEN);
        };
    }

    /** {@code iterations,salt,StoredKey,ServerKey}: a {@link ScramHash} if it is good. */
    public static Read scram(ScramDigest digest, String text) {
        String scheme = "{" + digest.mechanism() + "}";
        Matcher m = SCRAM.matcher(text);
        byte[] salt = m.matches() ? base64(m.group(2)) : null;
        byte[] stored = m.matches() ? base64(m.group(3)) : null;
        byte[] server = m.matches() ? base64(m.group(4)) : null;
        if (salt == null
                || stored == null
                || server == null
                || stored.length != digest.octets()
                || server.length != digest.octets()) {
            return bad(scheme + " wants iterations,salt,StoredKey,ServerKey with the last three in base64");
        }
        int iterations = Integer.parseInt(m.group(1));
        if (iterations < Scram.ITERATIONS_MIN || iterations > Scram.ITERATIONS_MAX) {
            return bad(scheme + " has " + iterations + " iterations; from " + Scram.ITERATIONS_MIN + " to "
                    + Scram.ITERATIONS_MAX + " are taken");
        }
        return new Read.Good(new ScramHash(new ScramKeys(digest, salt, iterations, stored, server, true)));
    }

    private static Read argon2(String text, String field) {
        Matcher m = ARGON2.matcher(text);
        byte[] salt = m.matches() ? base64(m.group(4)) : null;
        byte[] hash = m.matches() ? base64(m.group(5)) : null;
        if (salt == null || hash == null) {
            return bad("{ARGON2ID} wants $argon2id$v=19$m=KiB,t=passes,p=lanes$salt$hash");
        }
        int memory = Integer.parseInt(m.group(1));
        int passes = Integer.parseInt(m.group(2));
        int lanes = Integer.parseInt(m.group(3));
        boolean affordable = memory >= 8 * lanes
                && memory <= ARGON2_MEMORY_MAX
                && passes >= 1
                && passes <= ARGON2_PASSES_MAX
                && lanes >= 1
                && lanes <= ARGON2_LANES_MAX;
        return affordable
                ? new Read.Good(new Argon2id(memory, passes, lanes, salt, hash, field))
                : bad("{ARGON2ID} may ask for at most m=" + ARGON2_MEMORY_MAX + " (128 MiB), t=" + ARGON2_PASSES_MAX
                        + ", p=" + ARGON2_LANES_MAX + ", not m=" + memory + ", t=" + passes + ", p=" + lanes);
    }

    private static Read crypt(String text, String field) {
        Matcher sha = SHA_CRYPT.matcher(text);
        if (sha.matches()) {
            int rounds = sha.group(2) == null ? 5000 : Integer.parseInt(sha.group(2));
            boolean whole = sha.group(3).length() == (text.startsWith("$6$") ? 86 : 43);
            if (!whole || rounds < 1000 || rounds > SHA_CRYPT_ROUNDS_MAX) {
                return bad("SHA-crypt wants a whole hash and from 1000 to " + SHA_CRYPT_ROUNDS_MAX + " rounds");
            }
            return new Read.Good(new ShaCrypt(text, field));
        }
        Matcher bcrypt = BCRYPT.matcher(text);
        if (bcrypt.matches()) {
            int cost = Integer.parseInt(bcrypt.group(1));
            return cost >= 4 && cost <= BCRYPT_COST_MAX
                    ? new Read.Good(new Bcrypt(text, field))
                    : bad("bcrypt may cost from 4 to " + BCRYPT_COST_MAX + ", not " + cost);
        }
        return bad("not a password hash that can be checked; " + TAKEN);
    }

    private static Read form(String scheme) {
        return bad("{" + scheme + "} and what follows do not fit together");
    }

    private static Read bad(String why) {
        return new Read.Bad(why);
    }

    private static byte @Nullable [] base64(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
