package org.hikyaku.smtp.server;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.hikyaku.config.Config;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sasl.ServerMechanisms;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.CommandParser;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.LineFramer;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one SMTP session (RFC 5321), a machine: inputs and the time in, actions out; no I/O, no clock.
 * The commands' rules are in {@link Verb}, what each does in a file of its own; here is what all share: phase, limits,
 * time, and the one thing that is waited for.
 *
 * <p>It promises that after each input it waits for exactly one of: the client ({@link #wantsLine} or {@link #inData}),
 * the answer to the last action, or nothing any more ({@link #isClosed}).
 *
 * <p><i>Failure:</i> whatever a client sends ends in a reply, or in 421 and a close; nothing throws but on a broken
 * promise of the caller's.
 */
public final class SmtpSession {
    /** Whose turn it is. */
    private enum Wait {
        /** The client's: a line. */
        LINE,
        /** The client's: the rest of a message. */
        MESSAGE,
        /** The client's, mostly. */
        HANDSHAKE,
        /** Ours: policy, the store. */
        OURS,
        /** Nobody's. */
        NOTHING
    }

    private final String name;
    private final Config config;
    private final String listener;
    private final Config.Listener rules;
    private final InetAddress remote;
    private final ServerMechanisms mechanisms;
    private final long sessionEnd;
    private final List<Action> actions = new ArrayList<>();

    private Phase phase = Phase.CONNECTED;
    private Wait wait = Wait.NOTHING;
    private @Nullable Consumer<Input> waiting;
    private long deadline;
    private boolean stopping;
    private int errors;
    private int commands;
    private int messages;
    private String helo = "";
    private boolean extended;
    private @Nullable TlsFacts tls;
    private @Nullable String user;
    private @Nullable SessionFacts facts;
    private @Nullable Transaction transaction;
    private @Nullable AuthDialog dialog;
    private int loginFailures;

    /**
     * @param name the id in the log
     * @param config the snapshot this session works by to its end
     * @param now nanoseconds of the World's clock
     */
    public SmtpSession(
            String name, Config config, String listener, InetAddress remote, ServerMechanisms mechanisms, long now) {
        this.name = name;
        this.config = config;
        this.listener = listener;
        this.remote = remote;
        this.mechanisms = mechanisms;
        this.rules = facts().rules();
        this.sessionEnd = now + rules.timeouts().session().toNanos();
        this.deadline = sessionEnd;
    }

    /** Takes an input; the list is valid until the next. */
    public List<Action> on(Input input, long now) {
        actions.clear();
        if (phase == Phase.CLOSED) {
            return actions;
        }
        switch (input) {
            case Input.Connected in -> connected();
            case Input.Line in -> line(in);
            case Input.BadLine in -> badLine(in.found());
            case Input.TimedOut in -> timedOut(now);
            case Input.Stop in -> stopping = true;
            case Input.Answer in -> resume(in);
            case Input.Secured in -> resume(in);
            case Input.DraftOpened in -> resume(in);
            case Input.DataEnd in -> resume(in);
            case Input.Stored in -> resume(in);
            case Input.NotStored in -> resume(in);
        }
        if (stopping && wantsLine()) {
            end(Replies.SHUTTING_DOWN, "service stopping");
        }
        if (!(input instanceof Input.TimedOut)) {
            setDeadline(now);
        }
        return actions;
    }

    /** Octets of a message came. */
    public void progress(long now) {
        setDeadline(now);
    }

    /** When, by the World's nanoseconds, {@link Input.TimedOut} is due. */
    public long deadline() {
        return deadline;
    }

    /** Whether it waits for a line of the client. Not during a message, nor while an answer is due. */
    public boolean wantsLine() {
        return wait == Wait.LINE;
    }

    /** Whether it waits for the rest of a message. */
    public boolean inData() {
        return wait == Wait.MESSAGE;
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
        if (facts == null) {
            facts = new SessionFacts(
                    name,
                    config,
                    listener,
                    remote,
                    helo.isEmpty() ? Optional.empty() : Optional.of(helo),
                    Optional.ofNullable(tls),
                    Optional.ofNullable(user));
        }
        return facts;
    }

    // ---- the session's own steps

    private void connected() {
        if (rules.tls() == Config.TlsMode.IMPLICIT) {
            startTls(() -> ask(new Question.Connect(), this::greet));
        } else {
            ask(new Question.Connect(), this::greet);
        }
    }

    /** RFC 5321 3.1: 220, or 554 and then only QUIT; 421 and 521 close. */
    private void greet(Verdict verdict) {
        phase = Phase.GREETED;
        Reply refusal = refusal(verdict);
        if (refusal == null) {
            send(Replies.greeting(config.hostname().ascii()));
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
            running.line(in.octets(), in.from(), in.to());
            return;
        }
        if (isOverLimit()) {
            return;
        }
        Command command = CommandParser.parse(in.octets(), in.from(), in.to());
        Verb verb = Verb.of(command);
        Reply refusal = verb.check(this, command);
        if (refusal == null) {
            verb.proceed(this, command);
        } else {
            refuse(command instanceof Command.Faulty faulty ? faulty.word() : verb.name(), refusal);
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
        if (now - deadline < 0 || wait == Wait.OURS) {
            return;
        }
        if (wait == Wait.HANDSHAKE) {
            close("TLS handshake took too long", false);
            return;
        }
        boolean old = now - sessionEnd >= 0;
        end(old ? Replies.SESSION_TOO_LONG : Replies.TIMED_OUT, old ? "session too long" : "client too slow");
    }

    private void resume(Input input) {
        Consumer<Input> then = waiting;
        if (then == null) {
            throw new IllegalStateException(input + " was not asked for");
        }
        waiting = null;
        wait = Wait.LINE;
        then.accept(input);
    }

    private void setDeadline(long now) {
        Duration limit = inData() ? rules.timeouts().data() : rules.timeouts().command();
        long end = now + limit.toNanos();
        deadline = wait == Wait.OURS ? Long.MAX_VALUE : end - sessionEnd < 0 ? end : sessionEnd;
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

    /** Sends a refusal. 4xx are no fault of the client's. */
    void fault(Reply reply) {
        send(reply);
        errors += reply.isPermanent() ? 1 : 0;
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
        wait = Wait.NOTHING;
        actions.add(new Action.Close(why, bidden));
    }

    void ask(Question question, Consumer<Verdict> then) {
        waitFor(Wait.OURS, new Action.Ask(question), in -> then.accept(((Input.Answer) in).verdict()));
    }

    /** After it the session is as after the greeting (RFC 3207 4.2). */
    void startTls(Runnable then) {
        waitFor(Wait.HANDSHAKE, new Action.StartTls(), in -> {
            tls = ((Input.Secured) in).facts();
            tell(new Note.Secured(tls.version(), tls.cipher()));
            forgetTransaction();
            helo = "";
            facts = null;
            phase = phase == Phase.CONNECTED ? Phase.CONNECTED : Phase.GREETED;
            then.run();
        });
    }

    void openDraft(Consumer<Input.DraftOpened> then) {
        waitFor(Wait.OURS, new Action.OpenDraft(), in -> then.accept((Input.DraftOpened) in));
    }

    void receive(Consumer<Input.DataEnd> then) {
        phase = Phase.DATA;
        waitFor(Wait.MESSAGE, new Action.Receive(fixesBareLineEnds()), in -> then.accept((Input.DataEnd) in));
    }

    void commit(Action.Commit commit, Consumer<Input> then) {
        waitFor(Wait.OURS, commit, then);
    }

    private void waitFor(Wait what, Action action, Consumer<Input> then) {
        wait = what;
        waiting = then;
        actions.add(action);
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
        helo = name;
        extended = asExtended;
        facts = null;
        phase = Phase.IDLE;
    }

    void begin(Transaction begun) {
        transaction = begun;
    }

    /** RFC 5321 4.1.1.5; the draft, if there is one, is aborted. */
    void forgetTransaction() {
        Transaction current = transaction;
        if (current != null && current.id != null) {
            actions.add(new Action.AbortDraft());
        }
        transaction = null;
        if (phase == Phase.SENDER || phase == Phase.RECIPIENTS || phase == Phase.DATA) {
            phase = Phase.IDLE;
        }
    }

    /** The transaction's draft was committed, with or without success: nothing is left of it to abort. */
    void stored(boolean lasting) {
        messages += lasting ? 1 : 0;
        transaction().id = null;
        forgetTransaction();
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

    void authenticated(String login) {
        user = login;
        facts = null;
    }

    /** Counts a failed login; true when it was one too many. */
    boolean isLoginFailureTooMany() {
        return ++loginFailures >= config.auth().failuresPerSessionMax();
    }

    boolean isAuthenticated() {
        return user != null;
    }

    boolean isSecured() {
        return tls != null;
    }

    /** Whether EHLO was said, not HELO. */
    boolean isExtended() {
        return extended;
    }

    boolean lacksRequiredTls() {
        return tls == null && rules.tls() == Config.TlsMode.REQUIRE;
    }

    boolean lacksRequiredLogin() {
        return user == null && rules.auth() == Config.AuthMode.REQUIRE;
    }

    private boolean fixesBareLineEnds() {
        return rules.bareLf() == Config.BareLf.FIX
                || config.limits().bareLfFixNetworks().stream().anyMatch(net -> net.contains(remote));
    }

    Config config() {
        return config;
    }

    Config.Listener rules() {
        return rules;
    }

    ServerMechanisms mechanisms() {
        return mechanisms;
    }

    /** What EHLO offers now. */
    Extension.Situation situation() {
        boolean startTls = rules.tls() == Config.TlsMode.OFFER || rules.tls() == Config.TlsMode.REQUIRE;
        List<String> offered = rules.auth() == Config.AuthMode.OFF ? List.of() : mechanisms.offered();
        return new Extension.Situation(
                startTls, tls != null, offered, config.limits().messageSizeMax());
    }
}
