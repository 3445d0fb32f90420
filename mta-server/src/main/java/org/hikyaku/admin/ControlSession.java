package org.hikyaku.admin;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * One client of the control socket: one request line, more lines if the request takes them, its rows, its end.
 *
 * <p><i>Failure:</i> a request that is no request is answered so; a client that says nothing for ten seconds, or does not
 * take its answer or send what it promised for a minute, or goes away, is dropped and its task ends at its next step.
 */
final class ControlSession implements WireHandler {
    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(10);
    private static final Duration ANSWER_LIMIT = Duration.ofMinutes(1);
    private static final int CHUNK = 32 * 1024;
    /** Lines that came and are not yet taken: above it reading pauses. */
    private static final int LINES_MAX = 16;
    /** One more piece of input may be on its way when reading pauses; lines of a sane client fit. */
    private static final int LINES_ROOM = 4096;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final World world;
    private final ControlHandler handler;
    private final boolean room;
    private final Runnable gone;
    private final ByteArrayOutputStream part = new ByteArrayOutputStream();
    private final Tasks.Mailbox<byte[]> lines;
    private @Nullable Wire wire;
    private Loop.@Nullable Timer timer;
    private Tasks.@Nullable Promise<Boolean> taken;
    private boolean asked;
    private boolean refused;
    private boolean paused;
    private volatile boolean closed;

    ControlSession(World world, ControlHandler handler, boolean room, Runnable gone) {
        this.world = world;
        this.handler = handler;
        this.room = room;
        this.gone = gone;
        this.lines = world.tasks().mailbox(LINES_ROOM);
    }

    @Override
    public void opened(Wire opened) {
        wire = opened;
        if (!room) {
            refuse("too many commands at once, try again");
            return;
        }
        timer = opened.loop().schedule(REQUEST_LIMIT, () -> {
            if (!asked) {
                opened.abort();
            }
        });
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        for (int i = offset; i < offset + length && !refused; i++) {
            if (octets[i] == '\n') {
                line();
            } else if (part.size() >= ControlRequest.LINE_MAX) {
                refuse("the request is too long");
            } else {
                part.write(octets[i]);
            }
        }
        if (lines.size() > LINES_MAX && !paused) {
            paused = true;
            Objects.requireNonNull(wire).pauseReading();
        }
    }

    private void line() {
        byte[] line = part.toByteArray();
        part.reset();
        if (!asked) {
            asked = true;
            ask(line);
        } else {
            refused = !lines.offer(line);
            if (refused) {
                Objects.requireNonNull(wire).abort();
            }
        }
    }

    private void ask(byte[] line) {
        try {
            ControlRequest read = JSON.readValue(line, ControlRequest.class);
            Objects.requireNonNull(read.command());
            world.tasks().start("control " + read.command(), () -> answer(read));
        } catch (JacksonException | NullPointerException e) {
            refuse("not a request");
        }
    }

    private void refuse(String why) {
        asked = true;
        refused = true;
        Wire to = Objects.requireNonNull(wire);
        byte[] line = json(ControlEnd.wrong(why));
        to.write(line, 0, line.length);
        to.flush();
        to.close();
    }

    /** On the task. */
    private void answer(ControlRequest read) {
        Answer answer = new Answer();
        try {
            ControlEnd end = handler.handle(read, answer);
            answer.end(end);
        } catch (ClientGone e) {
            Wire to = Objects.requireNonNull(wire);
            to.loop().execute(to::abort);
        }
    }

    /** Rows are gathered into chunks; the next chunk waits until the client took the one before. The first goes at once. */
    private final class Answer implements Rows {
        private static final Duration FLUSH = Duration.ofMillis(100);
        private static final Duration PROGRESS = Duration.ofSeconds(1);

        private final ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        private long sent = world.clock().nanos() - FLUSH.toNanos();
        private long told = world.clock().nanos();
        private long looked;

        @Override
        public void row(Object row) {
            chunk.writeBytes(json(Map.of("row", row)));
            if (chunk.size() >= CHUNK || isOver(sent, FLUSH)) {
                flush(false);
            }
        }

        @Override
        public void progress(long looking, long done) {
            if (closed) {
                throw new ClientGone();
            }
            looked = Math.max(looked, looking);
            if (isOver(told, PROGRESS)) {
                told = world.clock().nanos();
                chunk.writeBytes(json(Map.of("progress", Map.of("looked", looked, "done", done))));
            }
            if (chunk.size() > 0 && isOver(sent, FLUSH)) {
                flush(false);
            }
        }

        @Override
        public byte @Nullable [] line() {
            if (chunk.size() > 0) {
                flush(false);
            }
            byte[] line = lines.poll(closed ? Duration.ZERO : ANSWER_LIMIT);
            if (line == null) {
                throw new ClientGone();
            }
            if (lines.size() == 0) {
                Wire from = Objects.requireNonNull(wire);
                from.loop().execute(() -> {
                    if (paused && !closed) {
                        paused = false;
                        from.resumeReading();
                    }
                });
            }
            return line;
        }

        void end(ControlEnd end) {
            chunk.writeBytes(json(end));
            flush(true);
        }

        private void flush(boolean last) {
            send(chunk.toByteArray(), last);
            chunk.reset();
            sent = world.clock().nanos();
        }

        private boolean isOver(long since, Duration time) {
            return world.clock().nanos() - since >= time.toNanos();
        }
    }

    private void send(byte[] octets, boolean last) {
        Wire to = Objects.requireNonNull(wire);
        Tasks.Promise<Boolean> promise = world.tasks().promise();
        to.loop().execute(() -> {
            if (closed) {
                promise.complete(false);
                return;
            }
            taken = promise;
            to.write(octets, 0, octets.length);
            to.flush();
            if (last) {
                to.close();
            }
            if (last || to.unsent() == 0) {
                promise.complete(true);
            }
        });
        if (!promise.await(ANSWER_LIMIT).orElse(false)) {
            throw new ClientGone();
        }
    }

    private static byte[] json(Object value) {
        return (JSON.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void writable() {
        Tasks.Promise<Boolean> waiting = taken;
        if (waiting != null) {
            waiting.complete(true);
        }
    }

    @Override
    public void secured(TlsFacts facts) {
        throw new IllegalStateException("TLS on the control socket");
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        closed = true;
        lines.close();
        Loop.Timer armed = timer;
        if (armed != null) {
            armed.cancel();
        }
        Tasks.Promise<Boolean> waiting = taken;
        if (waiting != null) {
            waiting.complete(false);
        }
        gone.run();
    }

    /** Ends the work for a client who is not there any more. */
    private static final class ClientGone extends RuntimeException {
        private static final long serialVersionUID = 1;

        private ClientGone() {
            super("client gone", null, false, false);
        }
    }
}
