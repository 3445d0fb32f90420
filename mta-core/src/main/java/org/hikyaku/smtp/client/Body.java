package org.hikyaku.smtp.client;

/**
 * How the octets of a message are sent.
 *
 * @param octets what they may be
 * @param chunked by BDAT, in counted parts without dot-stuffing (RFC 3030 2); else by DATA
 */
public record Body(Octets octets, boolean chunked) {
    public Body {
        if (octets == Octets.BINARY && !chunked) {
            throw new IllegalArgumentException("binary octets by DATA"); // RFC 3030 3: under no circumstances
        }
    }

    /** What the octets may be. */
    public enum Octets {
        SEVEN_BIT,
        /** Octets over 127 are among them: BODY=8BITMIME (RFC 6152 3). */
        EIGHT_BIT,
        /** Lines may be missing: BODY=BINARYMIME (RFC 3030 3). */
        BINARY
    }

    /** As DATA sends it. */
    public static Body ofData(boolean eightBit) {
        return new Body(eightBit ? Octets.EIGHT_BIT : Octets.SEVEN_BIT, false);
    }
}
