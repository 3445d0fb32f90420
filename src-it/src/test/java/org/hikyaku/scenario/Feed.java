package org.hikyaku.scenario;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntFunction;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/** A client that hands in messages over one connection, one after the other, each in two flights. */
final class Feed implements WireHandler {
    private static final String BODY = ("x".repeat(70) + "\r\n").repeat(12);

    private final IntFunction<String> recipientOf;
    private final int step;
    private final int end;
    private final Deque<String> expected = new ArrayDeque<>();
    private final StringBuilder unread = new StringBuilder();
    private @Nullable Wire wire;
    private int next;

    /** Messages {@code first}, {@code first + step}... below {@code end}. */
    Feed(IntFunction<String> recipientOf, int first, int step, int end) {
        this.recipientOf = recipientOf;
        this.next = first;
        this.step = step;
        this.end = end;
    }

    @Override
    public void opened(Wire opened) {
        wire = opened;
        expected.add("220");
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        unread.append(new String(octets, offset, length, StandardCharsets.ISO_8859_1));
        int from = 0;
        int at;
        while ((at = unread.indexOf("\r\n", from)) >= 0) {
            String line = unread.substring(from, at);
            from = at + 2;
            if (line.charAt(3) == ' ') {
                reply(line);
            }
        }
        unread.delete(0, from);
    }

    @Override
    public void secured(TlsFacts facts) {
        throw new IllegalStateException("no TLS was asked for");
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        if (next < end || !expected.isEmpty()) {
            throw new IllegalStateException("the feed broke off: " + cause);
        }
    }

    private void reply(String line) {
        String wanted = expected.remove();
        if (!line.startsWith(wanted)) {
            throw new IllegalStateException("not " + wanted + ": " + line);
        }
        if (wanted.equals("220")) {
            say("EHLO feed.example\r\n", "250");
        } else if (wanted.equals("354")) {
            say("Subject: " + next + "\r\n\r\n" + BODY + ".\r\n", "250");
            next += step;
        } else if (expected.isEmpty() && wanted.equals("250")) {
            more();
        } else if (wanted.equals("221") && wire != null) {
            wire.close();
        }
    }

    private void more() {
        if (next >= end) {
            say("QUIT\r\n", "221");
            return;
        }
        say(
                "MAIL FROM:<news@site0.example>\r\nRCPT TO:<" + recipientOf.apply(next) + ">\r\nDATA\r\n",
                "250",
                "250",
                "354");
    }

    private void say(String text, String... replies) {
        if (wire == null) {
            throw new IllegalStateException("not connected");
        }
        expected.addAll(java.util.List.of(replies));
        byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
        wire.write(octets, 0, octets.length);
        wire.flush();
    }
}
