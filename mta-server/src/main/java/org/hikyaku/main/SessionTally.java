package org.hikyaku.main;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * What of a session of SMTP has been answered, by the octets that go to the server and those that come: each command has its reply, each
 * message its last one. Fed from two threads.
 *
 * <p><i>Failure:</i> a dialog that cannot be followed has no end but 221.
 */
final class SessionTally {
    private static final int KEPT = 64;
    private static final int UNANSWERED_MAX = 100_000;

    private enum Asked {
        GREETING,
        MAIL,
        DATA,
        /** The end of a message. */
        MESSAGE,
        RESET,
        OTHER
    }

    private final Deque<Asked> unanswered = new ArrayDeque<>();
    private final StringBuilder sent = new StringBuilder(KEPT);
    private final StringBuilder heard = new StringBuilder(KEPT);
    /** Octets of a BDAT that are still to go. */
    private long chunk;
    /** Behind DATA, unless that is refused. */
    private boolean inData;

    private boolean anyData;
    /** A transaction is open. */
    private boolean open;

    private boolean lost;
    /** The code of the last reply; empty within one. */
    private String code = "";

    SessionTally() {
        unanswered.add(Asked.GREETING);
    }

    /** These go to the server next; called before they do. */
    synchronized void sent(byte[] octets, int count) {
        for (int i = 0; i < count; i++) {
            if (chunk > 0) {
                int skipped = (int) Math.min(chunk, count - i);
                chunk -= skipped;
                i += skipped - 1;
                continue;
            }
            anyData |= inData;
            keep(sent, octets[i]);
            if (octets[i] == '\n') {
                sentLine(text(sent));
                sent.setLength(0);
            }
        }
    }

    /** How many of the octets that go next are a BDAT's. */
    synchronized long counted() {
        return chunk;
    }

    private void sentLine(String line) {
        if (inData) {
            if (line.equals(".")) {
                inData = false;
                ask(Asked.MESSAGE);
            }
            return;
        }
        String[] words = line.toUpperCase(Locale.ROOT).split(" +", -1);
        switch (words[0]) {
            case "MAIL" -> ask(Asked.MAIL);
            case "RSET", "HELO", "EHLO" -> ask(Asked.RESET);
            case "BDAT" -> chunk(words);
            case "DATA" -> {
                ask(Asked.DATA);
                inData = true;
                anyData = false;
            }
            default -> ask(Asked.OTHER);
        }
    }

    private void chunk(String[] words) {
        boolean known = words.length > 1 && words[1].matches("[0-9]{1,18}");
        chunk = known ? Long.parseLong(words[1]) : 0;
        ask(words.length > 2 && words[2].equals("LAST") ? Asked.MESSAGE : Asked.OTHER);
    }

    private void ask(Asked asked) {
        if (unanswered.size() < UNANSWERED_MAX) {
            unanswered.add(asked);
        } else {
            lost = true;
        }
    }

    /** These came from the server. */
    synchronized void heard(byte[] octets, int count) {
        for (int i = 0; i < count; i++) {
            keep(heard, octets[i]);
            code = "";
            if (octets[i] == '\n') {
                String line = text(heard);
                heard.setLength(0);
                if (!line.startsWith("-", 3)) {
                    reply(line);
                }
            }
        }
    }

    private void reply(String line) {
        code = line.substring(0, Math.min(3, line.length()));
        Asked asked = unanswered.poll();
        if (asked == null) {
            lost = true;
            return;
        }
        boolean yes = code.startsWith("2");
        switch (asked) {
            case MAIL -> open |= yes;
            case MESSAGE -> open = false;
            case RESET -> open &= !yes;
            case DATA -> refusedData();
            case GREETING, OTHER -> {}
        }
    }

    /** What went behind it unasked was meant for a message, and is none. */
    private void refusedData() {
        if (!code.equals("354")) {
            lost |= anyData || !inData;
            inData = false;
        }
    }

    /**
     * Whether the session came to its end: by 221, or since there was no more to say, all had its reply, and no transaction was open.
     *
     * @param nothingMore whether all has been sent
     */
    synchronized boolean isEnd(boolean nothingMore) {
        boolean answered = unanswered.isEmpty() && !open && !lost;
        return code.equals("221") || (nothingMore && answered && (code.startsWith("2") || code.startsWith("5")));
    }

    private static void keep(StringBuilder line, byte octet) {
        if (line.length() < KEPT) {
            line.append((char) (octet & 0xff));
        }
    }

    private static String text(StringBuilder line) {
        int end = line.length();
        while (end > 0 && (line.charAt(end - 1) == '\n' || line.charAt(end - 1) == '\r')) {
            end--;
        }
        return line.substring(0, end);
    }
}
