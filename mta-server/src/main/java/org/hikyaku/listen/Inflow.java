package org.hikyaku.listen;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.hikyaku.smtp.CommandLimits;
import org.hikyaku.smtp.LineFramer;
import org.hikyaku.smtp.server.Input;
import org.hikyaku.smtp.server.SmtpSession;
import org.hikyaku.spool.Draft;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * What a client sends, as the inputs of its session, and when it is taken: a line or a part of the message when the session
 * waits for it, nothing while an answer is due, draft memory is at its bound or the client leaves our replies unread. On
 * the wire's loop only.
 *
 * <p>It promises that octets reach the session in their order and once, and that reading is paused while any are held, so
 * that no more is held than was on its way.
 *
 * <p><i>Failure:</i> none of its own: what breaks a rule is an input, and the session's to judge. After {@link #end} all that
 * comes is dropped, or is {@link #passOn another's}.
 */
final class Inflow {
    /** Octets of replies that may wait for a client that does not read; above it no command of his is taken. */
    private static final int UNSENT_MAX = 64 * 1024;

    private final Clock clock;
    private final Wire wire;
    private final SmtpSession session;
    private final Incoming message;
    private final Consumer<Input> feed;
    private final Consumer<Runnable> guarded;
    private final LineFramer lines = new LineFramer(CommandLimits.LONGEST);
    private final Held held = new Held();

    private boolean paused;
    /** Draft memory is at its bound. */
    private boolean pressed;
    /** The client does not read our replies. */
    private boolean stalled;
    /** Of what is being read nothing counts any more. */
    private boolean dropRead;

    private boolean over;
    /** After ATRN: who is the client on this wire. */
    private @Nullable WireHandler heir;

    /**
     * @param drafts opens one for a message
     * @param feed gives the session an input
     * @param guarded runs what begins here and not with the wire
     */
    Inflow(
            Clock clock,
            Wire wire,
            SmtpSession session,
            Supplier<Draft> drafts,
            Consumer<Input> feed,
            Consumer<Runnable> guarded) {
        this.clock = clock;
        this.wire = wire;
        this.session = session;
        this.message = new Incoming(drafts, this::press);
        this.feed = feed;
        this.guarded = guarded;
    }

    /** Octets came. */
    void take(byte[] octets, int from, int to) {
        if (over) {
            return;
        }
        session.spoke();
        int p = held.isEmpty() ? consume(octets, from, to) : from;
        if (p < to && !over) {
            held.add(octets, p, to);
        }
        if (!over && (!held.isEmpty() || pressed || stalled)) {
            pause();
        }
    }

    /** The session may wait for the client again: gives it what was held meanwhile. */
    void goOn() {
        byte[] octets = held.take();
        int p = consume(octets, 0, octets.length);
        if (p < octets.length) {
            held.add(octets, p, octets.length);
        }
        if (pressed || stalled || !held.isEmpty()) {
            pause();
        } else if (paused && canTake()) {
            resume();
        }
    }

    /** Gives the session what it can take now; returns the index of the first octet it could not. */
    private int consume(byte[] octets, int from, int to) {
        int p = from;
        dropRead = false;
        while (p < to && canTake()) {
            p = session.inData() ? message(octets, p, to) : line(octets, p, to);
        }
        WireHandler next = heir;
        if (next != null && p < to) {
            next.received(octets, p, to - p); // RFC 2645 5.3
            return to;
        }
        return dropRead || over ? to : p;
    }

    private boolean canTake() {
        return !over && !pressed && !stalled && !dropRead && (session.wantsLine() || session.inData());
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
                feed.accept(new Input.Line(lines.array(), lines.start(), lines.end()));
            }
            case BROKEN, TOO_LONG -> feed.accept(new Input.BadLine(found));
        }
        return next;
    }

    private int message(byte[] octets, int from, int to) {
        int next = message.read(octets, from, to);
        session.progress(clock.nanos());
        Input end = message.end();
        if (end != null) {
            feed.accept(end);
        }
        return next;
    }

    /** The message that is coming, when one is. */
    Incoming message() {
        return message;
    }

    /** Draft memory is at its bound: nothing is taken until there is some. */
    private void press() {
        if (!pressed) {
            pressed = true;
            message.onRelief(() -> wire.loop().execute(() -> {
                pressed = false;
                guarded.accept(this::goOn);
            }));
        }
    }

    /** A reply was written. */
    void written() {
        stalled |= wire.unsent() > UNSENT_MAX;
    }

    /** All that was written is gone. */
    void writable() {
        if (stalled) {
            stalled = false;
            guarded.accept(this::goOn);
        }
    }

    /** Nothing that has come counts any more, whether the wire has it, it is held here or is being read (RFC 3207 4.2). */
    void forget() {
        dropRead = true;
        held.drop();
        lines.reset();
    }

    /** The session takes nothing any more. */
    void end() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    /** The wire is closed. */
    void drop() {
        over = true;
        held.drop();
    }

    /** From now on all that comes is his, what is held and the rest of what is being read first (RFC 2645 5.3). */
    void passOn(WireHandler next) {
        over = true;
        heir = next;
        byte[] read = held.take();
        resume();
        if (read.length > 0) {
            next.received(read, 0, read.length);
        }
    }

    /** Who is the client on this wire, if it is not ours any more. */
    @Nullable
    WireHandler heir() {
        return heir;
    }

    private void pause() {
        if (!paused) {
            paused = true;
            wire.pauseReading();
        }
    }

    void resume() {
        if (paused) {
            paused = false;
            wire.resumeReading();
        }
    }
}
