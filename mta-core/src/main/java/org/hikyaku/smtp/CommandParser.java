package org.hikyaku.smtp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.jspecify.annotations.Nullable;

/**
 * One line to a {@link Command}: the grammar of RFC 5321 4.1.1 with RFC 6531 3.3, and nothing else. Two kindnesses of
 * the RFC: verbs in any case (2.4) and white space at the line's end (4.1.1).
 *
 * <p><i>Failure:</i> what is no command is {@link Command.Faulty} with the reply to send; nothing throws.
 */
public final class CommandParser {
    private static final int WORD_MAX = 16;

    private CommandParser() {}

    /** Reads {@code octets[from..to)}, a line without its CR LF. */
    public static Command parse(byte[] octets, int from, int to) {
        boolean ascii = isAscii(octets, from, to);
        String line = ascii ? new String(octets, from, to - from, StandardCharsets.ISO_8859_1) : utf8(octets, from, to);
        if (line == null) {
            return new Command.Faulty("", Replies.NOT_UTF8);
        }
        int wordEnd = 0;
        while (wordEnd < line.length() && isLetterOrDigit(line.charAt(wordEnd))) {
            wordEnd++;
        }
        String verb = wordEnd <= WORD_MAX ? line.substring(0, wordEnd).toUpperCase(Locale.ROOT) : "";
        if (to - from + 2 > CommandLimits.of(verb)) {
            return new Command.Faulty(verb, verb.equals("AUTH") ? Replies.AUTH_LINE_TOO_LONG : Replies.LINE_TOO_LONG);
        }
        String rest = stripEnd(line.substring(wordEnd));
        if (verb.isEmpty() || !(rest.isEmpty() || rest.charAt(0) == ' ')) {
            return new Command.Faulty("", Replies.UNKNOWN_COMMAND);
        }
        return command(verb, rest.isEmpty() ? "" : rest.substring(1), ascii);
    }

    private static Command command(String verb, String rest, boolean ascii) {
        return switch (verb) {
            case "EHLO", "HELO", "LHLO" -> hello(verb, rest);
            case "MAIL" -> mail(rest, !ascii);
            case "RCPT" -> rcpt(rest, !ascii);
            case "DATA" -> bare(verb, rest, new Command.Data());
            case "BDAT" -> bdat(rest);
            case "RSET" -> bare(verb, rest, new Command.Rset());
            case "QUIT" -> bare(verb, rest, new Command.Quit());
            case "STARTTLS" -> bare(verb, rest, new Command.StartTls());
            case "NOOP" -> new Command.Noop();
            case "HELP" -> new Command.Help();
            case "VRFY" -> named(verb, rest, new Command.Vrfy(rest));
            case "EXPN" -> named(verb, rest, new Command.Expn(rest));
            case "AUTH" -> auth(rest);
            case "ETRN" -> etrn(rest);
            case "ATRN" -> atrn(rest);
            case "XCLIENT", "XFORWARD" -> attributes(verb, rest);
            // RFC 5321 4.2.4, 502: known, and not here
            case "SEND", "SOML", "SAML", "TURN", "BURL" -> new Command.Unimplemented(verb);
            // its word is not kept: it may be the password of a client that did not see its AUTH refused
            default -> new Command.Faulty("", Replies.UNKNOWN_COMMAND);
        };
    }

    /**
     * RFC 5321 4.1.1.1 wants a domain or literal here, and 4.1.4 forbids to refuse mail for a name that does not hold;
     * hosts call themselves all sorts of things, so any one printable word is taken and judged by policy.
     */
    private static Command hello(String verb, String rest) {
        boolean word = !rest.isEmpty() && rest.length() <= 255 && rest.chars().allMatch(c -> c > ' ' && c < 0x7f);
        if (!word) {
            return new Command.Faulty(verb, Replies.HELLO_WITHOUT_NAME);
        }
        return switch (verb) {
            case "EHLO" -> new Command.Ehlo(rest);
            case "LHLO" -> new Command.Lhlo(rest);
            default -> new Command.Helo(rest);
        };
    }

    private static Command mail(String rest, boolean international) {
        int close = path(rest, "FROM:");
        List<Parameter> parameters = close < 0 ? null : parameters(rest, close + 1);
        if (parameters == null) {
            return new Command.Faulty("MAIL", Replies.MAIL_SYNTAX);
        }
        String path = rest.substring("FROM:<".length(), close);
        Address sender = path.isEmpty() ? Address.NULL : mailbox(path);
        return sender == null
                ? new Command.Faulty("MAIL", Replies.SENDER_SYNTAX)
                : new Command.Mail(sender, parameters, international && !isAscii(path));
    }

    private static Command rcpt(String rest, boolean international) {
        int close = path(rest, "TO:");
        List<Parameter> parameters = close < 0 ? null : parameters(rest, close + 1);
        if (parameters == null) {
            return new Command.Faulty("RCPT", Replies.RCPT_SYNTAX);
        }
        String path = rest.substring("TO:<".length(), close);
        // RFC 5321 4.1.1.3: "<Postmaster>" alone, in any case
        Address recipient = path.equalsIgnoreCase("postmaster") ? Address.barePostmaster() : mailbox(path);
        return recipient == null
                ? new Command.Faulty("RCPT", Replies.RECIPIENT_SYNTAX)
                : new Command.Rcpt(recipient, parameters, international && !isAscii(path));
    }

    /** RFC 3030 2: chunk-size, and maybe LAST. */
    private static Command bdat(String rest) {
        int space = rest.indexOf(' ');
        String digits = space < 0 ? rest : rest.substring(0, space);
        boolean last = space >= 0 && rest.substring(space + 1).equalsIgnoreCase("LAST");
        boolean right = digits.matches("[0-9]{1,18}") && (space < 0 || last);
        return new Command.Bdat(right ? Long.parseLong(digits) : Command.Bdat.UNREADABLE, last);
    }

    private static Command auth(String rest) {
        int space = rest.indexOf(' ');
        String mechanism = (space < 0 ? rest : rest.substring(0, space)).toUpperCase(Locale.ROOT);
        String initial = space < 0 ? null : rest.substring(space + 1);
        boolean right = isMechanism(mechanism) && (initial == null || (!initial.isEmpty() && initial.indexOf(' ') < 0));
        return right ? new Command.Auth(mechanism, initial) : new Command.Faulty("AUTH", Replies.AUTH_SYNTAX);
    }

    /** RFC 1985 5, 5.3: a name with a dot, one with {@code @} before it, or {@code #} and the name of a queue. */
    private static Command etrn(String rest) {
        char option = rest.startsWith("@") || rest.startsWith("#") ? rest.charAt(0) : ' ';
        String node = option == ' ' ? rest : rest.substring(1);
        boolean right = option == '#'
                ? node.matches("[A-Za-z0-9_.-]{1,64}")
                : node.indexOf('.') > 0
                        && node.charAt(0) != '['
                        && Domain.parse(node).isPresent();
        return right ? new Command.Etrn(option, node) : new Command.Faulty("ETRN", Replies.ETRN_SYNTAX);
    }

    /** RFC 2645 5.2.1: {@code [SP domain *("," domain)]}. */
    private static Command atrn(String rest) {
        List<Domain> domains = new ArrayList<>();
        for (String name : rest.isEmpty() ? new String[0] : rest.split(",", -1)) {
            Domain domain = Domain.parse(name).filter(d -> !d.isLiteral()).orElse(null);
            if (domain == null || name.indexOf('.') <= 0) {
                return new Command.Faulty("ATRN", Replies.ATRN_SYNTAX);
            }
            domains.add(domain);
        }
        return new Command.Atrn(domains);
    }

    /** {@code 1*( SP attribute-name"="attribute-value )} */
    private static Command attributes(String verb, String rest) {
        List<Parameter> read = rest.isEmpty() ? null : parameters(" " + rest, 0);
        if (read == null || read.stream().anyMatch(each -> each.value() == null)) {
            return new Command.Faulty(verb, Replies.BAD_ATTRIBUTES);
        }
        return verb.equals("XCLIENT") ? new Command.Xclient(read) : new Command.Xforward(read);
    }

    private static Command bare(String verb, String rest, Command command) {
        return rest.isEmpty() ? command : new Command.Faulty(verb, Replies.NO_ARGUMENT_WANTED);
    }

    private static Command named(String verb, String rest, Command command) {
        return rest.isEmpty() ? new Command.Faulty(verb, Replies.ARGUMENT_WANTED) : command;
    }

    /** The index of the {@code >} that ends the path behind {@code keyword<}, or -1. */
    private static int path(String rest, String keyword) {
        int open = keyword.length();
        if (!rest.regionMatches(true, 0, keyword, 0, open) || rest.length() <= open || rest.charAt(open) != '<') {
            return -1;
        }
        boolean quoted = false;
        for (int i = open + 1; i < rest.length(); i++) {
            char c = rest.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == '>' && !quoted) {
                return i;
            }
        }
        return -1;
    }

    private static @Nullable Address mailbox(String path) {
        int start = path.startsWith("@") ? routeEnd(path) : 0;
        return start < 0 ? null : Address.parse(path.substring(start)).orElse(null);
    }

    /** The index after {@code @one,@two:} (A-d-l, RFC 5321 4.1.2), or -1 when it is none. */
    private static int routeEnd(String path) {
        int colon = path.indexOf(':');
        if (colon < 0) {
            return -1;
        }
        for (String hop : path.substring(0, colon).split(",", -1)) {
            if (!hop.startsWith("@") || Domain.parse(hop.substring(1)).isEmpty()) {
                return -1;
            }
        }
        return colon + 1;
    }

    /** Reads {@code *(SP esmtp-param)} from {@code at} to the end; null when it is not that. */
    private static @Nullable List<Parameter> parameters(String rest, int at) {
        if (at == rest.length()) {
            return List.of();
        }
        if (rest.charAt(at) != ' ') {
            return null;
        }
        List<Parameter> out = new ArrayList<>();
        for (String word : rest.substring(at + 1).split(" ", -1)) {
            int equals = word.indexOf('=');
            String keyword = equals < 0 ? word : word.substring(0, equals);
            String value = equals < 0 ? null : word.substring(equals + 1);
            if (!isKeyword(keyword) || (value != null && !isValue(keyword, value))) {
                return null;
            }
            out.add(new Parameter(keyword.toUpperCase(Locale.ROOT), value));
        }
        return out;
    }

    /** esmtp-keyword. */
    private static boolean isKeyword(String s) {
        return !s.isEmpty() && s.charAt(0) != '-' && s.chars().allMatch(c -> isLetterOrDigit((char) c) || c == '-');
    }

    /** esmtp-value, with the letters RFC 6531 3.3 adds. XVERP is older than the rule that forbids it an equals sign. */
    private static boolean isValue(String keyword, String s) {
        boolean equals = keyword.equalsIgnoreCase("XVERP");
        return !s.isEmpty() && s.chars().allMatch(c -> c > ' ' && (equals || c != '=') && c != 0x7f);
    }

    /** RFC 4422 3.1. */
    private static boolean isMechanism(String s) {
        return !s.isEmpty()
                && s.length() <= 20
                && s.chars().allMatch(c -> isLetterOrDigit((char) c) || c == '-' || c == '_');
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static boolean isAscii(String s) {
        return s.chars().allMatch(c -> c < 0x80);
    }

    private static boolean isAscii(byte[] octets, int from, int to) {
        for (int i = from; i < to; i++) {
            if (octets[i] < 0) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable String utf8(byte[] octets, int from, int to) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets, from, to - from))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static String stripEnd(String s) {
        int end = s.length();
        while (end > 0 && (s.charAt(end - 1) == ' ' || s.charAt(end - 1) == '\t')) {
            end--;
        }
        return s.substring(0, end);
    }
}
