package org.hikyaku.listen;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.hikyaku.config.Config;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.mail.HostUser;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.hikyaku.smtp.ReplyWriter;
import org.hikyaku.smtp.server.Action;
import org.hikyaku.smtp.server.Input;
import org.hikyaku.smtp.server.SmtpSession;
import org.hikyaku.spool.Spool;
import org.hikyaku.world.Event;
import org.hikyaku.world.Loop;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * Runs one {@link SmtpSession} on its wire's loop: what comes to inputs, octets by its {@link Inflow}; actions to deeds.
 * Never blocks. Replies are gathered and flushed when there is nothing more to do.
 *
 * <p><i>Failure:</i> whatever is thrown here is a bug: event SESSION_BROKEN, 421, and the wire is closed; the draft is
 * given back however the session ends.
 */
final class SessionRunner implements WireHandler {
    private final Reception reception;
    private final String name;
    private final String listener;
    private final Config config;
    private final InetAddress remote;
    private final Wire wire;
    private final Runnable atEnd;
    private final SmtpSession session;
    private final SessionLog log;
    private final Deposit deposit;
    private final Inflow inflow;
    private final Incoming message;
    private final SessionTimer timer;

    private Loop.@Nullable Timer resting;
    /** Octets that came together with the header of a proxy, or while it was looked up who calls. */
    private byte[] early = {};

    /** After ATRN: makes who is the client on this wire. */
    private Optional<Function<Wire, WireHandler>> prepared = Optional.empty();
    /** The connection was ours: we are its server since ATRN. */
    private boolean ours;

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
        this.log = new SessionLog(reception.world().events(), name, this::client);
        this.session = new SmtpSession(name, config, listener, remote, reception.mechanisms(), now());
        this.deposit = new Deposit(reception, session, name, listener, wire.loop());
        this.inflow = new Inflow(reception.world().clock(), wire, session, deposit::open, this::feed, this::guarded);
        this.message = inflow.message();
        this.timer = new SessionTimer(reception.world().clock(), wire.loop(), session);
    }

    /** A proxy's connection: {@code read} came behind its header. Before {@link #opened}. */
    void proxied(InetAddress proxy, byte[] read) {
        early = read;
        log.emit(Event.SESSION_PROXIED, name, IpLiteral.number(proxy), "PROXY", IpLiteral.number(remote));
    }

    /** A user of this host has called, and {@code read} came meanwhile. Before {@link #opened}. */
    void called(HostUser user, byte[] read) {
        early = read;
        session.called(user);
        log.emit(Event.SESSION_CALLED, name, user.name(), Integer.toUnsignedString(user.uid()));
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
        if (hasTurned()) {
            wire.close();
        } else if (!hasEnded()) {
            write(Replies.SHUTTING_DOWN);
            end("service stopping");
        }
    }

    /** Whether this user has logged in here, or has called from this host. From its loop. */
    boolean isOf(String user) {
        return session.facts()
                .account()
                .filter(name -> name.toLowerCase(Locale.ROOT).equals(user))
                .isPresent();
    }

    /** His account was closed: the session ends at once; false when it has ended. From its loop. */
    boolean revoke() {
        boolean open = !hasEnded() || hasTurned();
        if (hasTurned()) {
            wire.close();
        } else if (!hasEnded()) {
            write(Replies.ACCOUNT_CLOSED);
            end("account closed");
        }
        return open;
    }

    private boolean hasEnded() {
        return inflow.isOver();
    }

    /** Whether we are the client on this wire since ATRN. */
    private boolean hasTurned() {
        return inflow.heir() != null;
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
            timer.set(this::ring);
            byte[] read = takeEarly();
            if (read.length > 0) {
                inflow.take(read, 0, read.length);
            }
        });
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        WireHandler heir = inflow.heir();
        if (heir != null) {
            heir.received(octets, offset, length);
        } else {
            guarded(() -> inflow.take(octets, offset, offset + length));
        }
    }

    @Override
    public void secured(TlsFacts facts) {
        guarded(() -> go(new Input.Secured(facts)));
    }

    @Override
    public void writable() {
        WireHandler heir = inflow.heir();
        if (heir != null) {
            heir.writable();
        } else {
            inflow.writable();
        }
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        WireHandler heir = inflow.heir();
        if (heir != null) {
            heir.closed(cause);
        }
        if (why.isEmpty()) {
            why = cause == null ? "client closed" : cause.text();
        }
        inflow.drop();
        timer.cancel();
        if (resting != null) {
            resting.cancel();
        }
        message.abort();
        log.emit(Event.SESSION_CLOSED, name, IpLiteral.number(client()), why, session.messages(), session.errors());
        atEnd.run();
    }

    // ---- actions to deeds

    /** An answer came: it, and what was held meanwhile. */
    private void go(Input answer) {
        if (!hasEnded()) {
            feed(answer);
            inflow.goOn();
        }
    }

    private void feed(Input input) {
        Input next = input;
        while (next != null && !hasEnded()) {
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
                case Action.Commit commit -> deposit.commit(message.take(), commit, new Stored());
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
        inflow.end();
        why = "turned";
        timer.cancel();
        inflow.passOn(prepared.orElseThrow().apply(wire));
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
        inflow.forget();
        wire.flush();
        inflow.resume();
        wire.startTls(new TlsNeed.Server(listener, asksCertificate()), takeEarly());
    }

    private void rest(Duration time) {
        resting = wire.loop().schedule(time, () -> guarded(() -> go(new Input.Rested())));
    }

    private boolean asksCertificate() {
        return session.facts().rules().clientCertificates() == ListenerSettings.ClientCertificates.ASK;
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
        inflow.written();
    }

    private void end(String reason) {
        end(reason, false);
    }

    private void end(String reason, boolean bidden) {
        if (hasEnded()) {
            return;
        }
        inflow.end();
        why = reason;
        message.abort();
        if (bidden) {
            wire.finish();
        } else {
            wire.close();
        }
    }

    /** Runs {@code deed}, flushes, and makes of a bug an end in order. */
    private void guarded(Runnable deed) {
        if (hasEnded()) {
            return;
        }
        try {
            deed.run();
            if (!hasEnded()) {
                wire.flush();
            }
        } catch (RuntimeException e) {
            log.emit(Event.SESSION_BROKEN, name, e);
            write(Replies.BROKEN);
            end("broken");
        }
    }

    private void ring() {
        guarded(() -> {
            if (timer.isDue()) {
                feed(new Input.TimedOut());
            }
            if (!hasEnded()) {
                timer.set(this::ring);
            }
        });
    }

    /** Where the client is: at the other end of the wire, or where a proxy says. */
    private InetAddress client() {
        return session.facts().remote();
    }

    private long now() {
        return reception.world().clock().nanos();
    }
}
