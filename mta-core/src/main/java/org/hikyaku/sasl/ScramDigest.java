package org.hikyaku.sasl;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;

/**
 * THE table of hash functions that SCRAM is run with here: SHA-1 (RFC 5802), SHA-256 (RFC 7677), each without and with
 * channel binding ({@code -PLUS}).
 *
 * <p><i>Failure:</i> a Java platform without one of them (there is none) is an {@link IllegalStateException}.
 */
public enum ScramDigest {
    SHA_256("SCRAM-SHA-256", "SHA-256", 32),
    SHA_1("SCRAM-SHA-1", "SHA-1", 20);

    private static final String PLUS = "-PLUS";

    private final String mechanism;
    private final String algorithm;
    private final int octets;

    ScramDigest(String mechanism, String algorithm, int octets) {
        this.mechanism = mechanism;
        this.algorithm = algorithm;
        this.octets = octets;
    }

    /** The name of the mechanism without channel binding, which is also that of the scheme in the users file. */
    public String mechanism() {
        return mechanism;
    }

    /** The name of the mechanism with channel binding (RFC 5802 4). */
    public String plus() {
        return mechanism + PLUS;
    }

    /** Octets of a hash, and so of each key. */
    public int octets() {
        return octets;
    }

    /** That of a mechanism's name, with or without {@code -PLUS}, in any case of letters; empty when it is no SCRAM. */
    public static Optional<ScramDigest> of(String mechanism) {
        String name = mechanism.toUpperCase(Locale.ROOT);
        for (ScramDigest each : values()) {
            if (name.equals(each.mechanism) || name.equals(each.plus())) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** Whether a mechanism's name asks for channel binding. */
    public static boolean isPlus(String mechanism) {
        return mechanism.toUpperCase(Locale.ROOT).endsWith(PLUS);
    }

    MessageDigest start() {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    byte[] hash(byte[] octetsToHash) {
        return start().digest(octetsToHash);
    }
}
