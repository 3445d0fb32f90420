package org.hikyaku.sasl;

/**
 * What a server keeps of a password for SCRAM (RFC 5802 2.2, RFC 7677). Not a secret to log with from elsewhere,
 * yet never shown.
 *
 * @param known false for keys made up for a user that does not exist: the exchange runs and fails at its end
 */
public record ScramKeys(
        ScramDigest digest, byte[] salt, int iterations, byte[] storedKey, byte[] serverKey, boolean known) {
    @Override
    public String toString() {
        return "ScramKeys[" + digest.mechanism() + " " + iterations + "]";
    }
}
