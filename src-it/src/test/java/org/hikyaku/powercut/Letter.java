package org.hikyaku.powercut;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.LongStream;
import org.hikyaku.daemon.Mail;

/** A letter of the load: all of it follows from its number. */
record Letter(long number) implements Mail {
    static final String LOCAL = "cut.example";
    static final String SINK = "sink.example";
    /** Mailboxes; letters to the last are rare. */
    static final int BOXES = 8;

    static final String MARK = "X-Number: ";

    /** The sink refuses a recipient whose name begins so, for good. */
    static final String REFUSED = "refused";
    /** The sink refuses the first attempt. */
    static final String LATER = "later";
    /** The sink refuses each attempt. */
    static final String NEVER = "never";

    @Override
    public String sender() {
        return box(number % (BOXES - 1));
    }

    @Override
    public List<String> recipients() {
        return switch ((int) (number % 10)) {
            case 0 -> List.of(at("ok"));
            case 1 -> List.of(at(LATER));
            case 2 -> List.of(at(NEVER));
            case 3 -> List.of(box(1), at(NEVER));
            case 4 -> List.of(at(REFUSED));
            case 5 -> List.of(box(2), box(3), at("ok"));
            default -> List.of(box(number % 50 == 9 ? BOXES - 1 : number % (BOXES - 1)));
        };
    }

    private String at(String kind) {
        return kind + "-" + number + "@" + SINK;
    }

    static String box(long place) {
        return "box" + place + "@" + LOCAL;
    }

    static List<String> boxes() {
        return LongStream.range(0, BOXES).mapToObj(Letter::box).toList();
    }

    /** What the server under test is told beside what all are: little spools, short waits, the next host. */
    static String settings(int sinkPort) {
        return """
                local { domains = [%1$s], postmaster = "%2$s" }
                relay.trusted_networks = ["127.0.0.0/8"]
                spool { segment_size = 1MiB, inline_max = 16KiB, reserve = 0B }
                queue { retry = [1s, 2s, 3s], jitter = 0.5 }
                delivery {
                  start_tls = false
                  routes { "%3$s" = { host = "127.0.0.1", port = %4$d, tls = opportunistic } }
                }
                """.formatted(LOCAL, box(0), SINK, sinkPort);
    }

    /** As it is sent, but for the dots. Some are too large for the journal. */
    @Override
    public byte[] text() {
        int lines = number % 25 == 7 ? 400 + (int) (number % 7) * 300 : 10 + (int) (number * 31 % 300);
        StringBuilder out = new StringBuilder(
                "From: <" + sender() + ">\r\nSubject: letter " + number + "\r\n" + MARK + number + "\r\n\r\n");
        for (int i = 0; i < lines; i++) {
            out.append("line ").append(i).append(" of letter ").append(number).append(" before the power is cut\r\n");
        }
        return out.append("end of ").append(number).append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** The number in a text; -1 when there is none, or it is cut off. */
    static long numberIn(String text) {
        int at = text.indexOf(MARK);
        int end = at < 0 ? -1 : text.indexOf('\n', at);
        return end < 0
                ? -1
                : Long.parseLong(text.substring(at + MARK.length(), end).strip());
    }

    /** Whether {@code text} is this letter, whole, with header fields of ours before it; lines end in LF or CRLF. */
    boolean isWholeIn(String text) {
        String own = new String(text(), StandardCharsets.US_ASCII);
        boolean unix = !text.contains("\r\n");
        String wanted = unix ? own.replace("\r", "") : own;
        String before = text.substring(0, Math.max(0, text.length() - wanted.length()));
        return text.endsWith(wanted) && before.contains("Received: ") && before.length() < 1_000;
    }

    /** Whether {@code text} is a whole notice about this letter. */
    boolean isNoticeIn(String text) {
        return text.contains(at(REFUSED)) && text.stripTrailing().endsWith("--");
    }
}
