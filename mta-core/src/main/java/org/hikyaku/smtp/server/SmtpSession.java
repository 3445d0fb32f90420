package org.hikyaku.smtp.server;

import java.net.InetAddress;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.mail.HostUser;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.sasl.ServerMechanisms;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.CommandParser;
import org.hikyaku.smtp.LineFramer;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;

/**
 * The server's side of one SMTP session (RFC 5321), a machine: inputs and the time in, actions out; no I/O, no clock.
 * Here is what comes in: to whom each input goes, and the end of who is too slow, too wrong or too early. How it begins is in
 * {@link Opening}, the commands' rules in {@link Verbs}, what each does in a file of its own, all of an extension in its
 * {@link Feature}; what they share is the {@link SessionState}.
 *
 * <p>It promises that after each input it waits for exactly one of: the client ({@link #wantsLine} or {@link #inData}),
 * the answer to the last action, or nothing any more ({@link #isClosed}).
 *
 * <p><i>Failure:</i> whatever a client sends ends in a reply, or in 421 and a close; nothing throws but on a broken
 * promise of the caller's.
 */
public final class SmtpSession {
    private final SessionState state;
    private final SessionCounts counts;
    private final Turn turn;
    private final EarlyTalker early;
    private boolean stopping;

    /**
     * @param name the id in the log
     * @param config the snapshot this session works by to its end
     * @param now nanoseconds of the World's clock
     */
    public SmtpSession(
            String name, Config config, String listener, InetAddress remote, ServerMechanisms mechanisms, long now) {
        this.state = new SessionState(new Client(name, config, listener, remote, mechanisms), config, now);
        this.counts = state.counts();
        this.turn = state.turn();
        this.early = state.early();
    }

    /** Takes an input; the list is valid until the next. */
    public List<Action> on(Input input, long now) {
        List<Action> actions = state.begin(now);
        if (isClosed()) {
            return actions;
        }
        if (isAnswer(input) && state.phase() != Phase.CONNECTED && early.isRefused()) {
            state.end(Replies.SENT_AHEAD, "sent ahead of a reply");
            return actions;
        }
        switch (input) {
            case Input.Connected in -> {
                state.connected(in.at(), now);
                Opening.begin(state);
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
        if (stopping && wantsLine() && state.phase() != Phase.CHUNKS) { // a message on its way comes in
            state.end(Replies.SHUTTING_DOWN, "service stopping");
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
        return state.isClosed();
    }

    public int messages() {
        return counts.messages();
    }

    public int errors() {
        return counts.errors();
    }

    /** What is known, for a question. */
    public SessionFacts facts() {
        return state.facts();
    }

    /** Octets came; noted if the client had to wait for its greeting (RFC 5321 3.1) or for a reply (RFC 2920 3.1). */
    public void spoke() {
        if (state.phase() == Phase.CONNECTED) {
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

    private void line(Input.Line in) {
        if (!wantsLine()) {
            throw new IllegalStateException("a line in " + state.phase());
        }
        AuthDialog running = state.dialog();
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
            state.end(Replies.SENT_AHEAD, "sent ahead of a reply");
            return;
        }
        Verb<?> verb = Verbs.of(command);
        Reply refusal = verb.check(state, command);
        if (refusal == null) {
            verb.proceed(state, command);
        } else {
            verb.refuse(state, command, refusal);
        }
    }

    private void badLine(LineFramer.Found found) {
        boolean tooLong = found == LineFramer.Found.TOO_LONG;
        AuthDialog running = state.dialog();
        if (running != null) {
            running.broken(tooLong ? Replies.AUTH_LINE_TOO_LONG : Replies.BROKEN_LINE);
        } else if (!isOverLimit()) {
            state.refuse("", tooLong ? Replies.LINE_TOO_LONG : Replies.BROKEN_LINE);
        }
    }

    /** Counts a command; past a limit its reply is 421 (RFC 5321 3.8), so that each command has exactly one (4.2). */
    private boolean isOverLimit() {
        if (counts.areErrorsTooMany()) {
            state.end(Replies.TOO_MANY_ERRORS, "too many errors");
        } else if (counts.isCommandTooMany()) {
            state.end(Replies.TOO_MANY_COMMANDS, "too many commands");
        }
        return isClosed();
    }

    /** RFC 5321 4.5.3.2, 3.8: 421 and close. What is under way on our side is always waited for. */
    private void timedOut(long now) {
        if (!turn.isOver(now)) {
            return;
        }
        if (turn.isHandshake()) {
            state.close("TLS handshake took too long", false);
            return;
        }
        boolean old = turn.isSessionOver(now);
        state.end(old ? Replies.SESSION_TOO_LONG : Replies.TIMED_OUT, old ? "session too long" : "client too slow");
    }

    /** The connection was ours, and its roles have changed: under this TLS (RFC 2645 5.3). Before the first input. */
    public void turned(TlsFacts facts) {
        state.client().secured(facts);
    }

    /** A user of this host has called. Before the first input. */
    public void called(HostUser by) {
        state.client().called(by);
    }
}
