package org.hikyaku.smtp.server;

import org.hikyaku.smtp.Command;

/** What PIPELINING leaves to wait for (RFC 2920 3.1). */
final class Pipelining {
    private Pipelining() {}

    /** Whether a client waits for the reply before it sends more: it may change what can be said, or ends in a dialog. */
    static boolean endsGroup(Command command) {
        return switch (command) {
            case Command.Ehlo c -> true;
            case Command.Lhlo c -> true;
            // RFC 5321 4.1.1.1: who says it has no PIPELINING
            case Command.Helo c -> true;
            case Command.Data c -> true;
            case Command.Vrfy c -> true;
            case Command.Expn c -> true;
            case Command.Noop c -> true;
            // RFC 3207 4, RFC 4954 4, and XCLIENT begins the session anew
            case Command.StartTls c -> true;
            case Command.Auth c -> true;
            case Command.Xclient c -> true;
            // RFC 2645 5.3: the connection turns round
            case Command.Atrn c -> true;
            default -> false;
        };
    }
}
