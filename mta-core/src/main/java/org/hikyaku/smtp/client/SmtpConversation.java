package org.hikyaku.smtp.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ClientMechanism;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Reply;
import org.hikyaku.smtp.client.Terms.Tls;
import org.hikyaku.smtp.client.Trouble.Kind;
import org.hikyaku.smtp.client.Trouble.Stage;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one SMTP or LMTP connection: greeting, EHLO (HELO where it is unknown), STARTTLS, AUTH, then any
 * number of transactions, QUIT. A machine: octets and {@code now} in nanoseconds in, {@link Act}s out; the runner carries
 * them out in order and calls {@link #tick} when {@link #deadline} has come.
 *
 * <p><i>Failure:</i> every end of a conversation is told once: {@link Act.Unusable} when no transaction runs,
 * {@link Act.Done} with a fate for each recipient when one does. Nothing throws, nothing waits without a deadline except
 * the idle state, which belongs to the runner.
 */
public final class SmtpConversation {
    private enum State {
        NEW,
        GREETING,
        EHLO,
        HELO,
        STARTTLS,
        HANDSHAKE,
        AUTH,
        READY,
        ASKED,
        TRANSACTION,
        QUIT,
        CLOSED
    }

    private final Terms terms;
    private final ReplyParser parser = new ReplyParser();
    private State state = State.NEW;
    private ServerOffer offer = ServerOffer.NOTHING;
    private @Nullable TlsFacts tls;
    private boolean tlsRefused;
    private boolean loggedIn;
    private boolean resetFirst;
    private @Nullable LogIn logIn;
    private @Nullable Exchange exchange;
    private long deadlineNanos;
    private boolean timed;

    public SmtpConversation(Terms terms) {
        this.terms = terms;
    }

    /** The connection is there; with {@code underTls} TLS is up from the first octet (RFC 8314 3.3). */
    public List<Act> opened(@Nullable TlsFacts underTls, long now) {
        tls = underTls;
        state = State.GREETING;
        await(terms.patience().greeting(), now);
        return List.of();
    }

    /** Octets came. */
    public List<Act> received(byte[] octets, int offset, int length, long now) {
        List<Act> acts = new ArrayList<>();
        if (state == State.HANDSHAKE || state == State.CLOSED) {
            return acts;
        }
        for (Reply reply : parser.read(octets, offset, length)) {
            if (state == State.HANDSHAKE) {
                break; // RFC 3207 4.2: what came in clear behind the 220 is never read
            }
            reply(reply, acts, now);
        }
        if (state == State.HANDSHAKE) {
            parser.reset();
        }
        parser.broken().ifPresent(why -> end(Kind.GARBAGE, why, acts));
        return acts;
    }

    /** TLS is up after STARTTLS: all that was learnt in clear is forgotten (RFC 3207 4.2). */
    public List<Act> secured(TlsFacts facts, long now) {
        List<Act> acts = new ArrayList<>();
        if (state == State.HANDSHAKE) {
            tls = facts;
            offer = ServerOffer.NOTHING;
            parser.reset();
            hello(acts, now);
        }
        return acts;
    }

    /** Says a command that is no mail, such as ETRN; only when {@link #isReady}. Answered by {@link Act.Told}. */
    public List<Act> ask(String line, Duration limit, long now) {
        if (state != State.READY) {
            throw new IllegalStateException("a question in state " + state);
        }
        List<Act> acts = new ArrayList<>();
        send(line, "", acts);
        state = State.ASKED;
        await(limit, now);
        return acts;
    }

    /** Begins a transaction; only when {@link #isReady}. */
    public List<Act> begin(Transaction transaction, long now) {
        if (state != State.READY) {
            throw new IllegalStateException("a transaction in state " + state);
        }
        List<Act> acts = new ArrayList<>();
        Optional<Trouble> objection = Exchange.objection(transaction, offer);
        if (objection.isPresent()) {
            Fate fate = new Fate.Refused(objection.get());
            acts.add(new Act.Done(
                    transaction.recipients().stream().map(r -> fate).toList(), true));
            return acts;
        }
        exchange = new Exchange(transaction, offer, terms.lmtp(), resetFirst, loggedIn);
        state = State.TRANSACTION;
        exchange.start(acts);
        awaitExchange(exchange, now);
        return acts;
    }

    /** Whether the next part of the message may be handed to the wire. */
    public boolean wantsPart() {
        return exchange != null && exchange.wantsPart();
    }

    /** What goes to the wire before the next part of the message, which follows it at once. */
    public byte[] beforePart(int octets, boolean last) {
        if (exchange == null || !exchange.isStreaming()) {
            throw new IllegalStateException("no message is wanted");
        }
        return exchange.beforePart(octets, last);
    }

    /** A part of the message has left. */
    public void bodyProgress(long now) {
        if (exchange != null && exchange.isStreaming()) {
            await(terms.patience().dataBlock(), now);
        }
    }

    /** All of the message has been handed to the wire, with what ends it. */
    public void bodyEnded(long now) {
        if (exchange != null && exchange.isStreaming()) {
            exchange.bodyEnded();
            awaitExchange(exchange, now);
        }
    }

    /** No more transactions. */
    public List<Act> quit(long now) {
        List<Act> acts = new ArrayList<>();
        if (state == State.READY) {
            sendQuit(acts, now);
        } else if (state != State.QUIT && state != State.CLOSED) {
            end(Kind.LOST, "ended by us", acts);
        }
        return acts;
    }

    /** The wire has ended, or never came to be. */
    public List<Act> lost(Kind kind, String text) {
        List<Act> acts = new ArrayList<>();
        end(kind, text, acts);
        return acts;
    }

    /** To be called when the deadline has come; before it, it does nothing. */
    public List<Act> tick(long now) {
        List<Act> acts = new ArrayList<>();
        if (timed && now - deadlineNanos >= 0) {
            end(Kind.TIMEOUT, "no answer in time", acts);
        }
        return acts;
    }

    /** The time (of the {@code now} clock) by which something must have come; empty when idle or closed. */
    public OptionalLong deadline() {
        return timed ? OptionalLong.of(deadlineNanos) : OptionalLong.empty();
    }

    /** Whether QUIT was said, or the end has come. */
    public boolean isLeaving() {
        return state == State.QUIT || state == State.CLOSED;
    }

    public boolean isReady() {
        return state == State.READY;
    }

    /** What the server offers now. */
    public ServerOffer offer() {
        return offer;
    }

    private void reply(Reply reply, List<Act> acts, long now) {
        boolean inSession = state != State.TRANSACTION && state != State.QUIT && state != State.CLOSED;
        if (inSession && reply.code() == 421) { // RFC 5321 3.8: at any time
            unusable(Trouble.of(stage(), reply), acts);
            return;
        }
        switch (state) {
            case GREETING -> greeting(reply, acts, now);
            case EHLO -> ehlo(reply, acts, now);
            case HELO -> helo(reply, acts, now);
            case STARTTLS -> startTls(reply, acts, now);
            case AUTH -> auth(reply, acts, now);
            case TRANSACTION -> transaction(reply, acts, now);
            case ASKED -> {
                state = State.READY;
                timed = false;
                acts.add(new Act.Told(reply));
            }
            case QUIT -> close(acts);
            case READY -> end(Kind.GARBAGE, "a reply that nothing asked for: " + reply.text(), acts);
            case NEW, HANDSHAKE, CLOSED -> {}
        }
    }

    private void greeting(Reply reply, List<Act> acts, long now) {
        if (reply.code() / 100 == 2) {
            hello(acts, now);
        } else {
            refused(Trouble.of(Stage.GREETING, reply), acts, now); // RFC 5321 3.1: after 554 we say QUIT
        }
    }

    private void hello(List<Act> acts, long now) {
        boolean helo = terms.heloOnly() && !terms.lmtp();
        send(terms.lmtp() ? "LHLO" : helo ? "HELO" : "EHLO", terms.name(), acts);
        state = helo ? State.HELO : State.EHLO;
        await(terms.patience().hello(), now);
    }

    private void ehlo(Reply reply, List<Act> acts, long now) {
        if (reply.code() / 100 == 2) {
            offer = ServerOffer.read(reply).without(terms.avoided());
            afterHello(acts, now);
        } else if (reply.isPermanent() && reply.code() != 521 && !terms.lmtp() && tls == null) {
            // RFC 5321 3.2: 500 and 502 are meant, others are as well said by servers that know no EHLO; 521: RFC 7504
            send("HELO", terms.name(), acts);
            state = State.HELO;
            await(terms.patience().hello(), now);
        } else {
            refused(Trouble.of(Stage.HELLO, reply), acts, now);
        }
    }

    private void helo(Reply reply, List<Act> acts, long now) {
        if (reply.code() / 100 == 2) {
            offer = ServerOffer.NOTHING;
            afterHello(acts, now);
        } else {
            refused(Trouble.of(Stage.HELLO, reply), acts, now);
        }
    }

    private void afterHello(List<Act> acts, long now) {
        if (tls == null && terms.tls() != Tls.NO && !tlsRefused) {
            if (offer.has(Extension.STARTTLS)) {
                send("STARTTLS", "", acts);
                state = State.STARTTLS;
                await(terms.patience().hello(), now);
                return;
            }
            if (terms.tls() == Tls.REQUIRED) {
                refused(
                        Trouble.of(Stage.STARTTLS, Kind.TLS_NOT_OFFERED, "the host does not offer STARTTLS"),
                        acts,
                        now);
                return;
            }
        }
        if (terms.login().isPresent() && !loggedIn) {
            logIn(acts, now);
        } else {
            state = State.READY;
            timed = false;
            acts.add(new Act.Ready(offer));
        }
    }

    private void startTls(Reply reply, List<Act> acts, long now) {
        if (reply.code() == 220) {
            state = State.HANDSHAKE;
            await(terms.patience().hello(), now);
            acts.add(new Act.StartTls());
        } else if (terms.tls() == Tls.REQUIRED || reply.isPositive()) {
            refused(Trouble.of(Stage.STARTTLS, reply), acts, now);
        } else {
            tlsRefused = true; // RFC 3207 4: the client decides; opportunistic TLS goes on in clear
            afterHello(acts, now);
        }
    }

    private void logIn(List<Act> acts, long now) {
        TlsFacts under = tls;
        if (under == null) {
            refused(Trouble.of(Stage.AUTH, Kind.AUTH_WITHOUT_TLS, "a login is sent only under TLS"), acts, now);
            return;
        }
        Optional<ClientMechanism> mechanism =
                terms.login().flatMap(chooser -> chooser.choose(offer.mechanisms(), under));
        if (mechanism.isEmpty()) {
            String text = "no common AUTH mechanism; the host offers " + String.join(" ", offer.mechanisms());
            refused(Trouble.of(Stage.AUTH, Kind.AUTH_NO_MECHANISM, text), acts, now);
            return;
        }
        logIn = new LogIn(mechanism.get());
        send("AUTH", logIn.firstWords(), acts);
        state = State.AUTH;
        await(terms.patience().mail(), now);
    }

    private void auth(Reply reply, List<Act> acts, long now) {
        LogIn running = logIn;
        if (running == null) {
            return;
        }
        switch (running.reply(reply)) {
            case LogIn.Next.Line line -> {
                send(line.text(), "", acts);
                await(terms.patience().mail(), now);
            }
            case LogIn.Next.In in -> {
                loggedIn = true;
                logIn = null;
                afterHello(acts, now);
            }
            case LogIn.Next.Not not -> refused(not.why(), acts, now);
        }
    }

    private void transaction(Reply reply, List<Act> acts, long now) {
        Exchange running = exchange;
        if (running == null) {
            return;
        }
        running.reply(reply, acts);
        if (running.isOver()) {
            done(running, acts);
        } else {
            awaitExchange(running, now);
        }
    }

    private void done(Exchange finished, List<Act> acts) {
        exchange = null;
        resetFirst = finished.isDirty();
        timed = false;
        state = finished.isReusable() ? State.READY : State.CLOSED;
        acts.add(new Act.Done(finished.fates(), finished.isReusable()));
        if (!finished.isReusable()) {
            acts.add(new Act.Close());
        }
    }

    /** The connection is over, whatever it was doing. */
    private void end(Kind kind, String text, List<Act> acts) {
        Exchange running = exchange;
        if (running != null) {
            running.fail(Trouble.of(running.stage(), kind, text));
            done(running, acts);
        } else if (state == State.QUIT) {
            close(acts);
        } else if (state != State.CLOSED) {
            unusable(Trouble.of(stage(), kind, text), acts);
        }
    }

    private void unusable(Trouble trouble, List<Act> acts) {
        acts.add(new Act.Unusable(trouble));
        close(acts);
    }

    /** The host said no, or we do: a polite end. */
    private void refused(Trouble trouble, List<Act> acts, long now) {
        acts.add(new Act.Unusable(trouble));
        sendQuit(acts, now);
    }

    private void sendQuit(List<Act> acts, long now) {
        send("QUIT", "", acts);
        state = State.QUIT;
        await(terms.patience().quit(), now);
    }

    private void close(List<Act> acts) {
        state = State.CLOSED;
        timed = false;
        acts.add(new Act.Close());
    }

    private Stage stage() {
        return switch (state) {
            case NEW -> Stage.CONNECT;
            case GREETING -> Stage.GREETING;
            case EHLO, HELO -> Stage.HELLO;
            case STARTTLS, HANDSHAKE -> Stage.STARTTLS;
            case AUTH -> Stage.AUTH;
            case READY, ASKED, TRANSACTION, QUIT, CLOSED -> Stage.IDLE;
        };
    }

    private void awaitExchange(Exchange running, long now) {
        Patience patience = terms.patience();
        await(
                switch (running.stage()) {
                    case RECIPIENT -> patience.recipient();
                    case DATA -> patience.dataStart();
                    case BODY -> patience.dataBlock();
                    case END_OF_DATA -> patience.dataEnd();
                    default -> patience.mail();
                },
                now);
    }

    private void await(Duration time, long now) {
        deadlineNanos = now + time.toNanos();
        timed = true;
    }

    private static void send(String verb, String argument, List<Act> acts) {
        String line = argument.isEmpty() ? verb : verb + " " + argument;
        acts.add(new Act.Send((line + "\r\n").getBytes(StandardCharsets.UTF_8)));
    }
}
