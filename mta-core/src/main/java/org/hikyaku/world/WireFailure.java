package org.hikyaku.world;

/**
 * Why a wire ended.
 *
 * @param text for the log and for bounces: no secrets, one line
 */
public record WireFailure(Kind kind, String text) {
    /** What went wrong. */
    public enum Kind {
        REFUSED,
        UNREACHABLE,
        CONNECT_TIMEOUT,
        RESET,
        /** The TLS handshake or a TLS record failed, a certificate that was demanded did not hold. */
        TLS,
        OTHER
    }
}
