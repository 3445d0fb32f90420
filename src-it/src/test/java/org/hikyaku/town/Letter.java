package org.hikyaku.town;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.mail.Address;

/**
 * A message of the town: its text follows from its number, size and kind, so that whoever receives it can tell whether
 * it came whole.
 *
 * @param eightBit the body holds UTF-8 text
 */
record Letter(int number, Address sender, List<Address> recipients, int size, boolean eightBit) {
    private static final Pattern NUMBER = Pattern.compile("^X-Town: (\\d+) (\\d+) (true|false)\r$", Pattern.MULTILINE);

    String text() {
        String from = sender.isNull() ? "robot@town.example" : sender.toString();
        return "From: " + from + "\r\nTo: undisclosed:;\r\nSubject: letter " + number + "\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000"
                + "\r\nMessage-ID: <" + number + "@town.example>\r\nX-Town: " + number + " " + size + " " + eightBit
                + "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
                + (eightBit ? "8bit" : "7bit") + "\r\n\r\n" + body(number, size, eightBit);
    }

    /** Lines that begin with dots, look like commands, or end a dialogue elsewhere are all in it. */
    static String body(int number, int size, boolean eightBit) {
        StringBuilder out = new StringBuilder(size + 80);
        String[] lines = {".", "..", ".leading dot", "QUIT", "MAIL FROM:<x@y>", "", "the letter " + number, "From someone", eightBit ? "grüße, 飛脚" : "greetings"};
        for (int i = number; out.length() < size; i++) {
            out.append(lines[i % lines.length]).append(i % 7 == 0 ? " " + i : "").append("\r\n");
        }
        return out.append("end of ").append(number).append("\r\n").toString();
    }

    /** The number of the letter that {@code text} is, or holds the header of. */
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
        if (received.contains("Content-Transfer-Encoding: quoted-printable") || received.contains("Content-Transfer-Encoding: base64")) {
            return true;
        }
        String body = body(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)), Boolean.parseBoolean(m.group(3)));
        int gap = received.indexOf("\r\n\r\n");
        return gap > 0 && received.substring(gap + 4).equals(body);
    }

    byte[] octets() {
        return text().getBytes(StandardCharsets.UTF_8);
    }

    /** The text as it goes over the wire after DATA. */
    byte[] stuffed() {
        List<String> out = new ArrayList<>();
        for (String line : text().split("\r\n", -1)) {
            out.add(line.startsWith(".") ? "." + line : line);
        }
        return (String.join("\r\n", out) + ".\r\n").getBytes(StandardCharsets.UTF_8);
    }
}
