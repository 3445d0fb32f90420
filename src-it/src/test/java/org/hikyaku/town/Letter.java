package org.hikyaku.town;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.mail.Address;

/**
 * A message of the town: its text follows from its number, size and kind, so that whoever receives it can tell whether
 * it came whole.
 *
 * @param size octets of the body, about
 */
record Letter(int number, Address sender, List<Address> recipients, int size, Kind kind) {
    /** What is in it. */
    enum Kind {
        PLAIN,
        /** Text in UTF-8, which can be converted. */
        EIGHT_BIT,
        /** Text in UTF-8 inside multipart/signed, which must not be. */
        SIGNED,
        /** A header in UTF-8 (RFC 6532). */
        INTERNATIONAL;

        boolean isEightBit() {
            return this == EIGHT_BIT || this == SIGNED;
        }
    }

    private static final Pattern ANSWERED = Pattern.compile("^In-Reply-To: <(\\d+)@town\\.example>", Pattern.MULTILINE);
    private static final Pattern REPORT_ID = Pattern.compile("^Message-ID: <(\\w+)\\.dsn@", Pattern.MULTILINE);
    private static final Pattern NUMBER =
            Pattern.compile("^X-Town: (\\d+) (\\d+) ([A-Z_]+)\r$", Pattern.MULTILINE | Pattern.UNIX_LINES);

    String text() {
        String from = sender.isNull() || sender.isInternational() ? "robot@town.example" : sender.toString();
        return "From: " + from + "\r\nTo: undisclosed:;\r\nSubject: letter " + number
                + (kind == Kind.INTERNATIONAL ? " 飛脚" : "")
                + "\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <"
                + number + "@town.example>\r\nX-Town: " + number + " " + size + " " + kind + "\r\nMIME-Version: 1.0\r\n"
                + type(kind) + "\r\n" + body(number, size, kind);
    }

    private static String type(Kind kind) {
        return kind == Kind.SIGNED
                ? "Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\r\n"
                : "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
                        + (kind == Kind.EIGHT_BIT ? "8bit" : "7bit") + "\r\n";
    }

    /** Lines that begin with dots, look like commands, or end a dialogue elsewhere are all in it. */
    static String body(int number, int size, Kind kind) {
        StringBuilder out = new StringBuilder(size + 80);
        if (kind == Kind.SIGNED) {
            out.append("--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
        }
        String greeting = kind.isEightBit() ? "grüße, 飛脚" : "greetings";
        out.append(greeting).append("\r\n");
        String[] lines = {
            ".", "..", ".leading dot", "QUIT", "MAIL FROM:<x@y>", "", "the letter " + number, "From someone", greeting
        };
        for (int i = number; out.length() < size; i++) {
            out.append(lines[i % lines.length])
                    .append(i % 7 == 0 ? " " + i : "")
                    .append("\r\n");
        }
        if (kind == Kind.SIGNED) {
            out.append("--b\r\nContent-Type: application/pgp-signature\r\n\r\nsignature\r\n--b--\r\n");
        }
        return out.append("end of ").append(number).append("\r\n").toString();
    }

    static boolean isReport(String text) {
        return text.contains("multipart/report");
    }

    /** The number of the letter that {@code text} is, or is a report about. */
    static Optional<Integer> numberIn(String text, Ledger ledger) {
        if (!isReport(text)) {
            return numberIn(text);
        }
        Matcher answered = ANSWERED.matcher(text);
        if (answered.find()) {
            return Optional.of(Integer.parseInt(answered.group(1)));
        }
        // its header could not be read when the report was made
        Matcher id = REPORT_ID.matcher(text);
        return id.find() ? ledger.numberOf(id.group(1)) : Optional.empty();
    }

    /** The number in the header that the town puts on its letters. */
    static Optional<Integer> numberIn(String text) {
        Matcher m = NUMBER.matcher(text);
        return m.find() ? Optional.of(Integer.parseInt(m.group(1))) : Optional.empty();
    }

    /** Whether {@code received} (a whole message) ends with exactly the body its header announces, or was re-encoded. */
    static boolean isWhole(String received) {
        Matcher m = NUMBER.matcher(received);
        if (!m.find()) {
            return false;
        }
        String body = body(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)), Kind.valueOf(m.group(3)));
        int gap = received.indexOf("\r\n\r\n");
        return gap > 0
                && decoded(received.substring(0, gap), received.substring(gap + 4))
                        .equals(body);
    }

    /** A hop without 8BITMIME gets it converted. */
    private static String decoded(String header, String body) {
        if (header.contains("Content-Transfer-Encoding: base64")) {
            return new String(Base64.getMimeDecoder().decode(body), StandardCharsets.UTF_8);
        }
        return header.contains("Content-Transfer-Encoding: quoted-printable") ? quotedPrintable(body) : body;
    }

    private static String quotedPrintable(String body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String joined = body.replace("=\r\n", "");
        for (int i = 0; i < joined.length(); i++) {
            boolean escaped = joined.charAt(i) == '=';
            out.write(escaped ? Integer.parseInt(joined.substring(i + 1, i + 3), 16) : joined.charAt(i));
            i += escaped ? 2 : 0;
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    byte[] octets() {
        return text().getBytes(StandardCharsets.UTF_8);
    }

    /** The text as it goes over the wire after DATA. */
    byte[] stuffed() {
        String stuffed = ("\r\n" + text()).replace("\r\n.", "\r\n..");
        return (stuffed.substring(2) + ".\r\n").getBytes(StandardCharsets.UTF_8);
    }
}
