package org.hikyaku.scenario;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/** The hosts of one site, and what was seen there. */
final class Receiver {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final String name;
    private final Kind kind;
    private final Clock clock;
    private final Consumer<String> onTaken;
    private final Map<String, Instant> greylist = new HashMap<>();
    private final Deque<Instant> lastMinute = new ArrayDeque<>();
    private final Set<String> seen = new HashSet<>();
    private int open;
    private int openMax;
    private int connections;
    private int fruitless;
    private int transactions;
    private int refused;
    private int twice;
    private final List<Instant> begun = new ArrayList<>();

    /** @param onTaken hears the recipient of each message that is taken for the first time */
    Receiver(String name, Kind kind, Clock clock, Consumer<String> onTaken) {
        this.name = name;
        this.kind = kind;
        this.clock = clock;
        this.onTaken = onTaken;
    }

    Kind kind() {
        return kind;
    }

    String name() {
        return name;
    }

    /** Connections at the same time, at most. */
    int openMax() {
        return openMax;
    }

    int connections() {
        return connections;
    }

    /** Connections that brought no message. */
    int fruitless() {
        return fruitless;
    }

    /** MAIL commands. */
    int transactions() {
        return transactions;
    }

    /** MAIL or RCPT commands that were refused. */
    int refused() {
        return refused;
    }

    /** MAIL commands in the stretch of this length that has most of them. */
    int busiest(Duration stretch) {
        int most = 0;
        int from = 0;
        for (int to = 0; to < begun.size(); to++) {
            while (!begun.get(from).plus(stretch).isAfter(begun.get(to))) {
                from++;
            }
            most = Math.max(most, to - from + 1);
        }
        return most;
    }

    int taken() {
        return seen.size();
    }

    /** Messages that came again although they had been taken. */
    int twice() {
        return twice;
    }

    WireHandler session(Wire wire) {
        return new Session(wire);
    }

    private boolean isOverRate() {
        Instant now = clock.now();
        while (!lastMinute.isEmpty() && !lastMinute.getFirst().plus(MINUTE).isAfter(now)) {
            lastMinute.removeFirst();
        }
        if (lastMinute.size() >= Kind.PER_MINUTE) {
            return true;
        }
        lastMinute.addLast(now);
        return false;
    }

    private boolean isTooEarly(String recipient) {
        Instant now = clock.now();
        Instant first = greylist.putIfAbsent(recipient, now);
        return first == null || first.plus(Kind.COME_AGAIN).isAfter(now);
    }

    private final class Session implements WireHandler {
        private final Wire wire;
        private final StringBuilder unread = new StringBuilder();
        private final Deque<String> lines = new ArrayDeque<>();
        private String recipient = "";
        private boolean inData;
        private boolean thinking;
        private boolean over;
        private int brought;

        Session(Wire wire) {
            this.wire = wire;
        }

        @Override
        public void opened(Wire opened) {
            connections++;
            open++;
            openMax = Math.max(openMax, open);
            if (kind == Kind.FEW_CONNECTIONS && open > Kind.CONNECTIONS) {
                say("421 4.7.0 " + name + " Error: too many connections from 192.0.2.1");
                end();
            } else {
                say("220 " + name + " ESMTP");
            }
            wire.flush();
        }

        @Override
        public void received(byte[] octets, int offset, int length) {
            unread.append(new String(octets, offset, length, StandardCharsets.ISO_8859_1));
            int from = 0;
            int end;
            while ((end = unread.indexOf("\r\n", from)) >= 0) {
                lines.add(unread.substring(from, end));
                from = end + 2;
            }
            unread.delete(0, from);
            goOn();
        }

        @Override
        public void secured(TlsFacts facts) {
            throw new IllegalStateException("nobody here knows TLS");
        }

        @Override
        public void closed(@Nullable WireFailure cause) {
            over = true;
            open--;
            fruitless += brought == 0 ? 1 : 0;
        }

        private void goOn() {
            while (!over && !thinking && !lines.isEmpty()) {
                String line = lines.remove();
                if (inData && !line.equals(".")) {
                    continue;
                }
                if (kind == Kind.SLOW) {
                    thinking = true;
                    wire.loop().schedule(Kind.THINKS, () -> thought(line));
                } else {
                    answer(line);
                }
            }
            if (!over) {
                wire.flush();
            }
        }

        private void thought(String line) {
            thinking = false;
            if (!over) {
                answer(line);
                goOn();
            }
        }

        private void answer(String line) {
            if (inData) {
                inData = false;
                take();
                return;
            }
            switch (line.split("[ :]", 2)[0].toUpperCase(Locale.ROOT)) {
                case "EHLO" -> {
                    say("250-" + name);
                    say("250-PIPELINING");
                    say("250-SIZE 10240000");
                    if (kind == Kind.TLS_BROKEN) {
                        say("250-STARTTLS");
                    }
                    say("250-ENHANCEDSTATUSCODES");
                    say("250 8BITMIME");
                }
                case "STARTTLS" -> {
                    say("220 2.0.0 Ready to start TLS");
                    wire.flush();
                    over = true;
                    wire.abort();
                }
                case "MAIL" -> mail();
                case "RCPT" -> rcpt(line);
                case "DATA" -> data();
                case "RSET" -> {
                    recipient = "";
                    say("250 2.0.0 Ok");
                }
                case "QUIT" -> {
                    say("221 2.0.0 Bye");
                    end();
                }
                default -> say("502 5.5.2 Error: command not recognized");
            }
        }

        private void mail() {
            transactions++;
            begun.add(clock.now());
            recipient = "";
            if (kind == Kind.RATE_LIMITED && isOverRate()) {
                refused++;
                say("450 4.7.1 Error: too much mail from 192.0.2.1");
            } else {
                say("250 2.1.0 Ok");
            }
        }

        private void rcpt(String line) {
            String asked = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
            if (kind == Kind.GREYLISTING && isTooEarly(asked)) {
                refused++;
                say("450 4.2.0 <" + asked + ">: Recipient address rejected: Greylisted, come back in 300 seconds");
            } else {
                recipient = asked;
                say("250 2.1.5 Ok");
            }
        }

        private void data() {
            if (recipient.isEmpty()) {
                say("554 5.5.1 Error: no valid recipients");
            } else {
                inData = true;
                say("354 End data with <CR><LF>.<CR><LF>");
            }
        }

        private void take() {
            brought++;
            if (seen.add(recipient)) {
                onTaken.accept(recipient);
            } else {
                twice++;
            }
            say("250 2.0.0 Ok: queued");
        }

        private void say(String line) {
            byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
            wire.write(octets, 0, octets.length);
        }

        private void end() {
            over = true;
            wire.flush();
            wire.close();
        }
    }
}
