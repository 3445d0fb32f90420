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
 * One client of the control socket: one request line, its rows, its end.
 *
 * <p><i>Failure:</i> a request that is no request is answered so; a client that says nothing for ten seconds, or does not
 * take its answer for a minute, is dropped and its task ends.
 */
final class ControlSession implements WireHandler {
    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(10);
    private static final Duration ANSWER_LIMIT = Duration.ofMinutes(1);
    private static final int CHUNK = 32 * 1024;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final World world;
    private final ControlHandler handler;
    private final boolean room;
    private final Runnable gone;
    private final ByteArrayOutputStream request = new ByteArrayOutputStream();
    private @Nullable Wire wire;
    private Loop.@Nullable Timer timer;
    private Tasks.@Nullable Promise<Boolean> taken;
    private boolean asked;
    private boolean closed;

    ControlSession(World world, ControlHandler handler, boolean room, Runnable gone) {
        this.world = world;
        this.handler = handler;
        this.room = room;
        this.gone = gone;
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
        for (int i = offset; i < offset + length && !asked; i++) {
            if (octets[i] == '\n') {
                asked = true;
                ask();
            } else if (request.size() >= ControlRequest.LINE_MAX) {
                asked = true;
                refuse("the request is too long");
            } else {
                request.write(octets[i]);
            }
        }
    }

    private void ask() {
        try {
            ControlRequest read = JSON.readValue(request.toByteArray(), ControlRequest.class);
            Objects.requireNonNull(read.command());
            world.tasks().start("control " + read.command(), () -> answer(read));
        } catch (JacksonException | NullPointerException e) {
            refuse("not a request");
        }
    }

    private void refuse(String why) {
        Wire to = Objects.requireNonNull(wire);
        byte[] line = line(ControlEnd.failed(why));
        to.write(line, 0, line.length);
        to.flush();
        to.close();
    }

    /** On the task: rows are gathered into chunks, and the next chunk waits until the client took the one before. */
    private void answer(ControlRequest read) {
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        try {
            ControlEnd end = handler.handle(read, row -> {
                chunk.writeBytes(line(Map.of("row", row)));
                if (chunk.size() >= CHUNK) {
                    send(chunk.toByteArray(), false);
                    chunk.reset();
                }
            });
            chunk.writeBytes(line(end));
            send(chunk.toByteArray(), true);
        } catch (ClientGone e) {
            Wire to = Objects.requireNonNull(wire);
            to.loop().execute(to::abort);
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

    private static byte[] line(Object value) {
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
