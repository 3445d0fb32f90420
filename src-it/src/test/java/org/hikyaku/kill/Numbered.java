package org.hikyaku.kill;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.LongStream;
import org.hikyaku.daemon.Mail;

/** A message of the load: all of it follows from its number. */
record Numbered(long number) implements Mail {
    static final String DOMAIN = "kill.example";
    private static final String MARK = "X-Number: ";
    private static final int BOXES = 10;

    static List<String> boxes() {
        return LongStream.range(0, BOXES).mapToObj(Numbered::box).toList();
    }

    private static String box(long place) {
        return "box" + place + "@" + DOMAIN;
    }

    @Override
    public String sender() {
        return "load@elsewhere.example";
    }

    @Override
    public List<String> recipients() {
        return List.of(box(number % BOXES));
    }

    /** Every hundredth is large, so that bodies in files of their own are killed too. */
    @Override
    public byte[] text() {
        int lines = number % 100 == 0 ? 6_000 : 20 + (int) (number % 60);
        StringBuilder out =
                new StringBuilder("From: " + sender() + "\r\nSubject: " + number + "\r\n" + MARK + number + "\r\n\r\n");
        for (int i = 0; i < lines; i++) {
            out.append("line ").append(i).append(" of message ").append(number).append(" in mid-load\r\n");
        }
        return out.append("end of ").append(number).append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** Which one a mailbox's file holds; -1 when it is not one of these, whole. */
    static long wholeIn(String text) {
        int at = text.indexOf(MARK);
        int end = at < 0 ? -1 : text.indexOf('\n', at);
        if (end < 0) {
            return -1;
        }
        long number = Long.parseLong(text.substring(at + MARK.length(), end).strip());
        String wanted = new String(new Numbered(number).text(), StandardCharsets.US_ASCII).replace("\r", "");
        return text.endsWith(wanted) ? number : -1;
    }
}
