package org.hikyaku.world;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Connections, in and out. */
public interface Net {
    /**
     * Listens on {@code endpoint}. For each connection {@code acceptor} is called on the wire's loop before any byte is
     * read, and gives the handler of that wire.
     *
     * <p><i>Failure:</i> {@link IOException} names the endpoint when it cannot be bound.
     *
     * @param backlog how many connections the kernel may hold for us
     */
    Listener listen(Endpoint endpoint, int backlog, Function<Wire, WireHandler> acceptor) throws IOException;

    /**
     * As {@link #listen}, on a socket that every user of this host may connect to; its directory says who comes that far.
     *
     * <p><i>Failure:</i> also when others than we and root may put a socket of their own in its place.
     */
    Listener listenToUsers(Endpoint.Unix socket, int backlog, Function<Wire, WireHandler> acceptor) throws IOException;

    /**
     * The name of a user of this host, or his number where he has none. May keep its thread for long: for dedicated tasks only.
     *
     * <p><i>Failure:</i> {@link IOException} when the host's list of users does not answer.
     */
    String userName(int uid) throws IOException;

    /**
     * Begins a connection; never blocks. {@code handler} hears {@link WireHandler#opened} or {@link WireHandler#closed}
     * (with the cause) on a loop chosen here, at the latest after {@code limit}.
     *
     * @param source the local address to use, or empty
     */
    Connecting connect(Endpoint target, Optional<InetSocketAddress> source, Duration limit, WireHandler handler);

    /** The addresses of this host's interfaces, loopback included: an MX that points at one of them is a loop. */
    Set<InetAddress> ownAddresses();

    /** Takes a loop for work that belongs to no wire. */
    Loop loop();

    /** A connection that is being made. */
    interface Connecting {
        /**
         * Gives it up, from any thread: nothing was sent over it, nothing of it is left, and its handler hears
         * {@link WireHandler#closed}. Once the connection is there, this does nothing or ends it.
         */
        void cancel();
    }

    /** A place to listen on. */
    interface Listener {
        /** The bound endpoint: with the port that was chosen when 0 was asked. */
        Endpoint endpoint();

        /** Accepts no more; wires that are open stay. */
        void close();
    }
}
