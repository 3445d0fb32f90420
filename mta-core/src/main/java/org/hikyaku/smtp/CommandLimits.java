package org.hikyaku.smtp;

import java.util.Arrays;

/** How long a line may be, CR LF included (RFC 5321 4.5.3.1.4 and what the extensions add to it). */
public final class CommandLimits {
    /** Any command that nothing else is said of. */
    public static final int COMMAND = 512;

    /** RFC 4954 4: for AUTH and the lines of its dialog. */
    public static final int AUTH = 12288;

    /** MAIL with the parameters of all extensions. */
    public static final int MAIL = COMMAND
            + Arrays.stream(Extension.values())
                    .mapToInt(Extension::mailLineOctets)
                    .sum();

    /** RCPT with the parameters of all extensions. */
    public static final int RCPT = COMMAND
            + Arrays.stream(Extension.values())
                    .mapToInt(Extension::rcptLineOctets)
                    .sum();

    /** What a framer of commands must hold. */
    public static final int LONGEST = AUTH;

    private CommandLimits() {}

    /** The limit of the line that begins with {@code verb}, given in capitals. */
    public static int of(String verb) {
        return switch (verb) {
            case "MAIL" -> MAIL;
            case "RCPT" -> RCPT;
            case "AUTH" -> AUTH;
            default -> COMMAND;
        };
    }
}
