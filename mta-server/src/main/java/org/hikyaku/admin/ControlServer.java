package org.hikyaku.admin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Net;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;

/**
 * The control socket: a Unix socket in a directory of mode 0750, so that who may enter it may command the server.
 *
 * <p><i>Failure:</i> a socket that cannot be bound stops the start; a client that is slow, mute or too many is dropped,
 * nothing else suffers.
 */
public final class ControlServer {
    private static final int BACKLOG = 16;
    private static final int CLIENTS_MAX = 16;

    private final World world;
    private final ControlHandler handler;
    private final AtomicInteger clients = new AtomicInteger();
    private final Net.Listener listener;

    private ControlServer(World world, Path socket, ControlHandler handler) throws IOException {
        this.world = world;
        this.handler = handler;
        this.listener = world.net().listen(new Endpoint.Unix(socket), BACKLOG, this::accept);
    }

    /** Listens. A socket that a dead server left is taken away by the net; any other file of that name is an error. */
    public static ControlServer open(World world, Path socket, ControlHandler handler) throws IOException {
        Path directory = Objects.requireNonNull(socket.getParent(), "the control socket has no directory");
        world.disk().makeDirectories(directory);
        return new ControlServer(world, socket, handler);
    }

    /** Takes no more requests; those under way finish. */
    public void close() {
        listener.close();
    }

    private WireHandler accept(Wire wire) {
        boolean room = clients.incrementAndGet() <= CLIENTS_MAX;
        return new ControlSession(world, handler, room, clients::decrementAndGet);
    }
}
