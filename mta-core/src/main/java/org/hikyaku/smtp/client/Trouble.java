package org.hikyaku.smtp.client;

import java.util.Optional;
import org.hikyaku.smtp.Reply;

/**
 * What went wrong with a host, a fact without a judgement: what follows for recipient and hop is said elsewhere, in one
 * table.
 *
 * @param reply what the host said, when it said something
 * @param text one line for log and bounce, beside the reply
 */
public record Trouble(Stage stage, Kind kind, Optional<Reply> reply, String text) {
    public static Trouble of(Stage stage, Kind kind, String text) {
        return new Trouble(stage, kind, Optional.empty(), text);
    }

    /** A negative reply. */
    public static Trouble of(Stage stage, Reply reply) {
        Kind kind = reply.code() == 421 ? Kind.SHUTTING_DOWN : Kind.REPLY;
        return new Trouble(stage, kind, Optional.of(reply), "");
    }

    /** How far the conversation was. */
    public enum Stage {
        CONNECT,
        GREETING,
        HELLO,
        STARTTLS,
        AUTH,
        /** Idle, between two transactions. */
        IDLE,
        MAIL,
        RECIPIENT,
        DATA,
        /** The message was on its way. */
        BODY,
        /** The final dot was sent and not answered: the host may have the message. */
        END_OF_DATA
    }

    /** What happened. */
    public enum Kind {
        /** A negative reply: see {@link Trouble#reply}. */
        REPLY,
        /** 421: the host ends the connection (RFC 5321 3.8). */
        SHUTTING_DOWN,
        /** There were as many connections to its site as there may be: it was not tried. */
        NO_ROOM,
        REFUSED,
        UNREACHABLE,
        TIMEOUT,
        /** The connection ended in the middle. */
        LOST,
        /** It does not speak SMTP. */
        GARBAGE,
        /** The handshake failed, or the certificate did not hold where it had to. */
        TLS_FAILED,
        /** TLS is demanded and not offered. */
        TLS_NOT_OFFERED,
        /** We have a login, which is sent only under TLS. */
        AUTH_WITHOUT_TLS,
        /** We have a login, and none of the server's mechanisms is known to us. */
        AUTH_NO_MECHANISM,
        /** The server did not prove that it knows our login. */
        AUTH_DOUBTED,
        /** We have a login, and its password cannot be read. */
        AUTH_PASSWORD_UNREADABLE,
        /** The message is over the size the server announced (RFC 1870 6.3). */
        TOO_LARGE,
        /** The message has 8 bit octets, the server no 8BITMIME. */
        NEEDS_8BITMIME,
        /** The message is binary, and the server takes none (RFC 3030 3). */
        NEEDS_BINARYMIME,
        /** The message needs SMTPUTF8, the server has it not. */
        NEEDS_SMTPUTF8
    }

    /** One line for people. */
    public String sentence() {
        return reply.map(Reply::text).orElse(text);
    }
}
