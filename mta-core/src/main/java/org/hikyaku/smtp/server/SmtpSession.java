package org.hikyaku.smtp.server;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.hikyaku.config.Config;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sasl.ServerMechanism;
import org.hikyaku.sasl.ServerMechanisms;
import org.hikyaku.smtp.ChunkFramer;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.CommandParser;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.LineFramer;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one SMTP session (RFC 5321), a machine: inputs and the time in, actions out; no I/O, no clock.
 * The commands' rules are in {@link Verbs}, what each does in a file of its own, all of an extension in its {@link Feature}; here is what all share: phase, limits,
 * time, and the one thing that is waited for.
 *
 * <p>It promises that after each input it waits for exactly one of: the client ({@link #wantsLine} or {@link #inData}),
 * the answer to the last action, or nothing any more ({@link #isClosed}).
 *
 * <p><i>Failure:</i> whatever a client sends ends in a reply, or in 421 and a close; nothing throws but on a broken
 * promise of the caller's.
 */
public final class SmtpSession {
    private final Config config;
    private final ServerMechanisms mechanisms;
    private final Client client;
    private final ListenerSettings rules;
    private final Turn turn;
    private final List<Action> actions = new ArrayList<>();

    private Instant connectedAt = Instant.EPOCH;
    private long connectedNanos;
    private long latest;
    private Phase phase = Phase.CONNECTED;
    private boolean stopping;
    private final EarlyTalker early;

    private int errors;
    private int commands;
    private int messages;
    private int loginFailures;
    private @Nullable Transaction transaction;
    private @Nullable AuthDialog dialog;
    private @Nullable ChunkFailure chunkFailure;

    /**
     * What a BDAT was answered when it failed: the answer to those of its message that were sent behind it, too.
     *
     * @param recipients of the message
     */
    record ChunkFailure(Reply reply, int recipients) {}

    /**
     * @param name the id in the log
     * @param config the snapshot this session works by to its end
     * @param now nanoseconds of the World's clock
     */
    public SmtpSession(
            String name, Config config, String listener, InetAddress remote, ServerMechanisms mechanisms, long now) {
        this.config = config;
        this.mechanisms = mechanisms;
        this.client = new Client(name, config, listener, remote);
        this.rules = client.rules();
        this.turn = new Turn(rules.timeouts(), now);
        this.early = new EarlyTalker(rules.earlyTalkers(), this::tell);
    }

    /** Takes an input; the list is valid until the next. */
    public List<Action> on(Input input, long now) {
        actions.clear();
        latest = now;
        if (phase == Phase.CLOSED) {
            return actions;
        }
        if (isAnswer(input) && phase != Phase.CONNECTED && early.isRefused()) {
            end(Replies.SENT_AHEAD, "sent ahead of a reply");
            return actions;
        }
        switch (input) {
            case Input.Connected in -> {
                connectedAt = in.at();
                connectedNanos = now;
                connected();
            }
            case Input.Line in -> line(in);
            case Input.BadLine in -> badLine(in.found());
            case Input.TimedOut in -> timedOut(now);
            case Input.Stop in -> stopping = true;
            case Input.Answer in -> turn.resume(in);
            case Input.Secured in -> turn.resume(in);
            case Input.Rested in -> turn.resume(in);
            case Input.QueueStarted in -> turn.resume(in);
            case Input.TurnPrepared in -> turn.resume(in);
            case Input.DraftOpened in -> turn.resume(in);
            case Input.DataEnd in -> turn.resume(in);
            case Input.ChunkEnd in -> turn.resume(in);
            case Input.Skipped in -> turn.resume(in);
            case Input.Stored in -> turn.resume(in);
            case Input.NotStored in -> turn.resume(in);
        }
        if (stopping && wantsLine() && phase != Phase.CHUNKS) { // a message on its way comes in
            end(Replies.SHUTTING_DOWN, "service stopping");
        }
        if (!(input instanceof Input.TimedOut)) {
            turn.renew(now);
        }
        return actions;
    }

    /** Octets of a message came. */
    public void progress(long now) {
        turn.renew(now);
    }

    /** When, by the World's nanoseconds, {@link Input.TimedOut} is due. */
    public long deadline() {
        return turn.deadline();
    }

    /** Whether it waits for a line of the client. Not during a message, nor while an answer is due. */
    public boolean wantsLine() {
        return turn.wantsLine();
    }

    /** Whether it waits for the rest of a message. */
    public boolean inData() {
        return turn.inData();
    }

    public boolean isClosed() {
        return phase == Phase.CLOSED;
    }

    public int messages() {
        return messages;
    }

    public int errors() {
        return errors;
    }

    /** What is known, for a question. */
    public SessionFacts facts() {
        return client.facts();
    }

    // ---- the session's own steps

    private void connected() {
        if (rules.tls() == ListenerSettings.TlsMode.IMPLICIT) {
            startTls(this::letWait);
        } else {
            letWait();
        }
    }

    private void letWait() {
        if (rules.mode() == ListenerSettings.Mode.NONE) {
            end(Replies.NO_MAIL_HERE, "no mail is taken here"); // RFC 7504 3
        } else if (rules.greetingDelay().isPositive()) {
            rest(rules.greetingDelay(), () -> ask(new Question.Connect(), this::greet));
        } else {
            ask(new Question.Connect(), this::greet);
        }
    }

    /** Octets came; noted if the client had to wait for its greeting (RFC 5321 3.1) or for a reply (RFC 2920 3.1). */
    public void spoke() {
        if (phase == Phase.CONNECTED) {
            early.spokeBeforeGreeting(turn.isHandshake());
        } else {
            early.spoke(turn.isOurs());
        }
    }

    /** Behind the command that comes next more octets are there already. */
    public void followed() {
        early.followed();
    }

    private static boolean isAnswer(Input input) {
        return switch (input) {
            case Input.Answer in -> true;
            case Input.Rested in -> true;
            case Input.DraftOpened in -> true;
            default -> false;
        };
    }

    /** RFC 5321 3.1: 220, or 554 and then only QUIT; 421 and 521 close. */
    private void greet(Verdict verdict) {
        phase = client.isGreeted() ? Phase.IDLE : Phase.GREETED;
        if (early.isRefused()) {
            end(Replies.SPOKE_EARLY, "spoke before the greeting");
            return;
        }
        Reply refusal = refusal(verdict);
        if (refusal == null) {
            send(Replies.greeting(config.hostname().ascii(), isLmtp() ? "LMTP" : "ESMTP"));
            return;
        }
        if (phase == Phase.CLOSED) {
            return;
        }
        tell(new Note.CommandRejected("connect", refusal.text()));
        if (refusal.code() == 421 || refusal.code() == 521) {
            end(refusal, "refused by policy");
        } else {
            phase = Phase.REFUSED;
            send(new Reply(554, refusal.isPermanent() ? refusal.enhanced() : "5.7.1", refusal.lines()));
        }
    }

    private void line(Input.Line in) {
        if (!wantsLine()) {
            throw new IllegalStateException("a line in " + phase);
        }
        AuthDialog running = dialog;
        if (running != null) {
            early.dialogGoesOn();
            running.line(in.octets(), in.from(), in.to());
            return;
        }
        if (isOverLimit()) {
            return;
        }
        Command command = CommandParser.parse(in.octets(), in.from(), in.to());
        early.begins(Pipelining.endsGroup(command));
        if (early.isRefused()) {
            end(Replies.SENT_AHEAD, "sent ahead of a reply");
            return;
        }
        Verb<?> verb = Verbs.of(command);
        Reply refusal = verb.check(this, command);
        if (refusal == null) {
            verb.proceed(this, command);
        } else {
            verb.refuse(this, command, refusal);
        }
    }

    private void badLine(LineFramer.Found found) {
        boolean tooLong = found == LineFramer.Found.TOO_LONG;
        AuthDialog running = dialog;
        if (running != null) {
            running.broken(tooLong ? Replies.AUTH_LINE_TOO_LONG : Replies.BROKEN_LINE);
        } else if (!isOverLimit()) {
            refuse("", tooLong ? Replies.LINE_TOO_LONG : Replies.BROKEN_LINE);
        }
    }

    /** Counts a command; past a limit its reply is 421 (RFC 5321 3.8), so that each command has exactly one (4.2). */
    private boolean isOverLimit() {
        if (errors >= config.limits().errorsPerSessionMax()) {
            end(Replies.TOO_MANY_ERRORS, "too many errors");
        } else if (++commands > config.limits().commandsPerSessionMax()) {
            end(Replies.TOO_MANY_COMMANDS, "too many commands");
        }
        return isClosed();
    }

    /** RFC 5321 4.5.3.2, 3.8: 421 and close. What is under way on our side is always waited for. */
    private void timedOut(long now) {
        if (!turn.isOver(now)) {
            return;
        }
        if (turn.isHandshake()) {
            close("TLS handshake took too long", false);
            return;
        }
        boolean old = turn.isSessionOver(now);
        end(old ? Replies.SESSION_TOO_LONG : Replies.TIMED_OUT, old ? "session too long" : "client too slow");
    }

    // ---- what verbs may do

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
        errors += reply.isPermanent() ? 1 : 0;
        Duration wait = reply.isPermanent() ? client.tarpit(errors) : Duration.ZERO;
        if (wait.isPositive()) {
            rest(wait, () -> send(reply));
        } else {
            send(reply);
        }
    }

    /** Goes on with {@code then} after a while; nothing of the client's is taken before. The last that is done in a step. */
    private void rest(Duration time, Runnable then) {
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
        errors += reply.isPermanent() ? 1 : 0;
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

    private void close(String why, boolean bidden) {
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

    /** As after the connect, with what is known of the client now: asked whether he may come, and greeted (XCLIENT). */
    void beginAnew() {
        forgetTransaction();
        phase = Phase.GREETED;
        ask(new Question.Connect(), this::greet);
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

    /** The connection was ours, and its roles have changed: under this TLS (RFC 2645 5.3). Before the first input. */
    public void turned(TlsFacts facts) {
        client.secured(facts);
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
        messages += lasting ? 1 : 0;
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

    void dialog(@Nullable AuthDialog running) {
        dialog = running;
        phase = running == null ? Phase.IDLE : Phase.AUTH;
    }

    /** Counts a failed login; true when it was one too many. */
    boolean isLoginFailureTooMany() {
        return ++loginFailures >= config.auth().failuresPerSessionMax();
    }

    Client client() {
        return client;
    }

    /** The time of the day: that of the connection's beginning and what has passed since, whoever sets the clock. */
    Instant wall() {
        return connectedAt.plusNanos(latest - connectedNanos);
    }

    Config config() {
        return config;
    }

    ListenerSettings rules() {
        return rules;
    }

    /** The mechanisms of SASL that this connection may use: none in clear, none where the listener takes no AUTH. */
    List<String> offeredMechanisms() {
        return rules.auth() == ListenerSettings.AuthMode.OFF
                ? List.of()
                : client.tls().map(mechanisms::offered).orElse(List.of());
    }

    Optional<ServerMechanism> begin(String mechanism) {
        return client.tls().flatMap(tls -> mechanisms.begin(mechanism, tls));
    }

    /** What EHLO offers now. */
    Extension.Situation situation() {
        return client.situation(offeredMechanisms(), wall());
    }
}
