package org.hikyaku.smtp.server;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.hikyaku.config.Config;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.ChunkFramer;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * Where a session stands, and what a verb may do about it: its phase, its client, the transaction under way; send a reply,
 * tell a note, or have something done outside of it and go on with the answer. Each of these is an {@link Action} of the
 * step that is under way.
 *
 * <p>It promises that a transaction's draft is either committed or aborted, whichever way the transaction ends.
 *
 * <p><i>Failure:</i> a verb that asks for what its phase cannot have (a transaction where there is none) throws, which
 * is a bug.
 */
final class SessionState {
    private final Config config;
    private final Client client;
    private final ListenerSettings rules;
    private final Turn turn;
    private final EarlyTalker early;
    private final SessionCounts counts;
    private final List<Action> actions = new ArrayList<>();

    private Instant connectedAt = Instant.EPOCH;
    private long connectedNanos;
    private long latest;
    private Phase phase = Phase.CONNECTED;
    private @Nullable Transaction transaction;
    private @Nullable AuthDialog dialog;
    private @Nullable ChunkFailure chunkFailure;

    /**
     * What a BDAT was answered when it failed: the answer to those of its message that were sent behind it, too.
     *
     * @param recipients of the message
     */
    record ChunkFailure(Reply reply, int recipients) {}

    SessionState(Client client, Config config, long now) {
        this.config = config;
        this.client = client;
        this.rules = client.rules();
        this.turn = new Turn(rules.timeouts(), now);
        this.early = new EarlyTalker(rules.earlyTalkers(), this::tell);
        this.counts = new SessionCounts(config);
    }

    /** A step begins; the actions it will have taken. */
    List<Action> begin(long now) {
        actions.clear();
        latest = now;
        return actions;
    }

    void connected(Instant at, long now) {
        connectedAt = at;
        connectedNanos = now;
    }

    void send(Reply reply) {
        actions.add(new Action.Send(reply));
    }

    /** A refusal of a command: counted and told. */
    void refuse(String verb, Reply reply) {
        tell(new Note.CommandRejected(verb, reply.text()));
        fault(reply);
    }

    /** Sends a refusal, later when there were many. 4xx are no fault of the client's. The last that is done in a step. */
    void fault(Reply reply) {
        counts.refused(reply);
        Duration wait = reply.isPermanent() ? client.tarpit(counts.errors()) : Duration.ZERO;
        if (wait.isPositive()) {
            rest(wait, () -> send(reply));
        } else {
            send(reply);
        }
    }

    /** Goes on with {@code then} after a while; nothing of the client's is taken before. The last that is done in a step. */
    void rest(Duration time, Runnable then) {
        turn.ours(in -> then.run());
        actions.add(new Action.Rest(time));
    }

    /**
     * The answer to the end of data, before the transaction is forgotten: in LMTP once for each recipient that was taken
     * (RFC 2033 4.2). A refusal counts as one.
     */
    void conclude(Reply reply) {
        conclude(reply, recipients());
    }

    /** As {@link #conclude(Reply)}, where {@code recipients} were taken; in LMTP nothing where none was (RFC 2033 4.3). */
    void conclude(Reply reply, int recipients) {
        int replies = isLmtp() ? recipients : 1;
        for (int i = 0; i < replies; i++) {
            send(reply);
        }
        counts.refused(reply);
    }

    /** How many recipients of the message under way were taken. */
    int recipients() {
        return transaction == null ? 0 : transaction.recipients.size();
    }

    boolean isOdmr() {
        return rules.mode() == ListenerSettings.Mode.ODMR;
    }

    boolean isLmtp() {
        return rules.mode() == ListenerSettings.Mode.LMTP;
    }

    void tell(Note note) {
        actions.add(new Action.Tell(note));
    }

    /** A last reply, and the end. */
    void end(Reply reply, String why) {
        send(reply);
        close(why, false);
    }

    /** The end that the client asked for. */
    void endAsBidden(Reply reply) {
        send(reply);
        close("quit", true);
    }

    void close(String why, boolean bidden) {
        forgetTransaction();
        phase = Phase.CLOSED;
        turn.nobodys();
        actions.add(new Action.Close(why, bidden));
    }

    void ask(Question question, Consumer<Verdict> then) {
        turn.ours(in -> then.accept(((Input.Answer) in).verdict()));
        actions.add(new Action.Ask(question));
    }

    /** After it the session is as after the greeting (RFC 3207 4.2). */
    void startTls(Runnable then) {
        turn.handshake(in -> {
            TlsFacts facts = ((Input.Secured) in).facts();
            client.secured(facts);
            tell(new Note.Secured(facts.version(), facts.cipher()));
            forgetTransaction();
            phase = phase == Phase.CONNECTED ? Phase.CONNECTED : Phase.GREETED;
            then.run();
        });
        actions.add(new Action.StartTls());
    }

    void startQueue(List<DomainPattern> domains, Consumer<Input.QueueStarted> then) {
        turn.ours(in -> then.accept((Input.QueueStarted) in));
        actions.add(new Action.StartQueue(domains));
    }

    void prepareTurn(String user, List<DomainPattern> domains, Consumer<Input.Fetching> then) {
        turn.ours(in -> then.accept(((Input.TurnPrepared) in).how()));
        actions.add(new Action.PrepareTurn(user, domains));
    }

    /** The roles change: nothing more is heard or said here. */
    void turnOver(Reply reply) {
        send(reply);
        forgetTransaction();
        phase = Phase.CLOSED;
        turn.nobodys();
        actions.add(new Action.Turn());
    }

    void openDraft(Consumer<Input.DraftOpened> then) {
        turn.ours(in -> then.accept((Input.DraftOpened) in));
        actions.add(new Action.OpenDraft());
    }

    void receive(Consumer<Input.DataEnd> then) {
        phase = Phase.DATA;
        early.begins(false); // the next may begin behind the message
        turn.message(in -> then.accept((Input.DataEnd) in));
        actions.add(new Action.Receive(client.mayEndLinesBarely()));
    }

    /** Reads a chunk of the message; answered by {@link Input.ChunkEnd}, or {@link Input.DataEnd} to the last. */
    void receive(Command.Bdat chunk, Consumer<Input> then) {
        phase = Phase.DATA;
        turn.message(then);
        ChunkFramer.LineEnds lines =
                client.mayEndLinesBarely() ? ChunkFramer.LineEnds.FIX : ChunkFramer.LineEnds.REFUSE;
        actions.add(new Action.ReceiveChunk(
                chunk.octets(), chunk.last(), transaction().wishes.binary() ? ChunkFramer.LineEnds.KEEP : lines));
    }

    /** Reads octets away. */
    void skip(long octets, Runnable then) {
        turn.message(in -> then.run());
        actions.add(new Action.Skip(octets));
    }

    void commit(Action.Commit commit, Consumer<Input> then) {
        turn.ours(then);
        actions.add(commit);
    }

    /**
     * The reply if {@code verdict} refuses, null if not; what else it says is put down in the transaction. A Close has
     * ended the session when this returns.
     */
    @Nullable
    Reply refusal(Verdict verdict) {
        Transaction current = transaction;
        switch (verdict) {
            case Verdict.Pass pass when current != null -> current.headers.addAll(pass.headers());
            case Verdict.Hold hold when current != null -> current.hold = hold.why();
            case Verdict.Discard discard when current != null -> current.discard = discard.why();
            case Verdict.Reject reject -> {
                return reject.reply();
            }
            case Verdict.Close close -> {
                end(close.reply(), "closed by policy");
                return close.reply();
            }
            default -> {}
        }
        return null;
    }

    /** HELO or EHLO was taken: what was under way is over (RFC 5321 4.1.4). */
    void greeted(String name, boolean asExtended) {
        forgetTransaction();
        client.greeted(name, asExtended);
        phase = Phase.IDLE;
    }

    void begin(Transaction begun) {
        transaction = begun;
        chunkFailure = null;
    }

    /** RFC 5321 4.1.1.5; the draft, if there is one, is aborted. */
    void forgetTransaction() {
        Transaction current = transaction;
        if (current != null && current.id != null) {
            actions.add(new Action.AbortDraft());
        }
        transaction = null;
        client.forwarded(Map.of());
        chunkFailure = null;
        switch (phase) {
            case SENDER, RECIPIENTS, DATA, CHUNKS -> phase = Phase.IDLE;
            case CONNECTED, REFUSED, GREETED, IDLE, AUTH, CLOSED -> {}
        }
    }

    /** The transaction's draft was committed, with or without success: nothing is left of it to abort. */
    void stored(boolean lasting) {
        if (lasting) {
            counts.stored();
        }
        if (lasting && !client.forwarded().isEmpty()) {
            tell(new Note.Forwarded(transaction().requireId(), client.forwarded()));
        }
        transaction().id = null;
        forgetTransaction();
    }

    @Nullable
    ChunkFailure chunkFailure() {
        return chunkFailure;
    }

    void chunkFailure(@Nullable ChunkFailure failure) {
        chunkFailure = failure;
    }

    Transaction transaction() {
        return Objects.requireNonNull(transaction, "no transaction");
    }

    void phase(Phase next) {
        phase = next;
    }

    Phase phase() {
        return phase;
    }

    boolean isClosed() {
        return phase == Phase.CLOSED;
    }

    @Nullable
    AuthDialog dialog() {
        return dialog;
    }

    void dialog(@Nullable AuthDialog running) {
        dialog = running;
        phase = running == null ? Phase.IDLE : Phase.AUTH;
    }

    Client client() {
        return client;
    }

    /** The time of the day: that of the connection's beginning and what has passed since, whoever sets the clock. */
    Instant wall() {
        return connectedAt.plusNanos(latest - connectedNanos);
    }

    /** What is known, for a question. */
    SessionFacts facts() {
        return client.facts();
    }

    SessionCounts counts() {
        return counts;
    }

    Turn turn() {
        return turn;
    }

    EarlyTalker early() {
        return early;
    }

    Config config() {
        return config;
    }

    ListenerSettings rules() {
        return rules;
    }

    /** What EHLO offers now. */
    Extension.Situation situation() {
        return client.situation(wall());
    }
}
