package org.hikyaku.town;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a destination: an SMTP server as its {@link Temper} has it, to the end of the connection.
 *
 * <p><i>Failure:</i> none; what the client must not do is written into the {@link Ledger}, and so is what it cannot know: whether
 * its last letter was taken.
 */
final class RemoteSession implements WireHandler {
    private static final Pattern PATH = Pattern.compile("^[A-Z]+ (?:FROM|TO):<([^>]*)>.*", Pattern.CASE_INSENSITIVE);

    private final RemoteMta mta;
    private final Ledger ledger;
    private final String name;
    private final Wire wire;
    private final Temper mood;
    private final int dropAt;
    private final StringBuilder unread = new StringBuilder();
    private final List<String> recipients = new ArrayList<>();
    private final StringBuilder data = new StringBuilder();
    private final Map<Integer, List<String>> inDoubt = new LinkedHashMap<>();
    private String sender = "";
    private boolean inTransaction;
    private boolean inData;
    private @Nullable Chunk chunk;
    private boolean inAuth;
    private boolean secure;
    private int steps;
    /** So much of {@code unread} is done with. */
    private int read;

    private boolean saidNotNow;
    /** It has answered BDAT as a command that it does not know: the message is said again, and counts no more (docs/routes.md). */
    private boolean knowsNoBdat;

    private boolean over;
    private boolean silent;

    /** Of a BDAT, so much is still to come. */
    private record Chunk(int rest, boolean last) {}

    /** @param dropAt the place of the dialogue at which what its temper wants happens */
    RemoteSession(RemoteMta mta, Wire wire, Temper mood, int dropAt) {
        this.mta = mta;
        this.ledger = mta.ledger();
        this.name = mta.name();
        this.wire = wire;
        this.mood = mood;
        this.dropAt = dropAt;
        this.silent = mood == Temper.MUTE;
    }

    @Override
    public void opened(Wire opened) {
        mta.came(wire.remote());
        switch (mood) {
            case CLOSED -> last("554 no mail here");
            case GONE -> last("521 5.3.2 takes no mail");
            case BUSY -> last("421 4.3.2 too busy");
            case NOT_YET -> last("450 4.3.2 not yet");
            case GARBAGE -> last("SSH-2.0-OpenSSH_9.2");
            case MUTE -> {}
            case DEAD -> {
                over = true;
                wire.abort();
            }
            default -> say("220 " + name + " ESMTP");
        }
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        unread.append(new String(octets, offset, length, StandardCharsets.ISO_8859_1));
        read = 0;
        boolean more = true;
        while (!over && !silent && more) {
            more = chunk == null ? line() : chunkOctets(chunk);
        }
        unread.delete(0, read);
        wire.flush();
    }

    /** False when there is no whole line yet. */
    private boolean line() {
        int end = unread.indexOf("\r\n", read);
        if (end < 0) {
            return false;
        }
        String line = unread.substring(read, end);
        read = end + 2;
        if (inData) {
            dataLine(line);
        } else {
            command(line);
        }
        return true;
    }

    /** False when the chunk is not whole yet. */
    private boolean chunkOctets(Chunk open) {
        int count = Math.min(open.rest(), unread.length() - read);
        data.append(unread, read, read + count);
        read += count;
        chunk = new Chunk(open.rest() - count, open.last());
        if (count < open.rest()) {
            return false;
        }
        chunk = null;
        if (recipients.isEmpty()) {
            say("503 5.5.1 nobody to send it to");
        } else if (dropAt == 1) {
            say("452 4.3.1 no room for this chunk");
            recipients.clear();
        } else if (open.last()) {
            endOfData();
        } else {
            say("250 2.0.0 " + count + " octets");
        }
        return true;
    }

    @Override
    public void secured(TlsFacts facts) {
        secure = true;
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        over = true;
        mta.left(wire.remote());
        inDoubt.forEach((number, whom) -> whom.forEach(each -> ledger.uncertain(number, each)));
    }

    private void command(String line) {
        if (inAuth) {
            inAuth = false;
            say("235 2.7.0 believe me");
            return;
        }
        inDoubt.clear(); // the client has read the answer to its last letter, or it would not speak
        if (saidNotNow) {
            saidNotNow = false;
            mta.rests(wire.remote());
        }
        if (mood == Temper.DROPPING && steps++ == dropAt) {
            over = true;
            wire.abort();
            return;
        }
        if (mood == Temper.FALLING_SILENT && steps++ == dropAt) {
            silent = true;
            return;
        }
        switch (line.split(" ", 2)[0].toUpperCase(Locale.ROOT)) {
            case "EHLO", "LHLO" -> ehlo();
            case "HELO" -> say(mood == Temper.HELLO_NEVER ? "550 not you" : "250 " + name);
            case "AUTH" -> auth(line);
            case "STARTTLS" -> startTls();
            case "MAIL" -> mail(line);
            case "RCPT" -> rcpt(line);
            case "DATA" -> dataCommand();
            case "BDAT" -> bdat(line);
            case "RSET" -> {
                reset();
                say("250 2.0.0 ok");
            }
            case "QUIT" -> last("221 2.0.0 bye");
            case "NOOP" -> say("250 ok");
            default -> say("500 5.5.1 what");
        }
    }

    private void ehlo() {
        switch (mood) {
            case OLD -> say("502 no such thing");
            case HELLO_LATER -> say("450 4.3.2 not now");
            case HELLO_NEVER -> say("550 5.7.1 not you");
            default -> offer();
        }
    }

    private void offer() {
        say("250-" + name);
        say("250-PIPELINING");
        say(mood == Temper.SMALL ? "250-SIZE 600" : "250-SIZE 10000000");
        if (mood == Temper.CHUNKED || mood == Temper.BOASTFUL) {
            say("250-CHUNKING");
        }
        if (mood != Temper.SEVEN_BIT) {
            say("250-8BITMIME");
            say("250-SMTPUTF8");
        }
        if (!secure
                && (mood == Temper.TLS_BROKEN
                        || mood == Temper.FAIR
                        || (mood.isGate() && mood != Temper.GATE_WITHOUT_TLS))) {
            say("250-STARTTLS");
        }
        if (secure && mood.isGate() && mood != Temper.GATE_WITHOUT_AUTH) {
            say(mood == Temper.GATE_FALSE ? "250-AUTH SCRAM-SHA-256" : "250-AUTH PLAIN");
        }
        say("250 ENHANCEDSTATUSCODES");
    }

    private void auth(String line) {
        if (mood == Temper.GATE_FALSE) {
            inAuth = true;
            say("334 " + base64(falseChallenge(line)));
            return;
        }
        say(
                switch (mood) {
                    case GATE_WRONG_PASSWORD -> "535 5.7.8 wrong";
                    case GATE_AUTH_LATER -> "454 4.7.0 later";
                    default -> "235 2.7.0 welcome";
                });
    }

    /** A right first answer of SCRAM, of a server that never had the keys (RFC 5802 3). */
    private static String falseChallenge(String line) {
        String first = new String(
                Base64.getDecoder().decode(line.substring(line.lastIndexOf(' ') + 1)), StandardCharsets.UTF_8);
        return first.substring(first.indexOf("r=")) + "false,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private void startTls() {
        if (mood == Temper.GATE_REFUSING_TLS) {
            say("454 4.7.0 no TLS now");
            return;
        }
        say("220 2.0.0 go");
        unread.setLength(0);
        read = 0;
        if (mood == Temper.TLS_BROKEN) {
            over = true;
            wire.flush();
            wire.abort();
        } else {
            wire.flush();
            wire.startTls(new TlsNeed.Server(name));
        }
    }

    private void mail(String line) {
        if (!knowsNoBdat) {
            mta.begins(wire.remote());
        }
        knowsNoBdat = false;
        if (mood == Temper.BOASTFUL && unread.length() > read) {
            over = true;
            wire.abort();
            return;
        }
        switch (mood) {
            case MAIL_LATER -> say("451 4.3.0 later");
            case MAIL_NEVER -> say("550 5.7.1 not you");
            default -> {
                sender = path(line);
                data.setLength(0);
                inTransaction = true;
                say("250 2.1.0 ok");
            }
        }
    }

    private void rcpt(String line) {
        String recipient = path(line);
        if (!inTransaction) {
            say("503 5.5.1 MAIL first");
        } else if (mood == Temper.FULL) {
            say("452 4.2.2 full");
        } else if (mood == Temper.ONE_BY_ONE && recipients.size() >= dropAt % 2) {
            say("452 4.5.3 one by one");
        } else if (mood == Temper.GREYLISTING && mta.isNew(sender, recipient)) {
            say("450 4.2.0 come again");
        } else if (mood == Temper.STRICT && recipient.contains("unknown")) {
            say("550 5.1.1 nobody of that name");
        } else {
            recipients.add(recipient);
            say("250 2.1.5 ok");
        }
    }

    private void dataCommand() {
        if (recipients.isEmpty() || mood == Temper.DATA_REFUSED) {
            say("554 5.5.1 no valid recipients");
            return;
        }
        if (mood == Temper.DATA_LATER) {
            say("451 4.3.0 later");
            return;
        }
        inData = true;
        data.setLength(0);
        say("354 go on");
    }

    private void bdat(String line) {
        if (mood == Temper.BOASTFUL) {
            knowsNoBdat = true;
            say("502 5.5.1 no such command");
            return;
        }
        if (mood != Temper.CHUNKED) {
            ledger.wrong("BDAT to a host that does not offer it");
        }
        String[] words = line.split(" ", -1);
        chunk = new Chunk(Integer.parseInt(words[1]), words.length > 2);
    }

    private void dataLine(String line) {
        if (!line.equals(".")) {
            data.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
            return;
        }
        endOfData();
    }

    private void endOfData() {
        inData = false;
        String text = new String(data.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        if (mood == Temper.MESSAGE_NEVER) {
            say("554 5.6.0 not that");
        } else if (mood == Temper.MESSAGE_LATER) {
            say("451 4.3.0 not now");
            saidNotNow = true;
        } else {
            take(text);
        }
        reset();
    }

    private void take(String text) {
        mta.takes(wire.remote(), text, recipients);
        ledger.arrived(text, recipients);
        Letter.numberIn(text, ledger)
                .ifPresent(number -> inDoubt.put(
                        number, Letter.isReport(text) ? BounceReader.recipients(text) : List.copyOf(recipients)));
        if (mood == Temper.FORGETFUL) {
            over = true;
            wire.abort();
        } else if (mood == Temper.SILENT_AFTER_DOT) {
            silent = true;
        } else {
            say("250 2.0.0 taken");
        }
    }

    private void reset() {
        inTransaction = false;
        recipients.clear();
    }

    private void say(String line) {
        byte[] octets = (line + "\r\n").getBytes(StandardCharsets.UTF_8);
        wire.write(octets, 0, octets.length);
        wire.flush();
    }

    private void last(String line) {
        say(line);
        over = true;
        wire.close();
    }

    private String path(String line) {
        Matcher m = PATH.matcher(line);
        return m.matches() ? m.group(1) : "";
    }
}
