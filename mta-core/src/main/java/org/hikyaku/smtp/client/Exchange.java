package org.hikyaku.smtp.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Recipient;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Reply;
import org.hikyaku.smtp.client.Trouble.Kind;
import org.hikyaku.smtp.client.Trouble.Stage;
import org.jspecify.annotations.Nullable;

/**
 * One transaction: MAIL, RCPT..., DATA, the message, its end; in one flight where the server offers PIPELINING (RFC 2920
 * 3.1: DATA is the last command of a group). Or BDATs in place of DATA: the first when all before it is answered (RFC 3030
 * 2), the others behind it without waiting where there is PIPELINING.
 *
 * <p><i>Failure:</i> whatever comes, each recipient has a fate when {@link #isOver}; what stands of a recipient already
 * refused or taken is not changed by what follows.
 */
final class Exchange {
    private static final byte[] LONE_DOT = {'.', '\r', '\n'};

    /** What a reply is awaited for. */
    private enum Verb {
        RSET,
        MAIL,
        RCPT,
        DATA,
        /** A BDAT that is not the last. */
        CHUNK,
        /** The end of a message for nobody. */
        LONE_DOT,
        END
    }

    /** A command; {@code place} is the recipient's, -1 for all. */
    private record Command(Verb verb, int place, String line) {}

    private final boolean lmtp;
    private final boolean pipelined;
    private final boolean chunked;
    private final @Nullable Fate[] fates;
    private final List<Integer> accepted = new ArrayList<>();
    private final Deque<Command> unsent = new ArrayDeque<>();
    private final Deque<Command> awaited = new ArrayDeque<>();
    private boolean mailRefused;
    private boolean streaming;
    /** All of the message is on its way: the host may come to have it. */
    private boolean sent;

    private boolean chunkRefused;
    private boolean over;
    private boolean reusable = true;
    /** The server may hold an unfinished transaction: RSET before the next. */
    private boolean dirty;

    Exchange(Transaction transaction, ServerOffer offer, boolean lmtp, boolean resetFirst, boolean loggedIn) {
        this.lmtp = lmtp;
        pipelined = offer.has(Extension.PIPELINING);
        chunked = transaction.body().chunked();
        fates = new Fate[transaction.recipients().size()];
        if (resetFirst) {
            unsent.add(new Command(Verb.RSET, -1, "RSET"));
        }
        unsent.add(new Command(Verb.MAIL, -1, Lines.mail(transaction, offer, loggedIn)));
        int place = 0;
        for (Recipient recipient : transaction.recipients()) {
            unsent.add(new Command(Verb.RCPT, place++, Lines.rcpt(transaction, recipient, offer)));
        }
        if (!chunked) {
            unsent.add(new Command(Verb.DATA, -1, "DATA"));
        }
    }

    /** Why this server cannot take this transaction at all; known before anything is sent. */
    static Optional<Trouble> objection(Transaction t, ServerOffer offer) {
        if (offer.sizeMax() > 0 && t.size() > offer.sizeMax()) { // RFC 1870 6.3
            String text = "the message has " + t.size() + " octets, the host takes " + offer.sizeMax();
            return Optional.of(Trouble.of(Stage.MAIL, Kind.TOO_LARGE, text));
        }
        if (t.utf8() && !offer.has(Extension.SMTPUTF8)) { // RFC 6531 3.2
            return Optional.of(Trouble.of(Stage.MAIL, Kind.NEEDS_SMTPUTF8, "the host does not offer SMTPUTF8"));
        }
        boolean eightBit = t.body().octets() == Body.Octets.EIGHT_BIT;
        if (eightBit && !offer.has(Extension.EIGHTBITMIME)) { // RFC 6152 3
            return Optional.of(Trouble.of(Stage.MAIL, Kind.NEEDS_8BITMIME, "the host does not offer 8BITMIME"));
        }
        // RFC 3030 2, 3: nothing is sent that it may not know, nothing binary under any circumstances
        boolean binary = t.body().octets() == Body.Octets.BINARY;
        if ((t.body().chunked() && !offer.has(Extension.CHUNKING)) || (binary && !offer.has(Extension.BINARYMIME))) {
            String text = "the host does not offer CHUNKING" + (binary ? " and BINARYMIME" : "");
            return Optional.of(Trouble.of(Stage.MAIL, Kind.NEEDS_BINARYMIME, text));
        }
        return Optional.empty();
    }

    void start(List<Act> acts) {
        sendNext(acts);
    }

    boolean isOver() {
        return over;
    }

    boolean isReusable() {
        return reusable;
    }

    boolean isDirty() {
        return dirty;
    }

    boolean isStreaming() {
        return streaming;
    }

    /** Whether the next part may go: where there is no PIPELINING, once the part before it is answered. */
    boolean wantsPart() {
        return streaming && (pipelined || awaited.isEmpty());
    }

    /** What goes before the next part of the message. */
    byte[] beforePart(int octets, boolean last) {
        if (!chunked) {
            return new byte[0];
        }
        if (!last) {
            awaited.add(new Command(Verb.CHUNK, -1, ""));
        }
        return ("BDAT " + octets + (last ? " LAST\r\n" : "\r\n")).getBytes(StandardCharsets.US_ASCII);
    }

    /** Once over: one for each recipient. */
    List<Fate> fates() {
        List<Fate> all = new ArrayList<>(fates.length);
        for (Fate fate : fates) {
            all.add(
                    fate == null
                            ? new Fate.Refused(Trouble.of(Stage.MAIL, Kind.GARBAGE, "no reply for this recipient"))
                            : fate);
        }
        return all;
    }

    /** Where we are: for time limits and for the words of a failure. */
    Stage stage() {
        if (streaming || sent) {
            return sent ? Stage.END_OF_DATA : Stage.BODY;
        }
        Command head = awaited.peek();
        return head == null ? Stage.MAIL : stageOf(head);
    }

    void bodyEnded() {
        streaming = false;
        sent = true;
        if (lmtp) { // RFC 2033 4.2: a reply for each RCPT that was taken, in their order
            accepted.forEach(place -> awaited.add(new Command(Verb.END, place, "")));
        } else {
            awaited.add(new Command(Verb.END, -1, ""));
        }
    }

    /** The connection is of no more use: who has no fate yet gets this one. */
    void fail(Trouble trouble) {
        settleOpen(new Fate.Refused(trouble));
        reusable = false;
        over = true;
    }

    void reply(Reply reply, List<Act> acts) {
        Command command = streaming && !chunked ? null : awaited.poll();
        if (command == null && streaming && !reply.isPositive()) {
            fail(Trouble.of(Stage.BODY, reply)); // it has heard enough; the rest of the message stays here
            return;
        }
        if (command == null) {
            garbage("a reply that nothing asked for: " + reply.text());
            return;
        }
        if (reply.code() == 421) {
            refuse(command, reply);
            fail(Trouble.of(stageOf(command), reply));
            return;
        }
        switch (command.verb()) {
            case RSET -> {
                if (reply.code() / 100 != 2) {
                    garbage("RSET refused: " + reply.text());
                }
            }
            case MAIL -> mail(command, reply);
            case RCPT -> recipient(command, reply);
            case DATA -> data(command, reply, acts);
            case CHUNK -> chunk(command, reply, acts);
            case LONE_DOT -> end(false);
            case END -> message(command, reply);
        }
        if (!over) {
            sendNext(acts);
            startChunks(acts);
        }
    }

    /** RFC 3030 2: the message goes when all that was said of sender and recipients is answered. */
    private void startChunks(List<Act> acts) {
        if (!chunked || streaming || sent || chunkRefused || !unsent.isEmpty() || !awaited.isEmpty()) {
            return;
        }
        if (mailRefused || accepted.isEmpty()) {
            end(!mailRefused || !accepted.isEmpty());
        } else {
            streaming = true;
            acts.add(new Act.SendBody());
        }
    }

    /** RFC 3030 2: after a refused chunk no other is sent; those under way are answered, then RSET ends it. */
    private void chunk(Command command, Reply reply, List<Act> acts) {
        if (reply.code() / 100 != 2) {
            refuse(command, reply);
            if (!chunkRefused) {
                acts.add(new Act.StopBody());
            }
            chunkRefused = true;
            streaming = false;
        }
        if (chunkRefused && awaited.isEmpty() && !over) {
            end(true);
        } else if (chunkRefused && lmtp && !over) {
            reusable = false; // how many replies come to the last is anybody's guess
            over = true;
        }
    }

    private void mail(Command command, Reply reply) {
        if (reply.code() / 100 == 2) {
            return;
        }
        refuse(command, reply);
        mailRefused = true;
        if (!pipelined) {
            end(false);
        }
    }

    private void recipient(Command command, Reply reply) {
        if (reply.code() / 100 == 2) {
            accepted.add(command.place());
        } else {
            refuse(command, reply);
        }
        Command next = unsent.peek();
        if (next != null && next.verb() == Verb.DATA && accepted.isEmpty() && !over) {
            end(true); // nobody to send it to; only where DATA was not sent along
        }
    }

    private void data(Command command, Reply reply, List<Act> acts) {
        if (reply.code() != 354) {
            refuse(command, reply);
            if (!over) {
                end(true);
            }
        } else if (!mailRefused && !accepted.isEmpty()) {
            streaming = true;
            acts.add(new Act.SendBody());
        } else if (accepted.isEmpty() && !lmtp) {
            // RFC 2920 3.1: all were refused, DATA was taken: the message for nobody is ended at once
            acts.add(new Act.Send(LONE_DOT.clone()));
            awaited.add(new Command(Verb.LONE_DOT, -1, ""));
        } else {
            // an empty message would reach those it took, or LMTP would have no reply to give: hang up
            reusable = false;
            over = true;
        }
    }

    private void message(Command command, Reply reply) {
        if (reply.code() / 100 == 2) {
            settle(command, new Fate.Taken(reply));
        } else {
            refuse(command, reply);
        }
        if (awaited.isEmpty() && !over) {
            // RFC 3030 2: after a BDAT that failed there must be RSET
            end(chunkRefused || (chunked && !lmtp && !reply.isPositive()));
        }
    }

    private void end(boolean leavesTransaction) {
        over = true;
        dirty = leavesTransaction;
        settleOpen(new Fate.Refused(Trouble.of(Stage.MAIL, Kind.GARBAGE, "the host gave no reply for this recipient")));
    }

    private void refuse(Command command, Reply reply) {
        if (reply.isPositive()) {
            fail(Trouble.of(stageOf(command), Kind.GARBAGE, "no answer to " + command.verb() + ": " + reply.text()));
        } else {
            settle(command, new Fate.Refused(Trouble.of(stageOf(command), reply)));
        }
    }

    private void garbage(String text) {
        fail(Trouble.of(stage(), Kind.GARBAGE, text));
    }

    private void settle(Command command, Fate fate) {
        if (command.place() < 0) {
            settleOpen(fate);
        } else if (fates[command.place()] == null) {
            fates[command.place()] = fate;
        }
    }

    private void settleOpen(Fate fate) {
        for (int i = 0; i < fates.length; i++) {
            if (fates[i] == null) {
                fates[i] = fate;
            }
        }
    }

    private static Stage stageOf(Command command) {
        return switch (command.verb()) {
            case RSET, MAIL -> Stage.MAIL;
            case RCPT -> Stage.RECIPIENT;
            case DATA, LONE_DOT -> Stage.DATA;
            case CHUNK -> Stage.BODY;
            case END -> Stage.END_OF_DATA;
        };
    }

    /** All that is left in one flight, or the next command once the last is answered. */
    private void sendNext(List<Act> acts) {
        if (unsent.isEmpty() || (!pipelined && !awaited.isEmpty())) {
            return;
        }
        StringBuilder text = new StringBuilder();
        do {
            Command command = unsent.remove();
            text.append(command.line()).append("\r\n");
            awaited.add(command);
        } while (pipelined && !unsent.isEmpty());
        acts.add(new Act.Send(text.toString().getBytes(StandardCharsets.UTF_8)));
    }
}
