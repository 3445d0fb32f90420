package org.hikyaku.spool;

/**
 * Where a message came from; shown by {@code queue show}.
 *
 * @param client the peer's address, or empty
 * @param user the login, or empty
 * @param session the id in the log, or empty
 * @param listener the name of the listener that it came by, or empty
 */
public record Origin(Kind kind, String client, String user, String session, String listener) {
    /** By no listener. */
    public Origin(Kind kind, String client, String user, String session) {
        this(kind, client, user, session, "");
    }

    public static Origin ownNotice() {
        return new Origin(Kind.NOTICE, "", "", "");
    }

    /** Of a message whose record cannot be read. */
    static Origin unknown() {
        return new Origin(Kind.LOCAL, "", "", "");
    }

    /** By which door. */
    public enum Kind {
        SMTP,
        SUBMISSION,
        LMTP,
        LOCAL,
        /** A bounce or delay notice of ours. */
        NOTICE
    }
}
