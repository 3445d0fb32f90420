package org.hikyaku.town;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * A client that sends letters over one connection, with or without pipelining, with or without a login, every third letter in two
 * chunks (RFC 3030), and writes into the {@link Ledger} what it was promised.
 *
 * <p>A letter counts as promised to the recipients that got 250 at RCPT once the 250 after its final dot has come; as
 * unanswered when the connection ends between.
 */
final class Sender implements WireHandler {
    private enum Stage {
        GREETING,
        EHLO,
        STARTTLS,
        EHLO_AGAIN,
        AUTH,
        MAIL,
        RCPT,
        DATA,
        CHUNK,
        DOT,
        RSET,
        QUIT
    }

    /** How it speaks. */
    record Manner(boolean pipelining, boolean login, String user, String password) {}

    private final Deque<Letter> letters;
    private final Manner manner;
    private final Ledger ledger;
    private final Runnable onEnd;
    private final Deque<Stage> expected = new ArrayDeque<>();
    private final Deque<Address> asked = new ArrayDeque<>();
    private final List<Address> accepted = new ArrayList<>();
    private final StringBuilder unread = new StringBuilder();
    private @Nullable Wire wire;
    private @Nullable Letter current;
    private boolean dotSent;
    private int promised;

    Sender(List<Letter> letters, Manner manner, Ledger ledger, Runnable onEnd) {
        this.letters = new ArrayDeque<>(letters);
        this.manner = manner;
        this.ledger = ledger;
        this.onEnd = onEnd;
    }

    int promised() {
        return promised;
    }

    @Override
    public void opened(Wire opened) {
        wire = opened;
        expected.add(Stage.GREETING);
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        unread.append(new String(octets, offset, length, StandardCharsets.UTF_8));
        int end;
        while ((end = unread.indexOf("\r\n")) >= 0) {
            String line = unread.substring(0, end);
            unread.delete(0, end + 2);
            if (line.length() < 4 || line.charAt(3) != '-') {
                answer(line);
            }
        }
    }

    @Override
    public void secured(TlsFacts facts) {
        send(Stage.EHLO_AGAIN, "EHLO client.example");
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        if (dotSent && current != null) {
            ledger.unanswered(new Letter(
                    current.number(), current.sender(), List.copyOf(accepted), current.size(), current.kind()));
        }
        onEnd.run();
    }

    private void answer(String line) {
        boolean good = line.startsWith("2") || line.startsWith("3");
        if (line.startsWith("421")) {
            return; // the close follows
        }
        Stage stage = expected.poll();
        if (stage == null) {
            ledger.wrong("a reply nobody asked for: " + line);
            return;
        }
        switch (stage) {
            case GREETING -> greeted(good);
            case EHLO -> {
                if (manner.login()) {
                    // what is sent behind it in clear is never to be answered (RFC 3207 4.2)
                    send(Stage.STARTTLS, manner.pipelining() ? "STARTTLS\r\nNOOP" : "STARTTLS");
                } else {
                    nextLetter();
                }
            }
            case STARTTLS -> {
                if (good) {
                    here().startTls(new TlsNeed.Client("town.example", Optional.empty()));
                } else {
                    quit();
                }
            }
            case EHLO_AGAIN -> send(Stage.AUTH, "AUTH PLAIN " + plain());
            case AUTH -> {
                if (good) {
                    nextLetter();
                } else {
                    quit();
                }
            }
            case MAIL -> mailAnswered(good);
            case RCPT -> rcptAnswered(good);
            case DATA -> dataAnswered(good);
            case CHUNK -> chunkAnswered(good);
            case DOT -> dotAnswered(good);
            case RSET -> nextLetter();
            case QUIT -> here().close();
        }
    }

    private void greeted(boolean good) {
        if (good) {
            send(Stage.EHLO, "EHLO client.example");
        } else {
            quit();
        }
    }

    private void nextLetter() {
        Letter letter = letters.poll();
        if (letter == null) {
            quit();
            return;
        }
        current = letter;
        dotSent = false;
        accepted.clear();
        asked.clear();
        asked.addAll(letter.recipients());
        StringBuilder flight = new StringBuilder("MAIL FROM:<" + letter.sender() + ">" + parameters(letter) + "\r\n");
        expected.add(Stage.MAIL);
        if (manner.pipelining()) {
            for (Address recipient : letter.recipients()) {
                flight.append("RCPT TO:<").append(recipient).append('>');
                flight.append(Asked.ofRcpt(letter.number(), recipient)).append("\r\n");
                expected.add(Stage.RCPT);
            }
            if (isChunked(letter)) {
                raw(flight.toString().getBytes(StandardCharsets.UTF_8));
                chunk(letter, false);
                chunk(letter, true);
                return;
            }
            flight.append("DATA\r\n");
            expected.add(Stage.DATA);
        }
        raw(flight.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isChunked(Letter letter) {
        return letter.number() % 3 == 0;
    }

    /** One half of a letter. */
    private void chunk(Letter letter, boolean last) {
        byte[] all = letter.octets();
        int middle = all.length / 2;
        byte[] half = last ? Arrays.copyOfRange(all, middle, all.length) : Arrays.copyOf(all, middle);
        send(last ? Stage.DOT : Stage.CHUNK, "BDAT " + half.length + (last ? " LAST" : ""));
        dotSent |= last;
        raw(half);
    }

    private void chunkAnswered(boolean good) {
        if (manner.pipelining()) {
            return;
        }
        if (good) {
            chunk(letter(), true);
        } else {
            send(Stage.RSET, "RSET");
        }
    }

    private String parameters(Letter letter) {
        boolean international = letter.kind() == Letter.Kind.INTERNATIONAL
                || letter.sender().isInternational()
                || letter.recipients().stream().anyMatch(Address::isInternational);
        return (letter.kind().isEightBit() || international ? " BODY=8BITMIME" : "")
                + (international ? " SMTPUTF8" : "")
                + Asked.ofMail(letter.number(), manner.login());
    }

    private void mailAnswered(boolean good) {
        if (manner.pipelining()) {
            return;
        }
        if (good) {
            nextRecipient();
        } else {
            send(Stage.RSET, "RSET");
        }
    }

    private void nextRecipient() {
        Address next = asked.peek();
        if (next != null) {
            send(Stage.RCPT, "RCPT TO:<" + next + ">" + Asked.ofRcpt(letter().number(), next));
        } else if (accepted.isEmpty()) {
            send(Stage.RSET, "RSET");
        } else if (isChunked(letter())) {
            chunk(letter(), false);
        } else {
            send(Stage.DATA, "DATA");
        }
    }

    private void rcptAnswered(boolean good) {
        Address recipient = asked.remove();
        if (good) {
            accepted.add(recipient);
        }
        if (!manner.pipelining()) {
            nextRecipient();
        }
    }

    private void dataAnswered(boolean good) {
        if (good) {
            expected.add(Stage.DOT);
            dotSent = true;
            raw(letter().stuffed());
        } else {
            send(Stage.RSET, "RSET");
        }
    }

    private void dotAnswered(boolean good) {
        Letter letter = letter();
        dotSent = false;
        current = null;
        if (good) {
            promised++;
            ledger.promise(
                    new Letter(letter.number(), letter.sender(), List.copyOf(accepted), letter.size(), letter.kind()));
        } else {
            ledger.refused(letter);
        }
        nextLetter();
    }

    private void quit() {
        send(Stage.QUIT, "QUIT");
    }

    private void send(Stage stage, String line) {
        expected.add(stage);
        raw((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    private void raw(byte[] octets) {
        here().write(octets, 0, octets.length);
        here().flush();
    }

    private Wire here() {
        return Objects.requireNonNull(wire);
    }

    private Letter letter() {
        return Objects.requireNonNull(current);
    }

    private String plain() {
        String message = "\0" + manner.user() + "\0" + manner.password();
        return Base64.getEncoder().encodeToString(message.getBytes(StandardCharsets.UTF_8));
    }
}
