package org.hikyaku.real;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.NoRouteToHostException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireFailure.Kind;
import org.jspecify.annotations.Nullable;

/** THE table of what an exception of Netty, the kernel or a TLS engine means for a wire. */
final class Failures {
    private static final int TEXT_MAX = 300;

    private Failures() {}

    /** A connect that did not come about. */
    static WireFailure ofConnect(Throwable cause) {
        String text = text(cause).toLowerCase(Locale.ROOT);
        if (cause instanceof ConnectTimeoutException || text.contains("timed out")) {
            return new WireFailure(Kind.CONNECT_TIMEOUT, "the connection timed out");
        }
        if (text.contains("refused")) {
            return new WireFailure(Kind.REFUSED, "connection refused");
        }
        if (cause instanceof NoRouteToHostException || text.contains("no route") || text.contains("unreachable")) {
            return new WireFailure(Kind.UNREACHABLE, "no route to the host");
        }
        if (cause instanceof FileNotFoundException || text.contains("no such file")) {
            return new WireFailure(Kind.UNREACHABLE, "no such socket file");
        }
        return new WireFailure(Kind.OTHER, text(cause));
    }

    /** An open wire that broke. */
    static WireFailure ofWire(Throwable cause) {
        if (isTls(cause)) {
            return ofTls(cause);
        }
        return new WireFailure(Kind.RESET, "the connection broke: " + text(cause));
    }

    /** A handshake or record that failed. */
    static WireFailure ofTls(Throwable cause) {
        return new WireFailure(Kind.TLS, "TLS: " + text(root(cause)));
    }

    /** Whether {@code cause} comes from the network or the peer, and is no bug of ours. */
    static boolean isOutside(Throwable cause) {
        return cause instanceof IOException || isTls(cause);
    }

    private static boolean isTls(Throwable cause) {
        return cause instanceof SSLException
                || (cause instanceof DecoderException
                        && (cause.getCause() == null || cause.getCause() instanceof SSLException));
    }

    private static Throwable root(Throwable cause) {
        Throwable inner = cause;
        for (int depth = 0; depth < 10; depth++) {
            @Nullable Throwable next = inner.getCause();
            if (next == null || next.getMessage() == null) {
                break;
            }
            inner = next;
        }
        return inner;
    }

    /** One line, no longer than a log wants. */
    private static String text(Throwable cause) {
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < message.length() && i < TEXT_MAX; i++) {
            char c = message.charAt(i);
            line.append(c < ' ' || c == 0x7f ? ' ' : c);
        }
        return line.toString();
    }
}
