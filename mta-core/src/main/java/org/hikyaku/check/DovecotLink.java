package org.hikyaku.check;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a service of Dovecot's: handshake, then lines of exchanges by their numbers. Tasks ask, the loop answers
 * them. What the lines mean is its {@link Dialect}'s.
 *
 * <p><i>Failure:</i> whatever ends the connection gives all who wait on it {@link Dialect#lost}, and AUTH_SERVER_LOST says why; a
 * line over its limit, one that its dialect finds wrong, or silence for {@link #PATIENCE} after a question ends it.
 *
 * @param <A> what an exchange is answered
 */
final class DovecotLink<A> implements WireHandler {
    /** How long a handshake or an answer is waited for. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int LINE_MAX = 16 * 1024;

    /** What is said on one connection, and understood; on its loop. */
    interface Dialect<A> {
        /** Our first lines. */
        String hello(World world);

        Line<A> read(String[] words);

        /** What an exchange is answered that has lost its connection. */
        A lost(String why);
    }

    /** A line of Dovecot's. */
    sealed interface Line<A> {
        /** Its handshake is over. */
        record Ready<A>() implements Line<A> {}

        /** To the exchange whose number is the second word. */
        record Said<A>(A answer) implements Line<A> {}

        /** Nothing to us. */
        record Other<A>() implements Line<A> {}

        /** Against the protocol. */
        record Wrong<A>(String why) implements Line<A> {}
    }

    private final World world;
    private final Endpoint endpoint;
    private final Dialect<A> dialect;
    private final long begun;
    private final Tasks.Promise<Boolean> ready;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, Tasks.Promise<A>> waiting = new ConcurrentSkipListMap<>();
    private volatile @Nullable Wire wire;
    private volatile long heardAt;
    private volatile boolean over;
    /** Set before {@link #over}, where nobody bade it. */
    private volatile String why = "";

    // of the loop
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean done;

    DovecotLink(World world, Endpoint endpoint, Dialect<A> dialect) {
        this.world = world;
        this.endpoint = endpoint;
        this.dialect = dialect;
        this.begun = world.clock().nanos();
        this.heardAt = begun;
        this.ready = world.tasks().promise();
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** When it was begun, by the World's nanoseconds. */
    long begun() {
        return begun;
    }

    boolean isOver() {
        return over;
    }

    /** Whether Dovecot has finished its handshake, in time. Waits. */
    boolean awaitReady() {
        boolean greeted = ready.await(PATIENCE).orElse(false) && !over;
        if (!greeted) {
            giveUp("it does not greet");
        }
        return greeted;
    }

    /** From anywhere; nothing for one that is over. */
    private void giveUp(String reason) {
        Wire open = wire;
        if (open == null) {
            close();
        } else if (!over) {
            why = reason;
            over = true;
            open.loop().execute(open::abort);
        }
    }

    /** A 32 bit number, used once on a connection. */
    int nextId() {
        return lastId.updateAndGet(last -> last == Integer.MAX_VALUE ? 1 : last + 1);
    }

    /** Sends a line of exchange {@code id} and waits for what Dovecot says to it. Where it says nothing at all, to nobody, that was all. */
    A ask(int id, String text) {
        long asked = world.clock().nanos();
        Tasks.Promise<A> answer = world.tasks().promise();
        waiting.put(id, answer);
        Wire open = wire;
        if (over || open == null) {
            waiting.remove(id);
            return dialect.lost("the connection to Dovecot is gone");
        }
        open.loop().execute(() -> send(open, text + "\n"));
        try {
            return answer.await(PATIENCE).orElseGet(() -> {
                if (heardAt - asked < 0) {
                    giveUp("it does not answer");
                }
                return dialect.lost("Dovecot does not answer");
            });
        } finally {
            waiting.remove(id);
        }
    }

    /** From anywhere. */
    void close() {
        over = true;
        Wire open = wire;
        if (open != null) {
            open.loop().execute(open::close);
        }
    }

    // ---- on the loop

    @Override
    public void opened(Wire opened) {
        wire = opened;
        if (over) {
            opened.close();
            return;
        }
        send(opened, dialect.hello(world));
    }

    private static void send(Wire open, String text) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        open.write(octets, 0, octets.length);
        open.flush();
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        heardAt = world.clock().nanos();
        for (int i = offset; i < offset + length && !over; i++) {
            if (octets[i] == '\n') {
                String text = line.toString(StandardCharsets.UTF_8);
                line.reset();
                read(text.split("\t", -1));
            } else if (line.size() == LINE_MAX) {
                end("a line over " + LINE_MAX + " octets");
            } else {
                line.write(octets[i]);
            }
        }
    }

    private void read(String[] words) {
        switch (dialect.read(words)) {
            case Line.Ready<A> greeted -> {
                done = true;
                ready.complete(true);
            }
            case Line.Said<A>(A answer) -> answer(words, answer);
            case Line.Other<A> other -> {}
            case Line.Wrong<A>(String reason) -> end(reason);
        }
    }

    private void answer(String[] words, A answer) {
        if (!done || words.length < 2 || !words[1].matches("[0-9]{1,10}")) {
            end("an answer to nobody");
            return;
        }
        long id = Long.parseLong(words[1]);
        Tasks.Promise<A> asked = id > Integer.MAX_VALUE ? null : waiting.get((int) id);
        if (asked != null) { // else he has given up
            asked.complete(answer);
        }
    }

    private void end(String reason) {
        why = reason;
        over = true;
        Wire open = wire;
        if (open != null) {
            open.abort();
        }
    }

    @Override
    public void secured(TlsFacts facts) {
        throw new IllegalStateException("nobody asked for TLS");
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        boolean bidden = over && why.isEmpty();
        over = true;
        if (!bidden) {
            String text = !why.isEmpty() ? why : cause == null ? "it closed the connection" : cause.text();
            world.events().emit(Event.AUTH_SERVER_LOST, endpoint, text);
        }
        ready.complete(false);
        waiting.values().forEach(each -> each.complete(dialect.lost("the connection to Dovecot is gone")));
    }
}
