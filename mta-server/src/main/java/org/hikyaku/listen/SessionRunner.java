package org.hikyaku.listen;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.hikyaku.config.Config;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.smtp.CommandLimits;
import org.hikyaku.smtp.LineFramer;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.hikyaku.smtp.ReplyWriter;
import org.hikyaku.smtp.server.Action;
import org.hikyaku.smtp.server.Input;
import org.hikyaku.smtp.server.SmtpSession;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.Spool;
import org.hikyaku.world.Event;
import org.hikyaku.world.Loop;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * Runs one {@link SmtpSession} on its wire's loop: octets to inputs, actions to deeds. Never blocks. What comes while the
 * session waits for us is held and reading paused; replies are gathered and flushed when there is nothing more to do.
 *
 * <p><i>Failure:</i> whatever is thrown here is a bug: event SESSION_BROKEN, 421, and the wire is closed; the draft is
 * given back however the session ends.
 */
final class SessionRunner implements WireHandler {
    /** Octets of replies that may wait for a client that does not read; above it no command of his is taken. */
    private static final int UNSENT_MAX = 64 * 1024;

    private final Reception reception;
    private final String name;
    private final String listener;
    private final Config config;
    private final InetAddress remote;
    private final Wire wire;
    private final Runnable atEnd;
    private final SmtpSession session;
    private final SessionLog log;
    private final LineFramer lines = new LineFramer(CommandLimits.LONGEST);
    private final Held held = new Held();

    private final Incoming message;

    private Loop.@Nullable Timer timer;
    private Loop.@Nullable Timer resting;
    private boolean paused;
    /** Draft memory is at its bound. */
    private boolean pressed;
    /** The client does not read our replies. */
    private boolean stalled;

    /** Octets that came together with the header of a proxy. */
    private byte[] early = {};

    /** After ATRN: who is the client on this wire. */
    private @Nullable WireHandler successor;

    private Optional<Function<Wire, WireHandler>> prepared = Optional.empty();
    /** The connection was ours: we are its server since ATRN. */
    private boolean ours;

    private boolean dropRead;
    private boolean ended;
    private String why = "";

    SessionRunner(
            Reception reception,
            String name,
            String listener,
            Config config,
            InetAddress remote,
            Wire wire,
            Runnable atEnd) {
        this.reception = reception;
        this.name = name;
        this.listener = listener;
        this.config = config;
        this.remote = remote;
        this.wire = wire;
        this.atEnd = atEnd;
        this.message = new Incoming(this::openDraft, this::press);
        this.log = new SessionLog(reception.world().events(), name, this::client);
        this.session = new SmtpSession(name, config, listener, remote, reception.mechanisms(), now());
    }

    /** A proxy's connection: {@code read} came behind its header. Before {@link #opened}. */
    void proxied(InetAddress proxy, byte[] read) {
        early = read;
        log.emit(Event.SESSION_PROXIED, name, IpLiteral.number(proxy), "PROXY", IpLiteral.number(remote));
    }

    /** The connection was ours, and its roles have changed. Before {@link #opened}. */
    void turned() {
        ours = true;
    }

    /** The service stops: the session ends as soon as nothing is under way. From its loop. */
    void stop() {
        guarded(() -> feed(new Input.Stop()));
    }

    /** The patience is at its end: whatever is not stored yet is not taken. From its loop. */
    void abandon() {
        if (successor != null) {
            wire.close();
        } else if (!ended) {
            write(Replies.SHUTTING_DOWN);
            end("service stopping");
        }
    }

    /** Whether this user has logged in here. From its loop. */
    boolean isOf(String user) {
        return session.facts()
                .user()
                .filter(name -> name.toLowerCase(Locale.ROOT).equals(user))
                .isPresent();
    }

    /** His account was closed: the session ends at once; false when it has ended. From its loop. */
    boolean revoke() {
        boolean open = !ended || successor != null;
        if (successor != null) {
            wire.close();
        } else if (!ended) {
            write(Replies.ACCOUNT_CLOSED);
            end("account closed");
        }
        return open;
    }

    Loop loop() {
        return wire.loop();
    }

    // ---- what the wire tells

    @Override
    public void opened(Wire opened) {
        log.emit(Event.SESSION_OPENED, name, listener, IpLiteral.number(remote));
        guarded(() -> {
            if (ours) {
                // the server's certificate there says nothing of who is the client now
                wire.tls().ifPresent(facts -> session.turned(facts.ofAnother()));
            }
            feed(new Input.Connected(reception.world().clock().now()));
            arm();
            byte[] read = takeEarly();
            if (read.length > 0) {
                take(read, 0, read.length);
            }
        });
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        if (successor != null) {
            successor.received(octets, offset, length);
        } else {
            guarded(() -> take(octets, offset, offset + length));
        }
    }

    @Override
    public void secured(TlsFacts facts) {
        guarded(() -> go(new Input.Secured(facts)));
    }

    @Override
    public void writable() {
        if (successor != null) {
            successor.writable();
            return;
        }
        if (stalled) {
            stalled = false;
            guarded(this::goOn);
        }
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        if (successor != null) {
            successor.closed(cause);
        }
        if (why.isEmpty()) {
            why = cause == null ? "client closed" : cause.text();
        }
        ended = true;
        held.drop();
        if (timer != null) {
            timer.cancel();
        }
        if (resting != null) {
            resting.cancel();
        }
        message.abort();
        log.emit(Event.SESSION_CLOSED, name, IpLiteral.number(client()), why, session.messages(), session.errors());
        atEnd.run();
    }

    // ---- octets to inputs

    private void take(byte[] octets, int from, int to) {
        if (ended) {
            return;
        }
        session.spoke();
        int p = held.isEmpty() ? consume(octets, from, to) : from;
        if (p < to && !ended) {
            held.add(octets, p, to);
        }
        if (!ended && (!held.isEmpty() || pressed || stalled)) {
            pause();
        }
    }

    /** Gives the session what it can take now; returns the index of the first octet it could not. */
    private int consume(byte[] octets, int from, int to) {
        int p = from;
        dropRead = false;
        while (p < to && canTake()) {
            p = session.inData() ? message(octets, p, to) : line(octets, p, to);
        }
        WireHandler heir = successor;
        if (heir != null && p < to) {
            heir.received(octets, p, to - p); // RFC 2645 5.3
            return to;
        }
        return dropRead || ended ? to : p;
    }

    private boolean canTake() {
        return !ended && !pressed && !stalled && !dropRead && (session.wantsLine() || session.inData());
    }

    private int line(byte[] octets, int from, int to) {
        LineFramer.Found found = lines.read(octets, from, to);
        int next = lines.position();
        switch (found) {
            case MORE -> {}
            case LINE -> {
                if (next < to) {
                    session.followed();
                }
                feed(new Input.Line(lines.array(), lines.start(), lines.end()));
            }
            case BROKEN, TOO_LONG -> feed(new Input.BadLine(found));
        }
        return next;
    }

    private int message(byte[] octets, int from, int to) {
        int next = message.read(octets, from, to);
        session.progress(now());
        Input end = message.end();
        if (end != null) {
            feed(end);
        }
        return next;
    }

    private void press() {
        if (!pressed) {
            pressed = true;
            message.onRelief(() -> wire.loop().execute(() -> {
                pressed = false;
                guarded(this::goOn);
            }));
        }
    }

    // ---- actions to deeds

    /** An answer came: it, and what was held meanwhile. */
    private void go(Input answer) {
        if (!ended) {
            feed(answer);
            goOn();
        }
    }

    private void goOn() {
        byte[] octets = held.take();
        int p = consume(octets, 0, octets.length);
        if (p < octets.length) {
            held.add(octets, p, octets.length);
        }
        if (pressed || stalled || !held.isEmpty()) {
            pause();
        } else if (paused && canTake()) {
            paused = false;
            wire.resumeReading();
        }
    }

    private void feed(Input input) {
        Input next = input;
        while (next != null && !ended) {
            next = carryOut(session.on(next, now()));
        }
    }

    /** The answer to the last action, if it is there at once. */
    private @Nullable Input carryOut(List<Action> actions) {
        Input answer = null;
        for (Action action : actions) {
            switch (action) {
                case Action.Send send -> write(send.reply());
                case Action.Tell tell -> log.tell(tell.note());
                case Action.Ask ask -> answer = ask(ask);
                case Action.StartTls start -> startTls();
                case Action.Rest rest -> rest(rest.time());
                case Action.StartQueue start -> answer = start(start);
                case Action.PrepareTurn turn -> answer = prepare(turn);
                case Action.Turn turn -> turnOver();
                case Action.OpenDraft open -> answer = message.open();
                case Action.Receive receive -> message.begin(config.limits(), receive.fixBareLineEnds());
                case Action.ReceiveChunk chunk -> answer = message.begin(config.limits(), chunk);
                case Action.Skip skip -> answer = message.skip(skip.octets());
                case Action.Commit commit -> commit(commit);
                case Action.AbortDraft abort -> message.abort();
                case Action.Close close -> end(close.why(), close.bidden());
            }
        }
        return answer;
    }

    private @Nullable Input ask(Action.Ask ask) {
        Verdict verdict = reception
                .policy()
                .ask(ask.question(), session.facts(), wire.loop(), later -> guarded(() -> go(new Input.Answer(later))));
        return verdict == null ? null : new Input.Answer(verdict);
    }

    private Input start(Action.StartQueue start) {
        QueueManager.Started started = reception.queue().apply(start.domains());
        return new Input.QueueStarted(started.works(), started.pending(), started.all());
    }

    private Input prepare(Action.PrepareTurn turn) {
        Reception.Turn ready = reception.turns().prepare(turn.user(), turn.domains());
        prepared = ready.take();
        return new Input.TurnPrepared(ready.how());
    }

    /** RFC 2645 5.3: what came behind the command already, held here or still being read, is of the other side's first words. */
    private void turnOver() {
        wire.flush();
        ended = true;
        why = "turned";
        if (timer != null) {
            timer.cancel();
        }
        byte[] read = held.take();
        WireHandler heir = prepared.orElseThrow().apply(wire);
        successor = heir;
        if (paused) {
            paused = false;
            wire.resumeReading();
        }
        if (read.length > 0) {
            heir.received(read, 0, read.length);
        }
    }

    private byte[] takeEarly() {
        byte[] all = early;
        early = new byte[0];
        return all;
    }

    /**
     * RFC 3207 4.2: nothing that came in clear is used after it, whether the wire has it, we hold it or read it. Only where
     * TLS begins the session, what came behind a proxy's header is of TLS.
     */
    private void startTls() {
        dropRead = true;
        held.drop();
        lines.reset();
        wire.flush();
        if (paused) {
            paused = false;
            wire.resumeReading();
        }
        wire.startTls(new TlsNeed.Server(listener, asksCertificate()), takeEarly());
    }

    private void rest(Duration time) {
        resting = wire.loop().schedule(time, () -> guarded(() -> go(new Input.Rested())));
    }

    private Draft openDraft() {
        return reception.drafts().open(session.facts().user().orElse(""), IpLiteral.number(client()));
    }

    private boolean asksCertificate() {
        return session.facts().rules().clientCertificates() == ListenerSettings.ClientCertificates.ASK;
    }

    private void commit(Action.Commit commit) {
        Draft done = message.take();
        boolean submission = session.facts().rules().mode() == ListenerSettings.Mode.SUBMISSION;
        Origin origin = new Origin(
                submission ? Origin.Kind.SUBMISSION : Origin.Kind.SMTP,
                IpLiteral.number(client()),
                session.facts().user().orElse(""),
                name,
                listener);
        reception
                .store()
                .take(
                        done,
                        commit.prepended(),
                        commit.envelope(),
                        origin,
                        commit.hold(),
                        commit.messageId(),
                        wire.loop(),
                        new Stored());
    }

    private final class Stored implements Spool.Done {
        @Override
        public void stored() {
            guarded(() -> go(new Input.Stored()));
        }

        @Override
        public void failed(Spool.SpoolFailure failure) {
            log.emit(Event.MESSAGE_REFUSED_STORAGE, name, failure.text());
            guarded(() -> go(new Input.NotStored(failure.full(), failure.ofMessage())));
        }
    }

    private void write(Reply reply) {
        byte[] octets = ReplyWriter.octets(reply);
        wire.write(octets, 0, octets.length);
        stalled |= wire.unsent() > UNSENT_MAX;
    }

    private void end(String reason) {
        end(reason, false);
    }

    private void end(String reason, boolean bidden) {
        if (ended) {
            return;
        }
        ended = true;
        why = reason;
        message.abort();
        if (bidden) {
            wire.finish();
        } else {
            wire.close();
        }
    }

    private void pause() {
        if (!paused) {
            paused = true;
            wire.pauseReading();
        }
    }

    /** Runs {@code deed}, flushes, and makes of a bug an end in order. */
    private void guarded(Runnable deed) {
        if (ended) {
            return;
        }
        try {
            deed.run();
            if (!ended) {
                wire.flush();
            }
        } catch (RuntimeException e) {
            log.emit(Event.SESSION_BROKEN, name, e);
            write(Replies.BROKEN);
            end("broken");
        }
    }

    /** One timer: never further away than the shortest limit, so that it need not be moved at each command. */
    private void arm() {
        ListenerSettings.Timeouts limits = session.facts().rules().timeouts();
        long most = Math.min(limits.command().toNanos(), limits.data().toNanos());
        long left = session.deadline() == Long.MAX_VALUE ? most : session.deadline() - now();
        timer = wire.loop()
                .schedule(
                        Duration.ofNanos(Math.max(1, Math.min(most, left))),
                        () -> guarded(() -> {
                            if (session.deadline() != Long.MAX_VALUE && session.deadline() - now() <= 0) {
                                feed(new Input.TimedOut());
                            }
                            if (!ended) {
                                arm();
                            }
                        }));
    }

    /** Where the client is: at the other end of the wire, or where a proxy says. */
    private InetAddress client() {
        return session.facts().remote();
    }

    private long now() {
        return reception.world().clock().nanos();
    }
}
